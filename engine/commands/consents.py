"""The family changes its mind: consent is withdrawn, and sharing stops at once; or only the yes to one group."""

from __future__ import annotations

from uuid import UUID

from engine.acts import advance, settle, start_process
from engine.calling_off import call_off_meetings, call_off_referral
from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import Conflict, Invalid, NotPermitted
from engine.operations import consents, mag_referrals, stalled_plans
from engine.process_engine import ProcessEngine
from engine.stopping import undone_told
from engine.store import escalations, locking, relations, requests
from engine.store.requests import Answered
from engine.work import Work, open_work, require_on_case

PROCESS = "consent_withdrawn"
ENDED_BY_IT = "stalled_plan"
"""The process whose referral rests on the consent that is gone."""


def withdraw(
    engine: ProcessEngine,
    *,
    actor: Actor,
    case_id: UUID,
    why: str,
    taken_back_by: str = "",
    request_key: str | None = None,
) -> UUID:
    """Record that the family has withdrawn consent: the process stops sharing in this act and asks for a harm check.

    `taken_back_by` (of `WHOSE`) must be the young person when the consent is their own; else it may be left out.

    Returns the id of the running process; a second time joins it, and what was said is kept too. A stalled plan's way
    to the Multi-Agency Group ends, and a meeting that was arranged is called off. A repeated `request_key` gives the
    first answer again. Raises `NotFound`, `NotPermitted`, `Conflict` for a closed case, `Invalid` when nothing is said,
    or somebody else takes back what only the young person can.
    """
    if not why.strip():
        raise Invalid("Say who withdrew consent, and how", field="why")
    request = requests.asked(actor, request_key, "withdraw consent", about=case_id, content=[why, taken_back_by])
    with (
        undone_told(engine, authority_id=actor.authority_id, case_id=case_id),
        engine.sessions.act() as connection,
    ):
        case = locking.case(connection, case_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now(), request=request)
        require_on_case(work)
        if not permissions.may_record_withdrawal(actor, relations.of(connection, actor, case_id)):
            raise NotPermitted("Who leads or assesses, their line manager or a coordinator records this")
        first = requests.answered(connection, request)
        if first is not None:
            return _led_to(work, first)
        consents.require_theirs_to_take_back(work, taken_back_by)
        running = escalations.running(connection, case_id, PROCESS)
        joined = {} if running is None else {"joined": str(running)}
        work.record("consent_withdrawal_told", detail=joined, payload={"why": why.strip()})
        if running is not None:
            work.finish()
            return running
        _end_what_rests_on_it(work)
        instance_id = start_process(work, PROCESS, {})
        settle(work)
    return instance_id


def _end_what_rests_on_it(work: Work) -> None:
    """End the way to the Multi-Agency Group and the meeting that is arranged."""
    stalled = escalations.running(work.connection, work.case.id, ENDED_BY_IT)
    if stalled is not None:
        advance(work, locking.instance(work.connection, stalled), lambda instance: instance.cancel())
        stalled_plans.end_stalled_plan(work, {}, {})
    mag_referrals.end_referral(work)
    call_off_meetings(work, why="The family has taken its consent back")


def withdraw_mag(
    engine: ProcessEngine, *, actor: Actor, case_id: UUID, why: str, request_key: str | None = None
) -> None:
    """Record that the family takes back its yes to the Multi-Agency Group, and to nothing else.

    A referral that waits ends without a decision, and the plan is the line manager's again, stalled as long as
    before. A second time changes nothing. Raises as `withdraw`, and `Conflict` when the family has not said yes.
    """
    if not why.strip():
        raise Invalid("Say who took it back, and how", field="why")
    request = requests.asked(actor, request_key, "withdraw consent to the group", about=case_id, content=why)
    with (
        undone_told(engine, authority_id=actor.authority_id, case_id=case_id),
        engine.sessions.act() as connection,
    ):
        case = locking.case(connection, case_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now(), request=request)
        require_on_case(work)
        if not permissions.may_record_withdrawal(actor, relations.of(connection, actor, case_id)):
            raise NotPermitted("Who leads or assesses, their line manager or a coordinator records this")
        if requests.answered(connection, request) is not None:
            return
        if work.facts()["mag_consent"] != "yes":
            raise Conflict("The family has not agreed to the multi-agency group", case_id=case_id)
        work.record("mag_consent_taken_back", payload={"why": why.strip()})
        call_off_referral(work, answer="no", why=why.strip())
        settle(work)


def _led_to(work: Work, first: Answered) -> UUID:
    """Return the process that this very request has started, or joined."""
    told = requests.next_event(work.connection, first, "consent_withdrawal_told")
    if "joined" in told.detail:
        return UUID(told.detail["joined"])
    return requests.next_event(work.connection, first, "process_started").subject_id  # type: ignore[no-any-return]
