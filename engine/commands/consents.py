"""The family changes its mind: consent is withdrawn, and sharing stops at once; or only the yes to one group."""

from __future__ import annotations

from uuid import UUID

from engine.acts import advance, send_message, settle, start_process
from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import Conflict, Invalid, NotPermitted
from engine.operations import consents, mag_referrals, stalled_plans
from engine.process_engine import ProcessEngine
from engine.store import escalations, locking, relations, requests
from engine.work import open_work, require_on_case

PROCESS = "consent_withdrawn"
MAG_TAKEN_BACK = "mag_consent_withdrawn"
"""The message to a stalled plan that the family has taken back its yes to the Multi-Agency Group."""
ENDED_BY_IT = "stalled_plan"
"""The process whose referral rests on the consent that is gone."""


def withdraw(engine: ProcessEngine, *, actor: Actor, case_id: UUID, why: str, request_key: str | None = None) -> UUID:
    """Record that the family has withdrawn consent: the process stops sharing in this act and asks for a harm check.

    Returns the id of the running process; a second time joins it. A stalled plan's way to the Multi-Agency
    Group ends. Raises `NotFound`, `NotPermitted`, `Conflict` for a closed case, `Invalid` when nothing is said.
    """
    if not why.strip():
        raise Invalid("Say who withdrew consent, and how", field="why")
    with engine.sessions.act() as connection:
        case = locking.case(connection, case_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now(), request_key=request_key)
        require_on_case(work)
        if not permissions.may_record_withdrawal(actor, relations.of(connection, actor, case_id)):
            raise NotPermitted("Who leads or assesses, their line manager or a coordinator records this")
        running = escalations.running(connection, case_id, PROCESS)
        if running is not None:
            return running
        work.record("consent_withdrawal_told", payload={"why": why.strip()})
        stalled = escalations.running(connection, case_id, ENDED_BY_IT)
        if stalled is not None:
            advance(work, locking.instance(connection, stalled), lambda instance: instance.cancel())
            stalled_plans.end_stalled_plan(work, {}, {})
        mag_referrals.end_referral(work)
        instance_id = start_process(work, PROCESS, {})
        settle(work)
    return instance_id


def withdraw_mag(
    engine: ProcessEngine, *, actor: Actor, case_id: UUID, why: str, request_key: str | None = None
) -> None:
    """Record that the family takes back its yes to the Multi-Agency Group, and to nothing else.

    A referral that waits ends without a decision, and the plan is the line manager's again, stalled as long as
    before. A second time changes nothing. Raises as `withdraw`, and `Conflict` when the family has not said yes.
    """
    if not why.strip():
        raise Invalid("Say who took it back, and how", field="why")
    with engine.sessions.act() as connection:
        case = locking.case(connection, case_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now(), request_key=request_key)
        require_on_case(work)
        if not permissions.may_record_withdrawal(actor, relations.of(connection, actor, case_id)):
            raise NotPermitted("Who leads or assesses, their line manager or a coordinator records this")
        if requests.answered(connection, actor.authority_id, request_key) is not None:
            return
        if work.facts()["mag_consent"] != "yes":
            raise Conflict("The family has not agreed to the multi-agency group", case_id=case_id)
        work.record("mag_consent_taken_back", payload={"why": why.strip()})
        consents.record_mag_consent(work, {"mag_consent": "no", "given_by": "", "reason": why.strip()}, {})
        if mag_referrals.end_referral(work) is not None:
            stalled_plans.resume_stage(work)
        send_message(work, MAG_TAKEN_BACK, {"mag_consent": "no"})
        settle(work)
