"""Handing over the lead: proposed to a named successor, told to the family, answered, and only then moved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.errors import Conflict, Invalid, NotFound
from engine.operations import handover_summaries, other_cases
from engine.operations.consent_cover import covered, require_covered, require_known
from engine.operations.lead_professionals import appoint_lead_professional, settle_refusals
from engine.operations.lead_tasks import move_tasks, take_over_tasks
from engine.operations.messages import tell_line_manager
from engine.operations.reading import day, optional_day, person, text
from engine.operations.team import join_team
from engine.operations.team_parts import end_of_leading
from engine.operations.vacancies import require_vacant
from engine.store import people
from engine.store.escalations import running as running_process
from engine.store.strangers import strangers
from engine.store.tables.changes import handovers
from engine.store.tables.record import lead_professionals
from engine.work import Work

PROCESS: Final = "handover"
ROLE_WEEKS: Final = "lead_role_weeks"
"""The time limit for which somebody leads before it is asked whether they are still right, in calendar weeks."""
SUCCESSOR_LEFT: Final = "successor_left"
"""The message to a handover that who was asked to lead, or accepted, has left or is left out before they lead."""
_CONFER: Final = "Nobody is asked now. The line manager is asked to confer about who leads."
_GOES_ON: Final = " The lead of today goes on."
_ACCEPTED: Final = "Who was asked to lead a plan that nobody leads has accepted, for the day that was chosen"
_DECLINED: Final = "Who was asked to lead a plan that nobody leads has declined"
_SILENT: Final = "Whoever was asked to lead has not answered, and who asked them has left"
AT_REST: Final = "nothing of the case may be shared now"
"""Why a proposal ends with the sharing."""
_UNTIL_THEN: Final = (
    "You lead until the day that was chosen. From then on the case is closed to you, unless the family’s consent "
    "covers you and you have an action or a task of it to finish, are asked to a meeting to come, or "
    "were of the team before."
)


def propose_handover(work: Work, answers: Mapping[str, Any], variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Propose a successor for a day; gives back `nobody_found`, and with a name `successor`, `planned_on` and `cause`.

    Whoever leads in between may be the successor, and accepts like any other. With `nobody` it is kept who was asked,
    and whoever leads goes on. Raises `Invalid` for somebody who leads for good already and while nobody leads,
    `Conflict` while another is proposed.
    """
    leads = _leading(work)
    if leads is None:
        raise Invalid("Nobody leads this plan, so there is nothing to hand over. Choose a lead professional first.")
    if answers.get("nobody"):
        work.record("no_successor_found", payload={"why": text(answers, "whom_asked")})
        return {"nobody_found": True}
    successor = person(work, answers, "successor")
    if successor == leads.practitioner_id and not leads.interim:
        raise Invalid("This person leads already: choose somebody else", field="successor")
    if current(work) is not None:
        raise Conflict("A successor has been proposed already", case_id=work.case.id)
    require_covered(work, [successor], "successor")
    if _is_stranger(work, successor):
        raise Invalid(_NOBODY_NEW, field="successor")
    cause, planned_on = str(variables.get("cause") or "planned"), day(answers, "planned_on", work.today)
    propose(work, successor, cause=cause, planned_on=planned_on, reasons=text(answers, "reasons"))
    work.record("handover_proposed", subject=successor, detail={"planned_on": planned_on, "cause": cause})
    return {"nobody_found": False, "successor": str(successor), "planned_on": planned_on, "cause": cause}


