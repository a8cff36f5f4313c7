"""The first lead professional: chosen by the assessor, and leading only once they have said yes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from engine.errors import Conflict, Invalid
from engine.operations import handovers as proposals
from engine.operations.lead_professionals import appoint_lead_professional
from engine.operations.reading import optional_day, person, text
from engine.operations.team import join_team
from engine.store.tables.changes import handovers
from engine.work import Work


def choose_lead(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Choose who is to lead: whoever chooses themselves leads at once, anybody else is asked first.

    Gives back `nominee`, null when nobody has to be asked, and `planned_end_on`. Raises `Conflict` while another
    is asked.
    """
    chosen, until = person(work, answers, "lead_professional"), optional_day(answers, "planned_end_on")
    if work.actor is not None and chosen == work.actor.practitioner_id:
        return {**appoint_lead_professional(work, answers, {}), "nominee": None}
    if proposals.current(work) is not None:
        raise Conflict("Somebody has been asked to lead already", case_id=work.case.id)
    work.connection.execute(
        sa.insert(handovers).values(
            id=work.engine.ids.new(),
            authority_id=work.authority.id,
            case_id=work.case.id,
            proposed_by=work.actor.practitioner_id if work.actor else None,
            successor_id=chosen,
            cause="first",
            reasons=text(answers, "reasons"),
            family_view=text(answers, "family_wishes"),
            planned_on=work.today,
            proposed_on=work.today,
        )
    )
    work.changed()
    work.record("lead_nominated", subject=chosen)
    work.send(chosen, subject="You are asked to be lead professional", body=proposals.LOOK)
    return {"nominee": str(chosen), "planned_end_on": until}


def answer_lead(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep whether the person asked will lead; who accepts joins the team. Gives back `lead_answer`."""
    asked, answer = proposals.require_current(work), text(answers, "lead_answer")
    if answer == "declined":
        why = text(answers, "reason")
        proposals.keep(work, **proposals.declined(work, "successor", why))
        work.record("lead_declined", subject=asked.successor_id, payload={"why": why})
        return {"lead_answer": answer}
    proposals.keep(work, accepted_on=work.today)
    join_team(work, [asked.successor_id])
    work.record("lead_accepted", subject=asked.successor_id)
    return {"lead_answer": answer}


def appoint_nominee(work: Work, _inputs: Mapping[str, Any], variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Make whoever accepted the lead professional, until `planned_end_on` when it was said. Raises `Invalid`."""
    asked = proposals.require_current(work)
    if asked.accepted_on is None:
        raise Invalid("Whoever was asked to lead has not accepted yet")
    chosen = {
        "lead_professional": asked.successor_id,
        "family_wishes": asked.family_view,
        "reasons": asked.reasons,
        "planned_end_on": variables.get("planned_end_on"),
    }
    appointed = appoint_lead_professional(work, chosen, {})
    proposals.keep(work, ended_on=work.today)
    return appointed
