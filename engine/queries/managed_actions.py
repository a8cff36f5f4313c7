"""Late actions of the people somebody manages, on plans that are not open to them: the action, and no more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.process_engine import ProcessEngine
from engine.queries import visibility
from engine.queries.due_states import last_overdue_day
from engine.queries.view import View, viewing
from engine.store.tables.people import practitioners
from engine.store.tables.record import cases, plan_actions

LONGEST: Final = 100


@dataclass(frozen=True, slots=True)
class ManagedAction:
    """An action that is late: what was promised, by whom, for which day, `days` working days ago.

    Neither child nor plan is named: the manager answers for the work of their own people, and the plan is the team's.
    """

    action_id: UUID
    action: str
    owner: str
    due_on: date
    days: int


def late(engine: ProcessEngine, *, actor: Actor) -> tuple[ManagedAction, ...]:
    """Return the late actions of whom the actor manages, the latest first, on plans that they may not see themselves.

    Those of a plan that they see stand on it, and on the overdue board. Of a restricted case nothing is here.
    """
    with viewing(engine, actor) as view:
        return late_in(view)


def late_in(view: View) -> tuple[ManagedAction, ...]:
    """Return the same on a view that is open."""
    actor = view.actor
    if not actor.manages:
        return ()
    rows = view.connection.execute(
        sa.select(plan_actions, practitioners.c.name.label("owner"))
        .join(practitioners, practitioners.c.id == plan_actions.c.owner_id)
        .join(cases, cases.c.id == plan_actions.c.case_id)
        .where(
            plan_actions.c.authority_id == actor.authority_id,
            plan_actions.c.owner_id.in_(sorted(actor.manages)),
            plan_actions.c.closed_on.is_(None),
            plan_actions.c.due_on <= last_overdue_day(view.today, view.authority.calendar),
            cases.c.closed_on.is_(None),
            visibility.unrestricted(plan_actions.c.case_id),
        )
        .order_by(plan_actions.c.due_on, plan_actions.c.id)
        .limit(LONGEST)
    ).all()
    seen = visibility.visible(view, [row.case_id for row in rows])
    return tuple(
        ManagedAction(row.id, row.action, row.owner, row.due_on, view.due(row.due_on).days or 0)
        for row in rows
        if row.case_id not in seen
    )