def name_interim_lead(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Make somebody lead in between, for a time; the tasks of who led go to them with their dates.

    Whoever leads in between already may go on for longer. Gives back `cause`: whether the lead has left or is absent.
    Raises `Conflict` once somebody leads again who is here.
    """
    before, cause = _lead(work), why_missing(work)
    require_vacant(work, before)
    chosen = person(work, answers, "interim_lead")
    require_covered(work, [chosen], "interim_lead")
    require_known(work, {"interim_lead": chosen}, to_lead_between=True)
    until = optional_day(answers, "until")
    appoint_lead_professional(
        work, {**answers, "lead_professional": chosen, "planned_end_on": until, "interim": True}, {}
    )
    if before not in (None, chosen):
        take_over_tasks(work, before, chosen)
    return {"cause": cause}


def why_missing(work: Work) -> str:
    """Tell whether the lead professional has `left`, as once the time of who led in between is over, or is `absent`."""
    leads = _leading(work)
    return "absent" if work.facts()["lead_professional"] and not leads.interim else "left"


def look_at_lead(work: Work, _inputs: Mapping[str, Any], variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give back `lead_missing`: whether the lead has left, or is away uncovered.

    They may have been back and gone away again: `away_again` says so, and `away_from` since when they are away now.
    """
    facts, before = work.facts(), optional_day(variables, "away_from")
    away_from = facts["lead_absent_since"] or before
    missing = bool(facts["lead_vacant_since"] or facts["lead_absent_since"])
    later = before is not None and away_from is not None and away_from > before
    again = later and facts["lead_vacant_since"] is None
    return {"lead_missing": missing, "away_again": again, "away_from": away_from}


def look_for_handover(work: Work, _inputs: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give back `handover_under_way`: whether a handover of the case runs already."""
    return {"handover_under_way": running_process(work.connection, work.case.id, PROCESS) is not None}


def look_at_successor(work: Work, _inputs: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give back `successor_gone`: whether who accepted has left since, or cannot sign in; then the proposal ends.

    The same for one whom the family's consent leaves out since, or while nothing is shared with anybody new.
    """
    agreed = current(work)
    if agreed is None:
        return {"successor_gone": True}
    chosen = agreed.successor_id
    why = "who accepted is no longer here" if _has_left(work, chosen) else ""
    if not why and not covered(work, [chosen]):
        why = "the family’s consent leaves them out now"
    if not why and _is_stranger(work, chosen):
        why = AT_REST
    if why:
        withdraw(work, why)
    return {"successor_gone": bool(why)}


_NOBODY_NEW: Final = (
    "Nothing of this case may be shared now, so nobody new can be asked to lead it. If it needs somebody, its line "
    "manager names who leads in between"
)


def _has_left(work: Work, who: UUID) -> bool:
    standing = people.standings(work.connection, work.authority.id, [who], today=work.today).get(who)
    return standing is None or bool(standing.refusal(work.today))


def _is_stranger(work: Work, who: UUID) -> bool:
    return bool(strangers(work.connection, work.case.id, [who], today=work.today))


def record_family_told(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep that the family was told and what it thinks; a no ends this proposal. Gives back `family_agrees`.

    One that has ended, as with a successor who has left, is none whatever the family says, nor is one whose successor
    cannot sign in any more.
    """
    agrees = text(answers, "family_agrees") != "no"
    on, view = day(answers, "told_on", work.today), text(answers, "family_view")
    proposed = current(work)
    if proposed is None:
        return {"family_agrees": "no"}
    if agrees and view:
        handover_summaries.add_family_view(work, proposed.id, on, view)
    keep(work, family_told_on=on, family_view=view, **({} if agrees else declined(work, "family", view)))
    work.record("handover_told_to_family", detail={"agrees": agrees}, payload={"why": view}, effective_on=on)
    gone = _has_left(work, proposed.successor_id) and end_for_who_left(work, proposed.successor_id)
    return {"family_agrees": "yes" if agrees and not gone else "no"}


def answer_handover(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the successor's answer and tell who leads; one who accepts joins the team. Gives back `handover_answer`.

    The lead does not move by this: see `move_lead`. Once nobody is asked any more a decline alone is taken, which ends
    the question.
    """
    if text(answers, "handover_answer") == "declined" and current(work) is None:
        return {"handover_answer": "declined"}
    proposed = require_current(work)
    by = proposed.successor_id
    if text(answers, "handover_answer") == "declined":
        keep(work, **declined(work, "successor", text(answers, "reason")))
        work.record("handover_declined", subject=proposed.successor_id, payload={"why": text(answers, "reason")})
        confer = "Your line manager is asked to confer."
        _tell_lead(work, "Your successor has declined", confer, manager=_DECLINED, but=by)
        return {"handover_answer": "declined"}
    require_themselves(work, by, "handover_answer")
    keep(work, accepted_on=work.today)
    join_team(work, [proposed.successor_id])
    work.record("handover_accepted", subject=proposed.successor_id, detail={"planned_on": proposed.planned_on})
    _tell_lead(work, "Your successor has accepted", _UNTIL_THEN, manager=_ACCEPTED, but=by)
    return {"handover_answer": "accepted"}


def confer_on_lead(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep what the line managers, or the coordinator, came to; gives back `lead_decision`."""
    decision = text(answers, "lead_decision")
    if decision == "lead_goes_on":
        settle_refusals(work)
    work.record("lead_conferred", detail={"decision": decision}, payload={"why": text(answers, "why")})
    return {"lead_decision": decision}


def move_lead(work: Work, _inputs: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Make the successor who accepted the lead professional, from today; the lead's open tasks go with it.

    Review, meeting and action dates stay as they were promised. Raises `Invalid` when nobody has accepted.
    """
    agreed, before = require_current(work), _lead(work)
    if agreed.accepted_on is None:
        raise Invalid("The successor has not accepted yet")
    chosen = {
        "lead_professional": agreed.successor_id,
        "family_wishes": agreed.family_view,
        "reasons": agreed.reasons,
        "planned_end_on": _role_ends_on(work),
    }
    appoint_lead_professional(work, chosen, {})
    move_tasks(work, before, agreed.successor_id)
    keep(work, ended_on=work.today)
    work.record("handover_done", subject=agreed.successor_id, detail={"from": None if before is None else str(before)})
    return {}


def _role_ends_on(work: Work) -> date | None:
    """Return the day by which it is asked again whether the new lead is still right; None without such a limit."""
    try:
        weeks = work.engine.library.host(work.connection, work.authority).time_limit(ROLE_WEEKS)
    except (Invalid, NotFound):
        # An authority's own table of limits need not have this one, nor be there.
        return None
    return work.today + timedelta(weeks=int(weeks))


def withdraw(work: Work, why: str) -> None:
    """Call off a proposal that is open, as when the lead leaves before the day; nothing happens without one."""
    proposed = current(work)
    if proposed is not None:
        keep(work, ended_on=work.today)
        work.record("handover_called_off", subject=proposed.successor_id, why=why)
        if proposed.accepted_on is not None:
            end_of_leading(work, [proposed.successor_id])


def end_for_who_left(work: Work, practitioner: UUID) -> bool:
    """Call off a proposal whose successor has left; who asked them and who leads are told, of those who are here.

    Not of a first lead, who is chosen in a diagram of its own. Tells whether a proposal ended.
    """
    asked = current(work)
    if asked is None or asked.successor_id != practitioner or asked.cause == "first":
        return False
    withdraw(work, "who accepted has left" if asked.accepted_on else "who was asked to lead has left")
    _tell_of_end(work, asked, "Who was asked to lead a plan has left")
    return True


def end_for_who_is_left_out(work: Work) -> None:
    """Call off a proposal whose successor the family's consent leaves out now."""
    asked = current(work)
    if asked is None or asked.cause == "first" or covered(work, [asked.successor_id]):
        return
    withdraw(work, "the family’s consent leaves them out now")
    _tell_of_end(work, asked, "A family’s consent leaves out who was asked to lead")
    other_cases.tell(work, SUCCESSOR_LEFT, {work.case.id: {}})


def current(work: Work) -> Any:
    """Return the row of the proposal under way, or None."""
    return work.connection.execute(sa.select(handovers).where(_open(work))).first()


def _lead(work: Work) -> UUID | None:
    return work.connection.execute(sa.select(lead_professionals.c.practitioner_id).where(_leads(work))).scalar()


def _leading(work: Work) -> Any:
    """Return who leads and whether only in between, or None."""
    return work.connection.execute(
        sa.select(lead_professionals.c.practitioner_id, lead_professionals.c.interim).where(_leads(work))
    ).first()


def _leads(work: Work) -> sa.ColumnElement[bool]:
    return (lead_professionals.c.case_id == work.case.id) & lead_professionals.c.to_on.is_(None)


def _open(work: Work) -> sa.ColumnElement[bool]:
    return (handovers.c.case_id == work.case.id) & handovers.c.ended_on.is_(None)


def propose(
    work: Work, successor: UUID, *, cause: str, planned_on: date, reasons: str, family_view: str = ""
) -> None:
    """Keep that somebody is asked to lead from a day; whoever asks has made sure that nobody else is asked.

    Who is to take over from somebody finds a summary of the case with it.
    """
    id_ = work.engine.ids.new()
    work.connection.execute(
        sa.insert(handovers).values(
            id=id_,
            authority_id=work.authority.id,
            case_id=work.case.id,
            proposed_by=work.actor.practitioner_id if work.actor else None,
            successor_id=successor,
            cause=cause,
            reasons=reasons,
            family_view=family_view,
            planned_on=planned_on,
            proposed_on=work.today,
        )
    )
    if cause != "first":
        handover_summaries.write(work, id_, note=reasons)
    work.changed()


def require_current(work: Work) -> Any:
    """Return the row of the proposal under way. Raises `Invalid` when there is none."""
    found = current(work)
    if found is None:
        raise Invalid("Nobody is asked to lead any more")
    return found


def require_themselves(work: Work, asked: UUID, field: str) -> None:
    """Let only the person asked accept to lead, and nobody who stands in for them. Raises `Invalid`."""
    if work.actor is None or work.actor.practitioner_id == asked:
        return
    stands = people.standings(work.connection, work.authority.id, [asked], today=work.today).get(asked)
    name = stands.name if stands else "the person asked"
    said = f"Only {name} can accept to lead. Wait for their own answer, or record that they decline"
    raise Invalid(said, field=field)


def keep(work: Work, **values: Any) -> None:
    """Write to the proposal under way."""
    work.connection.execute(sa.update(handovers).where(_open(work)).values(**values))
    work.changed()


def declined(work: Work, by: str, why: str) -> dict[str, Any]:
    """Return what ends a proposal that the `successor` or the `family` declined today."""
    return {"declined_on": work.today, "declined_by": by, "decline_reason": why, "ended_on": work.today}


def _tell_lead(work: Work, subject: str, what: str, *, manager: str, but: UUID) -> None:
    """Tell who leads, unless that is `but` whose own answer it is; while nobody does who is here, the line manager."""
    lead = _lead(work)
    if lead is None or _has_left(work, lead):
        tell_line_manager(work, {"subject": manager}, {})
    elif lead != but:
        work.send(lead, subject=subject, body=what)


def _tell_of_end(work: Work, asked: Any, subject: str) -> None:
    """Tell who asked somebody and who leads that the proposal has ended, and the line manager while nobody leads."""
    lead, manager = _lead(work), work.facts()["line_manager"]
    led = lead is not None and not _has_left(work, lead)
    others = [] if led or manager is None else [UUID(manager)]
    said = _CONFER + (_GOES_ON if led else "")
    for each in dict.fromkeys([asked.proposed_by, lead, *others]):
        if each not in (None, asked.successor_id) and not _has_left(work, each):
            work.send(each, subject=subject, body=said)


def tell_successor(work: Work, inputs: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Remind the successor that a question waits for them, and tell who asked them that there is no answer yet."""
    proposed = current(work)
    if proposed is not None:
        subject = str(inputs.get("subject") or "You have been asked to lead a plan")
        work.send(proposed.successor_id, subject=subject)
        by = proposed.proposed_by
        if by is not None and _has_left(work, by):
            tell_line_manager(work, {"subject": _SILENT}, {})
        elif by not in (None, proposed.successor_id):
            work.send(by, subject="Whoever you asked to lead has not answered")
        work.record("successor_reminded", subject=proposed.successor_id)
    return {}
