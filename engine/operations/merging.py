"""Two open CAFs of one child: one plan goes on, the other case closes with a link; both records stay whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.errors import Conflict, Invalid
from engine.operations.action_plans import current_plan, open_plan
from engine.operations.closures import close_record, refuse_at_risk
from engine.operations.consent_cover import covered, draw_back, require_covered
from engine.operations.families_merged import carry_family
from engine.operations.lead_professionals import appoint_lead_professional
from engine.operations.messages import tell_members
from engine.operations.overlaps import look_for_overlaps
from engine.operations.reading import as_person, person, text
from engine.operations.team import join_team
from engine.store import locking, people
from engine.store.tables.changes import case_links
from engine.store.tables.record import (
    case_members,
    lead_professionals,
    plan_actions,
    plan_outcomes,
)
from engine.work import Work, open_work

_COPIED = ("action", "help", "owner_id", "due_on", "first_due_on", "progress", "progress_on")

_WHOM_TO_RING: Final = (
    "Your tasks on it are gone, and one plan goes on: ring {whom}, who may need to hear what you know."
)
_NO_CONSENT: Final = (
    "The plan that goes on needs the consent of the family to information being shared. "
    "Choose the other plan, or record their consent on this one first"
)


def propose_merge(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep that two CAFs of a child should become one; gives back `other_case`, a case's id.

    Raises `Invalid` for a case that is closed, another authority's, or this one.
    """
    other = _other(work, answers.get("other_case"))
    work.record("merge_proposed", detail={"other": str(other.case.id)}, payload={"why": text(answers, "why")})
    return {"other_case": str(other.case.id)}


