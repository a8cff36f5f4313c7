"""The action plan as a case's page shows it: outcome by outcome, actions with owner, date and progress."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.queries.view import View
from engine.store.tables.people import practitioners
from engine.store.tables.record import action_plans, plan_actions, plan_outcomes

OTHER = "Other actions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One action. `late` is about the date now in force, and never of a closed case.

    `may_update` tells whether the actor may report on it. `dropped_why` says why it was given up without being done.
    """

    action_id: UUID
    action: str
    help: str
    owner: str
    owner_id: UUID
    due_on: date
    first_due_on: date
    progress: str
    progress_on: date | None
    closed_on: date | None
    dropped_why: str
    late: bool
    may_update: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is to be better, and what is done for it; `dropped_why` says why it was given up."""

    outcome: str
    met_on: date | None
    dropped_on: date | None
    dropped_why: str
    actions: tuple[Action, ...]


def plan(view: View, case_id: UUID, *, case_open: bool) -> tuple[Outcome, ...]:
    """Return the latest plan of a case; actions for no outcome come last, under `OTHER`."""
    actions = _actions(view, case_id, case_open=case_open)
    outcomes = view.connection.execute(_OUTCOMES, {"case": case_id})
    found = [_outcome(row, actions.get(row.id, ())) for row in outcomes]
    rest = [Outcome(OTHER, None, None, "", tuple(actions[None]))] if None in actions else []
    return (*found, *rest)


def _outcome(row: Any, actions: Sequence[Action]) -> Outcome:
    return Outcome(row.outcome, row.met_on, row.dropped_on, row.dropped_why, tuple(actions))


_LATEST = (
    sa.select(action_plans.c.id)
    .where(action_plans.c.case_id == sa.bindparam("case"))
    .order_by(action_plans.c.agreed_on.desc(), action_plans.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
_OUTCOMES = sa.select(plan_outcomes).where(plan_outcomes.c.plan_id == _LATEST).order_by(plan_outcomes.c.id)
_ACTIONS = (
    sa.select(plan_actions, practitioners.c.name.label("owner"))
    .join(practitioners, practitioners.c.id == plan_actions.c.owner_id)
    .where(plan_actions.c.plan_id == _LATEST)
    .order_by(plan_actions.c.due_on, plan_actions.c.id)
)
BY_CASE: Final = (_OUTCOMES, _ACTIONS)


def _actions(view: View, case_id: UUID, *, case_open: bool) -> dict[UUID | None, list[Action]]:
    rows = view.connection.execute(_ACTIONS, {"case": case_id})
    found: dict[UUID | None, list[Action]] = defaultdict(list)
    for row in rows:
        found[row.outcome_id].append(_action(view, row, case_open=case_open))
    return dict(found)


def _action(view: View, row: Any, *, case_open: bool) -> Action:
    is_open = row.closed_on is None
    return Action(
        action_id=row.id,
        action=row.action,
        help=row.help,
        owner=row.owner,
        owner_id=row.owner_id,
        due_on=row.due_on,
        first_due_on=row.first_due_on,
        progress=row.progress,
        progress_on=row.progress_on,
        closed_on=row.closed_on,
        dropped_why=row.dropped_why,
        late=is_open and case_open and view.due(row.due_on).late,
        may_update=is_open and case_open,
    )
