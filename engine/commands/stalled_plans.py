"""Say that a plan is stuck, without waiting until the rules find it late."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from engine.acts import settle, start_process
from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import Invalid, NotPermitted
from engine.operations import stalled_plans
from engine.process_engine import ProcessEngine
from engine.stopping import undone_told
from engine.store import escalations, locking, relations, requests
from engine.work import Work, open_work, require_on_case

REASONS: Final = ("not_progressing", "team_not_working")
"""The plan does not get on, or the people round the child do not work together."""
LONGEST: Final = 2000


def report(
    engine: ProcessEngine, *, actor: Actor, case_id: UUID, reason: str, why: str, request_key: str | None = None
) -> UUID | None:
    """Put a plan to the line manager for one of `REASONS`, with a sentence `why`; return the stalled plan's instance.

    A stalled plan that runs already is joined, as two would ask the same people twice. A repeated `request_key`
    changes nothing, and gives None when what it began has ended since. Raises `NotFound`, `NotPermitted` for who
    neither leads, manages nor coordinates, `Conflict` for a closed case, `Invalid` naming the field.
    """
    _require_said(reason, why)
    request = requests.asked(actor, request_key, "report a stalled plan", about=case_id, content=[reason, why])
    with (
        undone_told(engine, authority_id=actor.authority_id, case_id=case_id),
        engine.sessions.act() as connection,
    ):
        case = locking.case(connection, case_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now(), request=request)
        require_on_case(work)
        if not permissions.may_report_stalled(actor, relations.of(connection, actor, case_id)):
            raise NotPermitted("Who leads the plan, their line manager or a coordinator says that it is stuck")
        running = escalations.running(connection, case_id, stalled_plans.PROCESS)
        if requests.answered(connection, request) is not None:
            return running
        detail = {"reason": reason, "joined": running is not None}
        work.record("stalled_plan_reported", detail=detail, payload={"why": why.strip()})
        instance_id = running or _start(work, reason)
        settle(work)
    return instance_id


def _start(work: Work, reason: str) -> UUID:
    stalled_plans.open_stage(work)
    return start_process(work, stalled_plans.PROCESS, {"reasons": [reason]})


def _require_said(reason: str, why: str) -> None:
    if reason not in REASONS:
        raise Invalid("Choose what is wrong", field="reason")
    if not why.strip():
        raise Invalid("Say in a sentence why", field="why")
    if len(why) > LONGEST:
        raise Invalid(f"Use at most {LONGEST} characters", field="why")
