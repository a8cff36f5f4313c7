"""The plan as it stood after each act that agreed or changed it."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.forms import jsonable
from engine.store.tables.changes import plan_versions
from engine.store.tables.record import plan_actions, plan_outcomes
from engine.work import Work

_OUTCOMES: Final = (
    sa.select(*(plan_outcomes.c[name] for name in ("id", "outcome", "met_on", "dropped_on", "dropped_why")))
    .where(plan_outcomes.c.plan_id == sa.bindparam("plan"))
    .order_by(plan_outcomes.c.id)
)
_ACTIONS: Final = (
    sa.select(
        *(
            plan_actions.c[name]
            for name in ("id", "outcome_id", "action", "owner_id", "due_on", "closed_on", "dropped_why")
        )
    )
    .where(plan_actions.c.plan_id == sa.bindparam("plan"))
    .order_by(plan_actions.c.due_on, plan_actions.c.id)
)
_NEXT: Final = (
    sa.select(sa.func.coalesce(sa.func.max(plan_versions.c.number), 0) + 1)
    .where(plan_versions.c.case_id == sa.bindparam("case"))
    .scalar_subquery()
)


def keep_version(work: Work, plan: UUID) -> None:
    """Keep a plan as it stands now: its outcomes, each with its actions; those for no outcome under one without words.

    A later act never changes what is kept here.
    """
    outcomes = [dict(row._mapping) for row in work.connection.execute(_OUTCOMES, {"plan": plan})]
    actions = [dict(row._mapping) for row in work.connection.execute(_ACTIONS, {"plan": plan})]
    stands = [{**each, "actions": _of(actions, each["id"])} for each in outcomes]
    rest = _of(actions, None)
    row = {
        "id": work.engine.ids.new(),
        "authority_id": work.authority.id,
        "case_id": work.case.id,
        "plan_id": plan,
        "number": _NEXT,
        "made_by": work.actor.practitioner_id if work.actor else None,
        "made_on": work.today,
        "outcomes": jsonable([*stands, {"id": None, "outcome": "", "actions": rest}] if rest else stands),
    }
    work.connection.execute(sa.insert(plan_versions).values(**row), {"case": work.case.id})


def _of(actions: list[dict[str, Any]], outcome: UUID | None) -> list[dict[str, Any]]:
    return [each for each in actions if each["outcome_id"] == outcome]
