"""Open actions of plans as a list of work shows them: what, for whom, for what outcome, whose, by when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.queries import words
from engine.queries.due_states import State
from engine.queries.view import View
from engine.store.pauses import paused_until
from engine.store.tables.people import practitioners
from engine.store.tables.record import action_plans, cases, children, plan_actions, plan_outcomes


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRow:
    """One action of a plan. `why` says what it is for, `days` are working days late or left by the date in force.

    `since` is the day of the last word about it, of the plan when nobody has said any.
    """

    action_id: UUID
    name: str
    case_id: UUID
    child_name: str
    why: str
    assignee_id: UUID
    assignee_name: str
    due_on: date
    due_state: State
    days: int | None
    since: date
    progress: str
    paused_until: date | None


QUERY = sa.select(
    plan_actions.c.id,
    plan_actions.c.action,
    plan_actions.c.case_id,
    plan_actions.c.owner_id,
    plan_actions.c.due_on,
    plan_actions.c.first_due_on,
    plan_actions.c.progress,
    plan_actions.c.progress_on,
    action_plans.c.agreed_on,
    plan_outcomes.c.outcome,
    practitioners.c.name.label("owner"),
    children.c.given_name,
    children.c.family_name,
    children.c.known_as,
    paused_until(),
).select_from(
    plan_actions.join(cases, cases.c.id == plan_actions.c.case_id)
    .join(action_plans, action_plans.c.id == plan_actions.c.plan_id)
    .join(practitioners, practitioners.c.id == plan_actions.c.owner_id)
    .outerjoin(plan_outcomes, plan_outcomes.c.id == plan_actions.c.outcome_id)
    .outerjoin(children, children.c.id == cases.c.child_id)
)
"""Everything a row needs of one action."""


def read(view: View, action_ids: Sequence[UUID]) -> list[ActionRow]:
    """Return the rows of `action_ids`, in no order; the caller asks who may see their cases."""
    if not action_ids:
        return []
    found = view.connection.execute(QUERY.where(plan_actions.c.id.in_(list(action_ids))))
    return [build(view, row) for row in found]


def build(view: View, row: Any) -> ActionRow:
    """Make a row of what `QUERY` found."""
    due = view.due(row.due_on)
    return ActionRow(
        action_id=row.id,
        name=row.action,
        case_id=row.case_id,
        child_name=words.child_name(row.given_name or "", row.family_name or "", row.known_as or ""),
        why=_why(view, row),
        assignee_id=row.owner_id,
        assignee_name=row.owner,
        due_on=row.due_on,
        due_state=due.state,
        days=due.days,
        since=row.progress_on or row.agreed_on,
        progress=row.progress,
        paused_until=row.paused_until,
    )


def _why(view: View, row: Any) -> str:
    purpose = f"An action of the plan, so that: {row.outcome}" if row.outcome else "An action of the plan"
    moved = ""
    if row.due_on != row.first_due_on:
        moved = f" It was first promised for {words.day(row.first_due_on, today=view.today)}."
    return words.sentence(purpose) + moved
