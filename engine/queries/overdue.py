"""The overdue board: one row a child, every reason on it, the most pressing first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries import late, visibility, words
from engine.queries.due_states import STATES, State, worst
from engine.queries.late import Late
from engine.queries.view import View, viewing
from engine.store import relations
from engine.store.tables.people import practitioners
from engine.store.tables.record import cases, children, lead_professionals, manager_discussions


@dataclass(frozen=True, slots=True, kw_only=True)
class OverdueRow:
    """A child whose plan needs somebody. `doing` is what the line manager says is being done, empty when nothing.

    `days` is how many working days the longest of its reasons has lasted.
    """

    case_id: UUID
    reference: str
    child_name: str
    state: State
    days: int
    reasons: tuple[str, ...]
    lead_name: str | None
    doing: str


def board(engine: ProcessEngine, *, actor: Actor) -> tuple[OverdueRow, ...]:
    """Return every open case the actor may see that is late or escalated: worst first, then longest.

    Raises `NotPermitted` for roles that have no board.
    """
    if not permissions.may_see_overdue(actor):
        raise NotPermitted("Your role does not include the overdue board")
    with viewing(engine, actor) as view:
        found = late.of_cases(view, visibility.within_reach(actor))
        seen = visibility.visible(view, list(found))
        about = _about(view, [case_id for case_id in found if case_id in seen])
        rows = [_row(view, row, found[row.id]) for row in about]
    return tuple(sorted(rows, key=lambda row: (STATES.index(row.state), -row.days, row.case_id)))


def _about(view: View, case_ids: Sequence[UUID]) -> list[Any]:
    query = sa.select(
        cases.c.id,
        cases.c.reference,
        children.c.given_name,
        children.c.family_name,
        children.c.known_as,
        practitioners.c.name.label("lead_name"),
        manager_discussions.c.next_step,
        manager_discussions.c.next_step_on,
    ).select_from(
        cases.join(children, children.c.id == cases.c.child_id)
        .outerjoin(
            lead_professionals, (lead_professionals.c.case_id == cases.c.id) & lead_professionals.c.to_on.is_(None)
        )
        .outerjoin(practitioners, practitioners.c.id == lead_professionals.c.practitioner_id)
        .outerjoin(
            manager_discussions,
            (manager_discussions.c.case_id == cases.c.id) & manager_discussions.c.ended_on.is_(None),
        )
    )
    rows: list[Any] = []
    for start in range(0, len(case_ids), relations.BATCH):
        part = case_ids[start : start + relations.BATCH]
        rows += view.connection.execute(query.where(cases.c.id.in_(part))).all()
    return rows


def _row(view: View, row: Any, reasons: Sequence[Late]) -> OverdueRow:
    by = f", by {words.day(row.next_step_on, today=view.today)}" if row.next_step_on else ""
    return OverdueRow(
        case_id=row.id,
        reference=row.reference,
        child_name=words.child_name(row.given_name, row.family_name, row.known_as),
        state=worst([reason.state for reason in reasons]),
        days=max(reason.days for reason in reasons),
        reasons=tuple(reason.sentence for reason in reasons),
        lead_name=row.lead_name,
        doing=f"{row.next_step}{by}" if row.next_step else "",
    )
