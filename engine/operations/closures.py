"""Closing a case: with a reason, everything that runs beside it ended."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.bpmn import ProcessDefinition
from engine.errors import Invalid
from engine.operations import closing_links
from engine.operations.consent_cover import may_hear
from engine.operations.joined_meetings import let_go
from engine.operations.meeting_days import call_off_before
from engine.operations.merge_ends import let_merges_go
from engine.operations.reading import text
from engine.store import running
from engine.store.consent_cover import in_force
from engine.store.meeting_options import letters_to_hand
from engine.store.tables.changes import closures
from engine.store.tables.people import accounts
from engine.store.tables.record import (
    action_plans,
    case_members,
    cases,
    concerns,
    consents,
    escalations,
    lead_professionals,
    manager_discussions,
    plan_outcomes,
)
from engine.work import Work

CONCERN_OPEN: Final = (
    "The case cannot close while a safeguarding concern is open. Record social care's answer first, then close it"
)

CHECK_OPEN: Final = (
    "The case cannot close while a check for harm is open. The line manager writes down first whether the child could "
    "be at risk, then close it"
)

HARM_CHECK: Final = "record_harm_check"
"""What a step with which somebody checks for harm does to the record."""

SETTLED: Final = "concern_settled"
"""The message for which a closing waits that must not close the case yet."""

OVERTAKEN: Final = {
    "taken_on": "Social care has taken the child on since this was written. Say whether the reason still holds",
    "withdrawn": "The family has taken its consent back since this was written. Say whether the reason still holds",
}

GOES_ON: Final = (
    "It was agreed with social care that this plan goes on, as a part of theirs, and it cannot close as well. If it "
    "goes on, leave the closing: under “What runs on this case” the line manager of who leads, or a coordinator, lets "
    "the case go on at “How long until the review?” instead"
)

HELPED: Final = "Say so under Cases, once you have signed in. It is one question, and nobody is told who said what."

LETTERS_LEFT: Final = "A case has closed with a meeting booked: the family do not all know yet"
LETTERS_HOW: Final = (
    "The meeting is called off. Who of the family has no e-mail address gets a letter: ring them, then post it or hand "
    "it over. On the case choose Letters to the family: you can do so although it is closed."
)

NOT_TAKEN_ON: Final = (
    "Social care has not accepted a concern about this child. Choose another reason, or raise a concern and record "
    "social care's answer first"
)

_TAKEN_ON: Final = sa.select(concerns.c.ended_on).where(
    concerns.c.case_id == sa.bindparam("case", type_=sa.Uuid), concerns.c.accepted.is_(True)
)


def close_case(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep why the case is to close, for its sign-off; gives back `closure_reason` and `closed_by`, who wrote it.

    Outcomes named in `outcomes_met` are met from today. The record itself closes with `close_record`. Raises `Invalid`
    while a safeguarding concern waits for its answer or a check for harm is open, and for the reason that social care
    has taken the case on when it has accepted no concern, before anything is kept.
    """
    refuse_at_risk(work, "reason")
    reason, writer = text(answers, "reason"), work.actor.practitioner_id if work.actor else None
    if reason == "moved_to_social_care" and work.connection.execute(_TAKEN_ON, {"case": work.case.id}).first() is None:
        raise Invalid(NOT_TAKEN_ON, field="reason")
    written = {
        "agreed_by": writer,
        "agreed_on": work.today,
        "reason": reason,
        "summary": text(answers, "summary"),
        "family_told": text(answers, "family_told") or "yes",
        "next_support": text(answers, "next_support"),
    }
    # Somebody may close the case for another reason, as withdrawn consent, while a closure waits for its sign-off.
    if work.connection.execute(sa.update(closures).where(_waiting(work)).values(**written)).rowcount == 0:
        own = {"id": work.engine.ids.new(), "authority_id": work.authority.id, "case_id": work.case.id}
        work.connection.execute(sa.insert(closures).values(**own, **written))
    _meet(work, [str(each) for each in answers.get("outcomes_met") or ()])
    work.changed()
    work.record("closure_agreed", detail={"reason": reason}, payload={"why": text(answers, "summary")})
    return {"closure_reason": reason, "closed_by": None if writer is None else str(writer)}