def record_merge_answer(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep whether the family agrees to one plan; gives back `merge_agreed` as yes or no."""
    agrees = "yes" if text(answers, "merge_agreed") == "yes" else "no"
    work.record("merge_answered", detail={"answer": agrees}, payload={"why": text(answers, "family_view")})
    return {"merge_agreed": agrees}


def decide_merge(work: Work, answers: Mapping[str, Any], variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep which plan goes on and who leads it; gives back `continues` (this or other) and `merged_lead`.

    The variable `other_case` names the other case. Raises `Invalid` while a concern is open on the one that would
    close or the family lets nothing be shared on the other, `Conflict` when one of the two has closed since.
    """
    continues = "other" if text(answers, "continues") == "other" else "this"
    other = _other(work, variables.get("other_case"))
    closing, staying = (work, other) if continues == "other" else (other, work)
    refuse_at_risk(closing, "continues")
    if staying.facts()["consent"] not in ("given", "limited"):
        raise Invalid(_NO_CONSENT, field="continues")
    lead = person(work, answers, "merged_lead")
    require_covered(staying, [lead], "merged_lead")
    work.record("merge_decided", subject=lead, detail={"continues": continues})
    return {"continues": continues, "merged_lead": str(lead)}


def merge_cases(work: Work, inputs: Mapping[str, Any], variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Close one case into the other: open actions go over with their dates and owners, the team and the family too.

    Takes `other_case`, `continues` and `merged_lead`. Raises `Invalid` when the other case has closed since or one
    of the two has an open concern.
    """
    known = {**variables, **inputs}
    other = _other(work, known.get("other_case"))
    closing, staying = (work, other) if known.get("continues") == "other" else (other, work)
    moved = _copy_actions(closing, staying)
    chosen = as_person(known.get("merged_lead"), "merged_lead")
    led = [_lead(closing), *([_lead(staying)] if _lead(staying) != chosen else [])]
    joining = [*moved, *_team(closing), *(each for each in led if each is not None)]
    join_team(staying, covered(staying, joining), checked=True)
    if _lead(staying) != chosen:
        appoint_lead_professional(staying, {"lead_professional": chosen}, {}, stays=True)
    draw_back(staying)  # an action that came over may be somebody's whom this child's consent leaves out
    beside = carry_family(closing, staying)
    _link(closing, staying)
    closing.record("case_merged_into", detail={"other": str(staying.case.id)})
    staying.record("case_merged_from", detail={"other": str(closing.case.id), "actions": len(moved)})
    _tell_who_stays_behind(closing, staying)
    close_record(closing, {"closure_reason": "merged"}, {})
    tell_members(staying, {"subject": "Two plans for a child have become one"}, {})
    work.also.extend([other, *beside])
    return {}


def _other(work: Work, value: Any) -> Work:
    """Return an act on the other case within this one, its row locked."""
    try:
        other_id = UUID(str(value))
    except ValueError as error:
        raise Invalid("Choose the other CAF from the list", field="other_case") from error
    if other_id == work.case.id:
        raise Invalid("Choose the other CAF, not this one", field="other_case")
    line = locking.another(work.connection, other_id, after=work.case.id)
    if line.authority_id != work.authority.id:
        raise Invalid("Choose the other CAF from the list", field="other_case")
    if line.closed or work.case.closed:
        raise Conflict("One of the two cases has closed, so there is nothing to bring together", case_id=other_id)
    return open_work(work.engine, work.connection, line, actor=work.actor, at=work.at)


def _copy_actions(closing: Work, staying: Work) -> list[UUID]:
    """Copy the open actions and their outcomes to the plan that goes on; return their owners."""
    rows = closing.connection.execute(
        sa.select(plan_actions, plan_outcomes.c.outcome)
        .outerjoin(plan_outcomes, plan_outcomes.c.id == plan_actions.c.outcome_id)
        .where(plan_actions.c.case_id == closing.case.id, plan_actions.c.closed_on.is_(None))
        .order_by(plan_actions.c.due_on, plan_actions.c.id)
    ).all()
    if rows:
        plan = current_plan(staying) or open_plan(staying)
        outcomes = {text_: _outcome(staying, plan, text_) for text_ in dict.fromkeys(row.outcome for row in rows)}
        copies = [
            {
                **{name: row._mapping[name] for name in _COPIED},
                "id": staying.engine.ids.new(),
                "authority_id": staying.authority.id,
                "case_id": staying.case.id,
                "plan_id": plan,
                "outcome_id": outcomes[row.outcome],
            }
            for row in rows
        ]
        staying.connection.execute(sa.insert(plan_actions), copies)
        staying.changed()
        look_for_overlaps(staying, {copy["id"] for copy in copies})
    return [row.owner_id for row in rows]


def _outcome(staying: Work, plan: UUID, outcome: str | None) -> UUID | None:
    if outcome is None:
        return None
    known = sa.select(plan_outcomes.c.id).where(plan_outcomes.c.plan_id == plan, plan_outcomes.c.outcome == outcome)
    found = staying.connection.execute(known.limit(1)).scalar()
    if found is None:
        found = staying.engine.ids.new()
        row = {"id": found, "authority_id": staying.authority.id, "plan_id": plan, "case_id": staying.case.id}
        staying.connection.execute(sa.insert(plan_outcomes).values(**row, outcome=outcome))
    return found


def _team(closing: Work) -> list[UUID]:
    team = sa.select(case_members.c.practitioner_id).where(
        case_members.c.case_id == closing.case.id, case_members.c.role == "member", case_members.c.to_on.is_(None)
    )
    return list(closing.connection.execute(team.order_by(case_members.c.id)).scalars())


def _tell_who_stays_behind(closing: Work, staying: Work) -> None:
    """Tell who led, assessed or was of the team of the case that closes and is not of the other: their tasks go."""
    assessor = closing.facts()["assessor"]
    lead = _lead(closing)
    theirs = [*([] if lead is None else [lead]), *([UUID(assessor)] if assessor else []), *_team(closing)]
    there = {_lead(staying), *_team(staying)}
    told = [each for each in dict.fromkeys(theirs) if each not in there]
    subject = "A case you work on has become one with another of the same child"
    whom = "" if staying.case.restricted else people.contact(staying.connection, _lead(staying))
    for each in told:
        closing.send(each, subject=subject, body=_WHOM_TO_RING.format(whom=whom or "a coordinator"))
    if told:
        closing.record("members_told", detail={"members": len(told), "who": told})


def _link(closing: Work, staying: Work) -> None:
    closing.connection.execute(
        sa.insert(case_links).values(
            id=closing.engine.ids.new(),
            authority_id=closing.authority.id,
            case_id=closing.case.id,
            linked_id=staying.case.id,
            kind="merged",
            linked_on=closing.today,
        )
    )


def _lead(work: Work) -> UUID | None:
    current = (lead_professionals.c.case_id == work.case.id) & lead_professionals.c.to_on.is_(None)
    return work.connection.execute(sa.select(lead_professionals.c.practitioner_id).where(current)).scalar()
