"""Appoint an interim lead where the lead professional has left or is away."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from engine import interim
from engine.acts import send_message, settle
from engine.casework.permissions import Actor
from engine.process_engine import ProcessEngine
from engine.store import locking
from engine.work import open_work


def appoint_interim(
    engine: ProcessEngine,
    *,
    actor: Actor,
    case_id: UUID,
    practitioner_id: UUID,
    reasons: str = "",
    planned_end_on: date | None = None,
) -> int:
    """Make somebody the interim lead of a plan from today and give them the tasks of who led it; return how many.

    There is still one current lead: the one before ends today, and a handover drawn in a diagram ends the interim one.
    A diagram that asks who leads in between goes on as if it had been answered there. Days promised stay. Raises
    `NotFound`, `NotPermitted`, `Conflict` when somebody leads the plan who is here, `Invalid` for somebody who cannot
    do it or whom the family's consent leaves out, or an end in the past.
    """
    with engine.sessions.act() as connection:
        case = locking.case(connection, case_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now())
        done = interim.appoint(work, actor, practitioner_id, reasons=reasons, planned_end_on=planned_end_on)
        send_message(work, interim.NAMED, done.message)
        settle(work)
    return done.tasks