def sign_off_closure(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Sign the closure off that waits for it, or send it back with a sentence; gives back `signed_off`.

    Raises `Invalid` for whoever wrote it, and when none waits; one that was taken back meanwhile can be sent back.
    """
    signed, why = text(answers, "signed_off"), text(answers, "why")
    closure = work.connection.execute(sa.select(closures).where(_waiting(work))).first()
    if closure is None:
        if signed == "no":
            return {"signed_off": signed}
        raise Invalid("This closure was taken back: send it back, so that it is written again", field="signed_off")
    writer = work.actor.practitioner_id if work.actor else None
    if writer is not None and writer == closure.agreed_by:
        raise Invalid("Somebody other than who wrote the closure signs it off", field="signed_off")
    answered = {"signed_on": work.today} if signed == "yes" else {"returned_on": work.today, "return_reason": why}
    work.connection.execute(
        sa.update(closures).where(closures.c.id == closure.id).values(answered_by=writer, **answered)
    )
    work.changed()
    if signed == "yes":
        work.record("closure_signed_off")
    else:
        work.record("closure_sent_back", payload={"why": why})
    return {"signed_off": signed}


def send_back(work: Work, *, why: str, reason: str | None = None) -> None:
    """Send a closure back that waits for its sign-off, by the service itself; one for `reason` alone, where given."""
    wanted = _waiting(work) if reason is None else _waiting(work) & (closures.c.reason == reason)
    back = sa.update(closures).where(wanted).values(returned_on=work.today, return_reason=why)
    if work.connection.execute(back).rowcount:
        work.changed()
        work.record("closure_sent_back", payload={"why": why})


def _waiting(work: Work) -> sa.ColumnElement[bool]:
    return (closures.c.case_id == work.case.id) & closures.c.signed_on.is_(None) & closures.c.returned_on.is_(None)


def _meet(work: Work, outcomes: list[str]) -> None:
    """Keep which outcomes of the plan in force are met, by their words."""
    plan = sa.select(action_plans.c.id).where(action_plans.c.case_id == work.case.id, action_plans.c.ended_on.is_(None))
    unsettled = plan_outcomes.c.met_on.is_(None) & plan_outcomes.c.dropped_on.is_(None)
    met = plan_outcomes.c.plan_id.in_(plan) & plan_outcomes.c.outcome.in_(outcomes) & unsettled
    if outcomes:
        work.connection.execute(sa.update(plan_outcomes).where(met).values(met_on=work.today))


def look_for_concern(work: Work, _inputs: Mapping[str, Any], variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give back `concern_open`: whether the case must not close yet, over a concern or a check for harm.

    When a signed-off closure waited for it, `closure_overtaken` tells whether what it came to takes its reason away:
    then the closure is sent back, to be written again. `taken_on` is how many concerns social care had accepted when
    the wait began.
    """
    waited = variables.get("concern_open") is True
    before = variables.get("taken_on") if waited else None
    taken_on = len(work.connection.execute(_TAKEN_ON, {"case": work.case.id}).all()) if before is None else int(before)
    if why_not_yet(work) is not None:
        return {"concern_open": True, "closure_overtaken": False, "taken_on": taken_on}
    overtaken = waited and _send_overtaken_back(work, closures.c.signed_on.is_not(None), beyond=taken_on)
    return {"concern_open": False, "closure_overtaken": overtaken, "taken_on": taken_on}


def look_for_closing(work: Work, _inputs: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give back `closing_under_way`: whether the case is being closed already, in whatever diagram.

    A closure that waits there for its sign-off, and for a reason that is overtaken since, is sent back.
    """
    under_way = is_being_closed(work)
    if under_way:
        _send_overtaken_back(work, closures.c.signed_on.is_(None))
    return {"closing_under_way": under_way}


def is_being_closed(work: Work) -> bool:
    """Tell whether a closing of the case is under way, in whatever diagram."""
    return is_asked(work, "close_case", "sign_off_closure") or _waits_for_concern(work)


def _waits_for_concern(work: Work) -> bool:
    signed = sa.select(closures.c.id).where(closures.c.case_id == work.case.id, closures.c.signed_on.is_not(None))
    waits = running.is_awaited(work.connection, work.case.id, SETTLED)
    return waits and work.connection.execute(signed).first() is not None


def _send_overtaken_back(work: Work, which: sa.ColumnElement[bool], *, beyond: int | None = None) -> bool:
    """Send back a closure whose reason is overtaken since it was written; tell whether there was one.

    By social care: when it has taken on more concerns than `beyond`, or one since the day on which it was written.
    """
    own = (closures.c.case_id == work.case.id) & closures.c.returned_on.is_(None) & which
    closure = work.connection.execute(sa.select(closures).where(own)).first()
    why = None if closure is None else _overtaken(work, closure, beyond)
    if closure is None or why is None:
        return False
    back = sa.update(closures).where(closures.c.id == closure.id)
    work.connection.execute(back.values(signed_on=None, returned_on=work.today, return_reason=why))
    work.changed()
    work.record("closure_sent_back", payload={"why": why})
    return True


def _overtaken(work: Work, closure: Any, beyond: int | None) -> str | None:
    if closure.reason in ("consent_withdrawn", "moved_to_social_care"):
        return None
    days = work.connection.execute(_TAKEN_ON, {"case": work.case.id}).scalars().all()
    if len(days) > beyond if beyond is not None else any(on >= closure.agreed_on for on in days):
        return OVERTAKEN["taken_on"]
    query = sa.select(consents.c.from_on).where(in_force(work.case.id), consents.c.answer == "withdrawn")
    withdrawn = work.connection.execute(query).scalar()
    return OVERTAKEN["withdrawn"] if withdrawn is not None and withdrawn >= closure.agreed_on else None


def refuse_at_risk(work: Work, field: str | None = None) -> None:
    """Raise `Invalid`, for the answer `field` that would close the case, while it must not close."""
    reason = why_not_yet(work)
    if reason is not None:
        raise Invalid(reason, field=field) if field else Invalid(reason)


def why_not_yet(work: Work) -> str | None:
    """Return why the case must not close: social care owes an answer, or a manager a check for harm; else None."""
    if work.facts()["concern_open"]:
        return CONCERN_OPEN
    return CHECK_OPEN if is_asked(work, HARM_CHECK) else None


def is_asked(work: Work, *operations: str) -> bool:
    """Tell whether somebody is asked for something, in whatever diagram: by what the step does to the record."""
    process = partial(work.engine.library.process, work.connection)
    return asked(work.connection, work.case.id, process, operations)


def checked_for_harm(connection: sa.Connection, case_id: UUID, process: Callable[[UUID], ProcessDefinition]) -> bool:
    """Tell whether somebody is asked to check for harm; `process` gives a deployed definition by its id."""
    return asked(connection, case_id, process, (HARM_CHECK,))


def asked(
    connection: sa.Connection, case_id: UUID, process: Callable[[UUID], ProcessDefinition], operations: Collection[str]
) -> bool:
    """Tell the same as `is_asked` of a case; `process` gives a deployed definition by its id."""
    steps = running.open_steps(connection, case_id)
    return any(process(definition).element(key, element).operation in operations for definition, key, element in steps)


def close_record(work: Work, inputs: Mapping[str, Any], variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Close the case record: read-only from now on, nobody leads it, nothing is due on it.

    Raises `Invalid` while a safeguarding concern waits for its answer or a check for harm is open.
    """
    refuse_at_risk(work)
    reason = text({**variables, **inputs}, "closure_reason") or "needs_met"
    _ask_whether_it_helped(work)
    if call_off_before(work, why="The case closes"):
        _ask_to_give_letters(work)
    else:
        let_go(work)
    let_merges_go(work)
    for table in (lead_professionals, case_members, consents):
        _end(work, table, "to_on")
    for table in (action_plans, manager_discussions, escalations):
        _end(work, table, "ended_on")
    work.connection.execute(
        sa.update(cases).where(cases.c.id == work.case.id).values(closed_on=work.today, closure_reason=reason)
    )
    work.closes = True
    work.changed()
    work.record("case_closed", detail={"reason": reason})
    return {}


def _ask_whether_it_helped(work: Work) -> None:
    """Ask everybody who works under an agreed plan, and the family, whether it helped; nobody of a restricted case.

    While nothing may be shared only who keeps the record is asked. Who has an account is told where to say so; the
    others answer on a private page.
    """
    agreed = sa.select(action_plans.c.id).where(action_plans.c.case_id == work.case.id).limit(1)
    if work.case.restricted or work.connection.execute(agreed).first() is None:
        return
    now = [
        sa.select(table.c.practitioner_id).where(table.c.case_id == work.case.id, table.c.to_on.is_(None))
        for table in (lead_professionals, case_members)
    ]
    worked = set(may_hear(work, list(work.connection.execute(sa.union(*now)).scalars())))
    own = sa.select(accounts.c.practitioner_id).where(
        accounts.c.practitioner_id.in_(sorted(worked)), accounts.c.disabled_at.is_(None)
    )
    inside = set(work.connection.execute(own).scalars())
    for practitioner in sorted(inside):
        work.send(practitioner, subject="A plan that you worked on has ended: did it help?", body=HELPED)
    closing_links.ask_outside(work, worked - inside)
    closing_links.ask_family(work)


def _ask_to_give_letters(work: Work) -> None:
    """Tell who leads or assesses, and who closes the case, that some of the family learn by letter not to come."""
    if not any(each.kind == "called_off" for each in letters_to_hand(work.connection, work.case.id)):
        return
    facts, actor = work.facts(), work.actor
    whom = [UUID(each) for each in (facts["lead_professional"] or facts["assessor"],) if each]
    for practitioner in dict.fromkeys([*whom, *([actor.practitioner_id] if actor else [])]):
        work.send(practitioner, subject=LETTERS_LEFT, body=LETTERS_HOW)


def _end(work: Work, table: sa.Table, column: str) -> None:
    work.connection.execute(
        sa.update(table).where(table.c.case_id == work.case.id, table.c[column].is_(None)).values({column: work.today})
    )
