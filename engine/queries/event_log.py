"""What happened on cases as a log for process mining: which case by a pseudonym, what, when, in which role. No names.

It holds the cases that the asker may see, and of them nothing that anybody typed. A pseudonym is made with the
installation's secret: it is the same in every log, and tells nobody which case it is who does not hold that secret.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.process_engine import ProcessEngine
from engine.queries import visibility, words
from engine.queries.stage_times import Period
from engine.queries.view import View, viewing
from engine.queries.where_cases_stand import require_figures
from engine.store.tables.keeping import history
from engine.store.tables.people import account_roles, accounts
from engine.store.tables.record import cases
from engine.store.tables.running import user_tasks

SERVICE: Final = "the service itself"
_AT_A_TIME: Final = 1_000
_TASKS: Final = {"task_completed": "completed", "task_claimed": "claimed", "task_reassigned": "given to another"}
_WITHIN: Final = ("process_moved",)
"""What the engine notes of its own steps: a task that was done says the same."""


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event: the case's pseudonym, what was done, when (local time with its offset), and in which role."""

    case: str
    activity: str
    at: datetime
    role: str


def events(engine: ProcessEngine, *, actor: Actor, period: Period) -> Iterator[LoggedEvent]:
    """Give the events of a period case by case, in order, a few held at a time.

    Raises `NotPermitted` for who answers for nobody's cases.
    """
    require_figures(actor)
    return _events(engine, actor, period)


def _events(engine: ProcessEngine, actor: Actor, period: Period) -> Iterator[LoggedEvent]:
    with viewing(engine, actor) as view:
        roles, names = _roles(view), _step_names(view)
        connection = view.connection.execution_options(yield_per=_AT_A_TIME)
        for row in connection.execute(_query(view, period)):
            yield LoggedEvent(
                case=pseudonym(engine.settings.secret_key, row.case_id),
                activity=_activity(row, names),
                at=row.recorded_at.astimezone(view.authority.zone),
                role=roles.get(row.practitioner_id, "practitioner") if row.practitioner_id else SERVICE,
            )


def pseudonym(secret: str, case_id: UUID) -> str:
    """Return what a case is called in logs: 20 characters."""
    key = hashlib.sha256(b"caf-event-log" + secret.encode()).digest()
    return hmac.digest(key, case_id.bytes, "sha256")[:10].hex()


def _query(view: View, period: Period) -> sa.Select[Any]:
    calendar = view.authority.calendar
    columns = (history.c.case_id, history.c.recorded_at, history.c.practitioner_id, history.c.kind, history.c.detail)
    return (
        sa.select(*columns)
        .join(cases, cases.c.id == history.c.case_id)
        .where(
            history.c.authority_id == view.actor.authority_id,
            cases.c.child_id.is_not(None),
            history.c.kind.not_in(_WITHIN),
            history.c.recorded_at >= calendar.start_of_day(period.from_on),
            history.c.recorded_at < calendar.start_of_day(period.to_on + timedelta(days=1)),
            visibility.seen(view, closed=True)(history.c.case_id),
        )
        .order_by(history.c.case_id, history.c.seq)
    )


def _activity(row: Any, names: Mapping[str, str]) -> str:
    element = row.detail.get("element")
    if row.kind in _TASKS and element:
        return f"{names.get(element) or words.plain(element).capitalize()}: {_TASKS[row.kind]}"
    return words.plain(row.kind).capitalize()


def _step_names(view: View) -> dict[str, str]:
    """Return the names of the steps at which there ever was a task, by their element's id."""
    own = user_tasks.c.authority_id == view.actor.authority_id
    named = sa.select(user_tasks.c.element_id, sa.func.max(user_tasks.c.name).label("name")).where(own)
    rows = view.connection.execute(named.group_by(user_tasks.c.element_id))
    return {row.element_id: view.said(row.name) for row in rows}


def _roles(view: View) -> dict[UUID, str]:
    """Return the roles that people hold now, in words; a job's title might tell who it is."""
    found: dict[UUID, set[str]] = defaultdict(set)
    rows = view.connection.execute(
        sa.select(accounts.c.practitioner_id, account_roles.c.role)
        .join(account_roles, account_roles.c.account_id == accounts.c.id)
        .where(accounts.c.authority_id == view.actor.authority_id, account_roles.c.to_on.is_(None))
    )
    for row in rows:
        found[row.practitioner_id].add(words.plain(row.role))
    return {person: ", ".join(sorted(held)) for person, held in found.items()}
