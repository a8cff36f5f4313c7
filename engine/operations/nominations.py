"""The first lead professional: chosen by the assessor, and leading only once they have said yes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from engine.errors import Conflict, Invalid, NotFound
from engine.feel import Environment
from engine.operations import handovers as proposals
from engine.operations.consent_cover import require_covered, require_known
from engine.operations.lead_professionals import appoint_lead_professional
from engine.operations.lead_tasks import move_tasks
from engine.operations.messages import tell_line_manager
from engine.operations.reading import optional_day, person, rows, text
from engine.operations.team import join_team
from engine.ranking import DECISION, rank
from engine.work import Work

NAMED: Final = "name"
NOBODY: Final = "nobody"


def choose_lead(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Choose who is to lead: whoever chooses themselves leads at once, anybody else is asked first.

    The order of the candidates, as the rules explain it, is kept with the choice. With `nobody` the line managers
    confer instead. Gives back `lead_decision`, `nominee`, null when nobody has to be asked, and `planned_end_on`.
    Raises `Conflict` while another is asked.
    """
    _keep_ranking(work, rows(answers, "candidates"), _chosen(answers))
    if answers.get("nobody") is True:
        work.record("lead_not_found", payload={"why": text(answers, "reasons")})
        return {"lead_decision": NOBODY, "nominee": None}
    chosen, until = person(work, answers, "lead_professional"), optional_day(answers, "planned_end_on")
    if work.actor is not None and chosen == work.actor.practitioner_id:
        appointed = appoint_lead_professional(work, answers, {})
        return {**appointed, "nominee": None, "lead_decision": NAMED}
    _ask(work, chosen, answers)
    return {"nominee": str(chosen), "planned_end_on": until, "lead_decision": NAMED}


def confer_on_first_lead(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep what the line managers came to when nobody would lead; whom they name is asked.

    Gives back `lead_decision`, and as `choose_lead` `nominee` and `planned_end_on`.
    """
    decision, why = text(answers, "lead_decision"), text(answers, "reasons")
    work.record("lead_conferred", detail={"decision": decision}, payload={"why": why})
    if decision != NAMED:
        return {"lead_decision": decision, "nominee": None}
    chosen, until = person(work, answers, "lead_professional"), optional_day(answers, "planned_end_on")
    _ask(work, chosen, answers)
    return {"lead_decision": decision, "nominee": str(chosen), "planned_end_on": until}


def find_first_lead(work: Work, answers: Mapping[str, Any], variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep whom the coordinator found; with nobody the assessor leads for a time. Gives back as the conferring does.

    The coordinator leads when the assessor has left: a child is never without somebody to ring.
    """
    done = confer_on_first_lead(work, answers, variables)
    if done["lead_decision"] == NAMED:
        return done
    known = work.facts()["assessor"] or (str(work.actor.practitioner_id) if work.actor else None)
    stand_in = {"lead_professional": known, "planned_end_on": answers.get("until"), "interim": True}
    return {**done, **appoint_lead_professional(work, {**answers, **stand_in}, {})}


def answer_lead(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep whether the person asked will lead; who accepts joins the team. Gives back `lead_answer`."""
    asked, answer = proposals.require_current(work), text(answers, "lead_answer")
    if answer == "declined":
        why = text(answers, "reason")
        proposals.keep(work, **proposals.declined(work, "successor", why))
        work.record("lead_declined", subject=asked.successor_id, payload={"why": why})
        return {"lead_answer": answer}
    proposals.require_themselves(work, asked.successor_id, "lead_answer")
    require_known(work, {"lead_answer": asked.successor_id})
    proposals.keep(work, accepted_on=work.today)
    join_team(work, [asked.successor_id])
    work.record("lead_accepted", subject=asked.successor_id)
    return {"lead_answer": answer}


def tell_of_no_answer(work: Work, inputs: Mapping[str, Any], variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Remind whoever was asked to lead, and tell who asked them and the line manager that there is no answer yet."""
    proposals.tell_successor(work, {"subject": "Please answer whether you will lead"}, variables)
    return tell_line_manager(work, inputs, variables)


def appoint_nominee(work: Work, _inputs: Mapping[str, Any], variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Make whoever accepted the lead professional, until `planned_end_on` when it was said. Raises `Invalid`.

    What the assessor held for a lead until now goes to them, due as before.
    """
    assessor, asked = work.facts()["assessor"], proposals.require_current(work)
    if asked.accepted_on is None:
        raise Invalid("Whoever was asked to lead has not accepted yet")
    chosen = {
        "lead_professional": asked.successor_id,
        "family_wishes": asked.family_view,
        "reasons": asked.reasons,
        "planned_end_on": variables.get("planned_end_on"),
    }
    appointed = appoint_lead_professional(work, chosen, {})
    move_tasks(work, UUID(assessor) if assessor else None, asked.successor_id)
    proposals.keep(work, ended_on=work.today)
    return appointed


def _ask(work: Work, chosen: UUID, answers: Mapping[str, Any]) -> None:
    """Keep that somebody is asked to lead, and tell them. Raises `Conflict` while another is asked."""
    if proposals.current(work) is not None:
        raise Conflict("Somebody has been asked to lead already", case_id=work.case.id)
    require_covered(work, [chosen], "lead_professional")
    require_known(work, {"lead_professional": chosen})
    reasons, view = text(answers, "reasons"), text(answers, "family_wishes")
    proposals.propose(work, chosen, cause="first", planned_on=work.today, reasons=reasons, family_view=view)
    work.record("lead_nominated", subject=chosen)
    work.send(chosen, subject="You are asked to be lead professional")


def _chosen(answers: Mapping[str, Any]) -> str:
    return "" if answers.get("nobody") is True else text(answers, "lead_professional")


def _keep_ranking(work: Work, candidates: list[Mapping[str, Any]], chosen: str) -> None:
    """Write the order of the candidates, with every reason and the version of the rules; nothing without candidates."""
    if not candidates:
        return
    try:
        rules_id, model = work.engine.library.decision(work.connection, work.authority, DECISION)
    except NotFound:
        # People choose, with or without the rules' order.
        return
    environment = Environment(now=work.at, zone=work.authority.zone, warnings=[], host=work.host)
    order = rank(model, candidates, environment=environment)
    placed = [
        {"person": str(each.practitioner_id), "place": each.place, "points": each.points, "rows": list(each.rows)}
        for each in order
    ]
    first = not order or chosen in {str(each.practitioner_id) for each in order if each.place == 1}
    reasons = {str(each.practitioner_id): list(each.reasons) for each in order}
    best = placed[0]["person"] if placed else None
    detail = {"candidates": len(placed), "ranking": placed, "first": best, "first_chosen": first}
    work.record("leads_ranked", subject=rules_id, detail=detail, payload={"reasons": reasons})
