"""When escalations come in a simulated caseload, and what they make managers do. Never used by pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from engine.calendar import WorkingCalendar
from engine.clock import local_day
from engine.process_engine import ProcessEngine
from engine.store import authorities
from engine.store.tables.keeping import history
from engine.store.tables.people import authorities as authority_table
from engine.store.tables.people import line_managers
from engine.store.tables.record import cases
from engine.store.tables.running import user_tasks


@dataclass(frozen=True, slots=True)
class Timed:
    """An escalation that began on a local day, so many working days after its case was opened."""

    case_id: UUID
    on: date
    days: int
    row: str
    reason: str
    level: str


def only_calendar(engine: ProcessEngine) -> WorkingCalendar:
    """Return the calendar of the one authority of a simulated database."""
    with engine.sessions.read() as connection:
        authority_id = connection.execute(sa.select(authority_table.c.id)).scalar_one()
        return authorities.load(connection, authority_id).calendar


def escalations_timed(engine: ProcessEngine, calendar: WorkingCalendar) -> list[Timed]:
    """Return every escalation that began, in order, with its age in working days of the case."""
    query = (
        sa.select(history.c.case_id, history.c.effective_on, history.c.detail, cases.c.opened_on)
        .join(cases, cases.c.id == history.c.case_id)
        .where(history.c.kind == "escalation_begun")
        .order_by(history.c.recorded_at, history.c.case_id, history.c.seq)
    )
    with engine.sessions.read() as connection:
        rows = connection.execute(query).all()
    return [
        Timed(
            row.case_id, row.effective_on, max(0, calendar.working_days_between(row.opened_on, row.effective_on)),
            str(row.detail["row"]), str(row.detail["reason"]), str(row.detail["level"]),
        )
        for row in rows
    ]  # fmt: skip


def managers_tasks(engine: ProcessEngine, calendar: WorkingCalendar) -> list[date]:
    """Return the local day on which each task came to a line manager or to line managers as a group, in order."""
    managers = sa.select(line_managers.c.manager_id)
    theirs = sa.or_(user_tasks.c.assignee_id.in_(managers), user_tasks.c.queue == "line_managers")
    query = sa.select(user_tasks.c.opened_at).where(theirs).order_by(user_tasks.c.opened_at)
    with engine.sessions.read() as connection:
        return [local_day(at, calendar.zone) for at in connection.execute(query).scalars()]
