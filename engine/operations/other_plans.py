"""Another plan that comes to lead for a child while the CAF is open: linked, never doubled; what goes on is agreed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa

from engine.casework.facts import LINKED_PLANS
from engine.errors import Conflict, Invalid
from engine.operations.action_plans import current_plan
from engine.operations.plan_changes import settle_actions
from engine.operations.plan_versions import keep_version
from engine.operations.reading import as_id, day, rows, text
from engine.store.tables.record import cases, plan_actions
from engine.work import Work

NONE: Final = "none"
PASSED: Final = "Passed to the other plan"


def record_other_plan(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Link the plan that leads for the child now, or keep that none leads any more; gives back `linked_plan`.

    Raises `Invalid` for a plan that is not on the list, `Conflict` when nothing would be different.
    """
    plan, worker = text(answers, "linked_plan"), text(answers, "key_worker")
    if plan not in LINKED_PLANS:
        raise Invalid("Choose the plan from the list", field="linked_plan")
    before = work.connection.execute(
        sa.select(cases.c.linked_plan, cases.c.key_worker).where(cases.c.id == work.case.id)
    ).one()
    values = {"linked_plan": plan, "key_worker": "" if plan == NONE else worker}
    if (before.linked_plan, before.key_worker) == (values["linked_plan"], values["key_worker"]):
        raise Conflict("This is written down already", case_id=work.case.id)
    work.connection.execute(sa.update(cases).where(cases.c.id == work.case.id).values(**values))
    work.changed()
    since = day(answers, "since_on", work.today)
    detail = {"plan": plan, "was": before.linked_plan}
    work.record("other_plan_recorded", detail=detail, payload={"why": text(answers, "how_known")}, effective_on=since)
    return {"linked_plan": plan}


def settle_with_other_plan(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep what of this plan goes on beside the one that leads; gives back `plan_with_other` as close or goes_on.

    Actions that the other plan takes over, or that stop, are closed here with the reason. Raises `Invalid` naming the
    row for what stops without a reason, and when the plan closes with actions that nobody takes over.
    """
    decision, why, view = (text(answers, name) for name in ("plan_with_other", "why", "family_view"))
    plan = current_plan(work)
    given = [_as_settled(row) for row in rows(answers, "actions_now")]
    settled = 0 if plan is None else settle_actions(work, plan, given).dropped
    if decision == "close" and plan is not None and _still_open(work, given):
        raise Invalid("Say of each action whether the other plan takes it over or it stops", field="actions_now")
    if plan is not None and settled:
        keep_version(work, plan)
    told = day(answers, "told_on", work.today)
    payload = {"why": why, "family_view": view}
    work.record("plan_beside_other", detail={"decision": decision, "ended": settled, "told_on": told}, payload=payload)
    return {"plan_with_other": decision}


def _as_settled(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row in the words of a change of the plan: what another plan takes over is given up here."""
    if text(row, "becomes") != "passed":
        return dict(row)
    why = text(row, "why")
    return {**row, "becomes": "dropped", "why": f"{PASSED}: {why}" if why else PASSED}


def _still_open(work: Work, given: list[dict[str, Any]]) -> bool:
    """Tell whether an action that was asked about goes on: what came on the plan since is for the closing to say."""
    asked = [as_id(row.get("action_id"), "actions_now") for row in given]
    still = plan_actions.c.id.in_(asked) & plan_actions.c.closed_on.is_(None) & (plan_actions.c.case_id == work.case.id)
    return work.connection.execute(sa.select(plan_actions.c.id).where(still).limit(1)).first() is not None
