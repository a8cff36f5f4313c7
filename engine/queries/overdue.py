"""The overdue board: one row a child, every reason on it, the most pressing first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries import late, visibility, words
from engine.queries.case_links import LeadingPlan, leading_plan
from engine.queries.due_states import STATES, State, worst
from engine.queries.late import Late
from engine.queries.view import View, viewing
from engine.store.pauses import paused_until
from engine.store.tables.people import practitioners
from engine.store.tables.record import cases, children, lead_professionals, manager_discussions

MOST_ROWS: Final = 500
"""How many children one board shows: more than anybody can look after in a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OverdueRow:
    """A child whose plan needs somebody. `doing` is what the line manager says is being done, empty when nothing.

    `leading_plan` is another service's plan that leads for the child: whom the family rings first is its key worker.
    `days` is how many working days the longest of its reasons has lasted. `paused_until` is set while the plan rests:
    it stays here all the same.
    """

    case_id: UUID
    reference: str
    child_name: str
    state: State
    days: int
    reasons: tuple[str, ...]
    lead_name: str | None
    leading_plan: LeadingPlan | None
    doing: str
    paused_until: date | None


@dataclass(frozen=True, slots=True)
class Board:
    """The children whose plans need somebody most, and how many more there are."""

    rows: tuple[OverdueRow, ...]
    more: int


def board(engine: ProcessEngine, *, actor: Actor) -> Board:
    """Return the open cases the actor may see that are late or escalated: worst first, then longest; at most 500.

    Among the worst a child in danger or a concern about harm stands above what has only been late for longer.

    Raises `NotPermitted` for roles that have no board.
    """
    if not permissions.may_see_overdue(actor):
        raise NotPermitted("Your role does not include the overdue board")
    with viewing(engine, actor) as view:
        found = late.of_cases(view, visibility.within_reach(actor))
        seen = visibility.visible(view, list(found))
        ranked = sorted(seen, key=lambda case_id: (*_rank(found[case_id]), case_id))
        shown = ranked[:MOST_ROWS]
        about = {row.id: row for row in _about(view, shown)}
        rows = tuple(_row(view, about[case_id], found[case_id]) for case_id in shown)
    return Board(rows, len(ranked) - len(rows))


def _rank(reasons: Sequence[Late]) -> tuple[int, int, int]:
    return STATES.index(_state(reasons)), min(reason.harm for reason in reasons), -_days(reasons)


def _state(reasons: Sequence[Late]) -> State:
    return worst([reason.state for reason in reasons])


def _days(reasons: Sequence[Late]) -> int:
    return max(reason.days for reason in reasons)


def _about(view: View, case_ids: Sequence[UUID]) -> Sequence[Any]:
    query = sa.select(
        cases.c.id,
        cases.c.reference,
        cases.c.linked_plan,
        cases.c.key_worker,
        children.c.given_name,
        children.c.family_name,
        children.c.known_as,
        practitioners.c.name.label("lead_name"),
        manager_discussions.c.next_step,
        manager_discussions.c.next_step_on,
        paused_until(),
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
    return view.connection.execute(query.where(cases.c.id.in_(case_ids))).all()


def _row(view: View, row: Any, reasons: Sequence[Late]) -> OverdueRow:
    by = f", by {words.day(row.next_step_on, today=view.today)}" if row.next_step_on else ""
    return OverdueRow(
        case_id=row.id,
        reference=row.reference,
        child_name=words.child_name(row.given_name, row.family_name, row.known_as),
        state=_state(reasons),
        days=_days(reasons),
        reasons=tuple(reason.sentence for reason in reasons),
        lead_name=row.lead_name,
        leading_plan=leading_plan(row),
        doing=f"{row.next_step.rstrip('. ') if by else row.next_step}{by}" if row.next_step else "",
        paused_until=row.paused_until,
    )
