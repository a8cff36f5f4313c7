"""What the record knows when a plan is looked at anew, or a family is assessed again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.queries.view import View
from engine.store.tables.record import action_plans, assessments, plan_actions, plan_outcomes

Answers = Mapping[str, Any]


def as_it_is(view: View, case_id: UUID) -> Answers:
    """Give a row for each outcome that is not settled and each action that is not finished, going on as it is."""
    outcomes = view.connection.execute(
        sa.select(plan_outcomes.c.id)
        .join(action_plans, action_plans.c.id == plan_outcomes.c.plan_id)
        .where(
            action_plans.c.case_id == case_id,
            action_plans.c.ended_on.is_(None),
            plan_outcomes.c.met_on.is_(None),
            plan_outcomes.c.dropped_on.is_(None),
        )
        .order_by(plan_outcomes.c.id)
    ).scalars()
    actions = view.connection.execute(
        sa.select(plan_actions.c.id)
        .where(plan_actions.c.case_id == case_id, plan_actions.c.closed_on.is_(None))
        .order_by(plan_actions.c.due_on, plan_actions.c.id)
    ).scalars()
    return {
        "outcomes_now": [{"outcome_id": str(id_), "becomes": "stays"} for id_ in outcomes],
        "actions_now": [{"action_id": str(id_), "becomes": "stays"} for id_ in actions],
    }


def last_assessment(view: View, case_id: UUID) -> Answers:
    """Give what the latest assessment said, to be kept where it is still true; the day is today's.

    Not who signed it: this one is still to be signed.
    """
    said = view.connection.execute(
        sa.select(assessments.c.content)
        .where(assessments.c.case_id == case_id, assessments.c.completed_on.is_not(None))
        .order_by(assessments.c.completed_on.desc(), assessments.c.id.desc())
        .limit(1)
    ).scalar()
    kept = {name: answer for name, answer in (said or {}).items() if name != "signed_by"}
    return {**kept, "completed_on": view.today.isoformat()}
