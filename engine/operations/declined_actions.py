"""An action of the plan that whoever has it cannot do: never without an owner, and then with somebody who does it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.errors import Conflict, Invalid
from engine.operations.consent_cover import require_known
from engine.operations.reading import as_id, person, text
from engine.operations.team import join_team
from engine.store.tables.record import plan_actions
from engine.store.tables.running import instances, user_tasks
from engine.work import Work

PROCESS: Final = "action_declined"


def decline_action(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give an open action that its owner cannot do to the lead professional, due as before.

    Gives back `action`, `declined_by` and `finder` (ids as text): the lead professional looks for somebody else, their
    line manager for an action of the lead's own, which stays theirs. Raises `Invalid` for an action that is not open,
    or is neither the actor's own nor, for the lead and managers, somebody's of the team; and without a reason.
    """
    chosen, why = _open_action(work, as_id(answers.get("action"), "action")), text(answers, "why")
    if chosen is None:
        raise Invalid("This action is finished, or not of this plan: choose another", field="action")
    if not why:
        raise Invalid("Say why it cannot be done", field="why")
    if _is_sought(work, chosen.id):
        raise Invalid("This was said already, and somebody is asked who does it instead", field="action")
    facts = work.facts()
    lead = UUID(facts["lead_professional"]) if facts["lead_professional"] else None
    manager = facts["line_manager"]
    _require_own(work, chosen.owner_id, lead, manager)
    if lead is not None and lead != chosen.owner_id:
        _give(work, chosen.id, lead)
        work.send(lead, subject="An action of a plan you lead was declined, and is yours for now")
    finder = str(lead) if lead is not None and lead != chosen.owner_id else manager
    work.record(
        "action_declined", subject=chosen.owner_id, detail={"action": chosen.id, "due_on": chosen.due_on},
        payload={"why": why},
    )  # fmt: skip
    return {"action": str(chosen.id), "declined_by": str(chosen.owner_id), "finder": finder}


def find_action_owner(work: Work, answers: Mapping[str, Any], variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep who does a declined action instead; gives back `owner_found`. Raises as `settle_action`."""
    found = text(answers, "owner_found")
    _settle(work, answers, variables, found, field="owner_found")
    return {"owner_found": found}


def settle_action(work: Work, answers: Mapping[str, Any], variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep what the managers settled about an action that nobody else was found for; gives back nothing.

    Raises `Invalid` without who does it, and for the lead professional while nobody leads.
    """
    _settle(work, answers, variables, text(answers, "settled"), field="settled")
    return {}


def _settle(work: Work, answers: Mapping[str, Any], variables: Mapping[str, Any], found: str, *, field: str) -> None:
    action = _open_action(work, as_id(variables.get("action"), "action"))
    detail: dict[str, Any] = {"found": found}
    owner = person(work, answers, "owner") if found == "passed_on" else None
    if action is None:
        # Somebody finished it meanwhile: nothing is left to settle.
        work.record("action_settled", detail={"found": "finished"}, payload={"why": text(answers, "why")})
        return
    if found == "lead_does_it":
        lead = work.facts()["lead_professional"]
        if lead is None:
            raise Invalid("Nobody leads this plan now: say who else does it, or find a lead first", field=field)
        if UUID(lead) != action.owner_id:
            _give(work, action.id, UUID(lead))
            detail["to"] = lead
    if owner is not None:
        require_known(work, {"owner": owner})
        _give(work, action.id, owner)
        join_team(work, [owner], field="owner")
        work.send(owner, subject="An action of a plan is yours")
        detail["to"] = str(owner)
    if found == "not_needed":
        closed = {"closed_on": work.today, "dropped_why": text(answers, "why") or "The family does without it"}
        work.connection.execute(sa.update(plan_actions).where(plan_actions.c.id == action.id).values(**closed))
        work.changed()
    work.record("action_settled", subject=action.id, detail=detail, payload={"why": text(answers, "why")})


def _require_own(work: Work, owner: UUID, lead: UUID | None, manager: str | None) -> None:
    """Let nobody decline what is another's to do but who leads, manages or coordinates."""
    if work.actor is None:
        raise Conflict("Somebody has to say that an action cannot be done", case_id=work.case.id)
    me = work.actor.practitioner_id
    above = "coordinator" in work.actor.roles or owner in work.actor.manages or str(me) == manager
    if me not in (owner, lead) and not above:
        raise Invalid("This action is somebody else's: ask them, or who leads the plan", field="action")


def _is_sought(work: Work, action_id: UUID) -> bool:
    """Tell whether somebody is asked already who does a declined action."""
    asked = (
        sa.select(user_tasks.c.id)
        .join(instances, instances.c.id == user_tasks.c.instance_id)
        .where(
            user_tasks.c.case_id == work.case.id,
            user_tasks.c.state == "open",
            instances.c.process_key == PROCESS,
            user_tasks.c.variables["action"].as_string() == str(action_id),
        )
    )
    return work.connection.execute(asked.limit(1)).first() is not None


def _open_action(work: Work, action_id: UUID) -> Any:
    """Return an action of the case that is not finished, or None."""
    return work.connection.execute(
        sa.select(plan_actions.c.id, plan_actions.c.owner_id, plan_actions.c.due_on).where(
            plan_actions.c.id == action_id,
            plan_actions.c.case_id == work.case.id,
            plan_actions.c.closed_on.is_(None),
        )
    ).first()


def _give(work: Work, action_id: UUID, owner: UUID) -> None:
    work.connection.execute(sa.update(plan_actions).where(plan_actions.c.id == action_id).values(owner_id=owner))
    work.changed()
