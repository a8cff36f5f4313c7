"""Before a common assessment: is one needed, and is there another plan for the child already?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa

from engine.errors import Invalid
from engine.operations.concerns import put_concern
from engine.operations.reading import text
from engine.store import people
from engine.store.overlapping_cases import overlapping_cases
from engine.store.tables.record import cases
from engine.work import Work

QUESTIONS: Final = (
    "healthy", "safe", "learning", "positive_impact", "free_from_poverty", "services_needed", "can_provide",
    "harm_suspected",
)  # fmt: skip
"""What the rules `caf_needed` ask of the pre-assessment checklist."""
_NO_PLAN: Final = "none"
_REASONS: Final = {"caf": "joined_existing", "other_plan": "other_plan_leads"}
_ANOTHER_LEADS: Final = ("other_plan", "beside")


def record_checklist(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the pre-assessment checklist; gives back the answer to each of `QUESTIONS`, for the rules.

    And `also_about`: about which brothers and sisters a concern would be too (`concerns.put_concern`).
    """
    given = {name: text(answers, name) for name in QUESTIONS}
    work.record("checklist_answered", payload={**given, "note": text(answers, "note")})
    return {**given, "also_about": list(answers.get("also_about") or ())}


def open_concern(work: Work, _inputs: Mapping[str, Any], variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Open a safeguarding concern, with the reason that the rules gave as `caf_reason`; gives back `concern`.

    One for each brother and sister of `also_about` too.
    """
    return {"concern": put_concern(work, text(variables, "caf_reason"), variables)}


def confirm_no_caf(work: Work, answers: Mapping[str, Any], variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep whether the practitioner agrees that no common assessment is needed.

    Gives back `confirmed`, and as `closure_reason` the variable `caf_route`, null when the case goes on.
    """
    confirmed = text(answers, "confirmed")
    work.record("no_caf_confirmed", detail={"confirmed": confirmed}, payload={"why": text(answers, "why")})
    route = text(variables, "caf_route")
    return {"confirmed": confirmed, "closure_reason": route if confirmed == "yes" else None}


def record_existing(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep what the search for another plan found, and link the plan that leads; gives back `found`.

    When there is one, `closure_reason` too: the case ends, it is never doubled. With `beside` it goes on beside the
    plan that leads, for what that one does not hold, and the reason is kept: `found` is then none, as nothing takes
    this case's place. Of a common assessment there is already, it is kept whether who leads it knows; with `message`
    the service tells them. Raises `Invalid` when it cannot, as it does not know that case.
    """
    found = text(answers, "found")
    if found in _ANOTHER_LEADS:
        linked = {"linked_plan": text(answers, "linked_plan") or _NO_PLAN, "key_worker": text(answers, "key_worker")}
        work.connection.execute(sa.update(cases).where(cases.c.id == work.case.id).values(**linked))
        work.changed()
    why = text(answers, "why_beside") or text(answers, "why_not_told")
    told = {"lead_told": _tell_its_lead(work, text(answers, "lead_told"))} if found == "caf" else {}
    kept = {"where": text(answers, "where"), "why": why}
    work.record("search_recorded", detail={"found": found, **told}, payload=kept)
    if found in _REASONS:
        return {"found": found, "closure_reason": _REASONS[found]}
    return {"found": _NO_PLAN}


def _tell_its_lead(work: Work, answer: str) -> str:
    """Ask who leads the child's other case to ring who acts, when the answer says so; give the answer back.

    The message holds nothing of the child or the family: they lead that case already, and hear the rest by telephone.
    """
    if answer != "message":
        return answer
    known = overlapping_cases(work.connection, work.authority.id, work.case.id)
    own = work.actor.practitioner_id if work.actor else None
    wanted = {(each.answerable, each.id) for each in known if each.sure and each.answerable not in (None, own)}
    if not wanted:
        raise Invalid("This service does not know who leads that plan. Tell them yourself", field="lead_told")
    asks = people.contact(work.connection, own) or "the team"
    for lead, case_id in sorted(wanted):
        work.send(
            lead,
            subject="Somebody else was asked to support a child whose plan you lead",
            body=f"They found your plan and began no second one. Ring {asks}, who will tell you what they know.",
            about=case_id,
        )
    return answer
