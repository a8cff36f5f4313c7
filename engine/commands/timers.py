"""Fire what is due: claim under a lease, step, mark, each timer in one transaction of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from engine.acts import advance, settle
from engine.guard import Trouble, attempt, keep
from engine.process_engine import ProcessEngine
from engine.protecting import Step
from engine.store import due, locking
from engine.store.incidents import resolve_for
from engine.work import open_work

MOST_MEETINGS = 3
"""How often a timer may meet somebody's act on the same case before it counts as failed."""
LATE = timedelta(minutes=5)
"""A firing later than this is marked late in the history."""


@dataclass(frozen=True, slots=True)
class Fired:
    """What one sweep of the due table did."""

    fired: int
    failed: int
    more: bool


def fire_due(engine: ProcessEngine, *, limit: int = 100) -> Fired:
    """Fire up to `limit` timers that are due now; each exactly once, however many sweeps run at once.

    One that fails is rolled back, becomes an incident with a next try, and does not stop the others.
    """
    now = engine.clock.now()
    with engine.sessions.read() as connection:
        if not due.any_due(connection, now=now):
            return Fired(0, 0, more=False)
    with engine.sessions.act() as connection:
        claim_id = engine.ids.new()
        claimed = due.claim(connection, claim_id, now=now, limit=limit)
    results = [_fire(engine, timer_id, claim_id, now=now) for timer_id in claimed]
    return Fired(fired=results.count(True), failed=results.count(False), more=len(claimed) == limit)


def _fire(engine: ProcessEngine, timer_id: UUID, claim_id: UUID, *, now: datetime) -> bool | None:
    """Fire one claimed timer: True when it fired, False when it failed, None when it no longer had to.

    One that met a person's act on the same case is left for the next sweep; a failing database stops the sweep.
    """
    fired = attempt("firing a timer", lambda: _step(engine, timer_id, claim_id, now=now))
    if not isinstance(fired, Trouble):
        return fired
    fired.raise_when_down()
    if fired.met and not _met_before(engine, timer_id, claim_id):
        return None
    _report(engine, timer_id, claim_id, fired, now=now)
    return False


def _step(engine: ProcessEngine, timer_id: UUID, claim_id: UUID, *, now: datetime) -> bool | None:
    with Step(engine, None, f"timer {timer_id}") as step, engine.sessions.act() as connection:
        found = locking.timer(connection, timer_id, claim_id=claim_id)
        if found is None:
            due.give_up(connection, timer_id, claim_id, now=now)
            return None
        timer, line, case = found
        work = open_work(engine, connection, case, actor=None, at=now)
        step.begin(work)
        late = now - timer.due_at
        due.mark_fired(connection, timer_id, at=now, late=late)
        detail = {"element": timer.element_id, "due_at": timer.due_at, "late": late > LATE}
        work.record("timer_fired", subject=timer_id, detail=detail)
        advance(work, line, lambda instance: instance.fire(timer.task_id))
        if timer.tries:
            resolve_for(connection, at=now, timer_id=timer_id)
        settle(work)
    return True


def _met_before(engine: ProcessEngine, timer_id: UUID, claim_id: UUID) -> bool:
    """Give a timer back that met somebody's act; tell whether that happened too often to be chance."""
    with engine.sessions.act() as connection:
        return due.release(connection, timer_id, claim_id) >= MOST_MEETINGS


def _report(engine: ProcessEngine, timer_id: UUID, claim_id: UUID, trouble: Trouble, *, now: datetime) -> None:
    """Keep a failed firing as an incident and put its next try off, longer each time."""
    with engine.sessions.act() as connection:
        timer = due.put_off(connection, timer_id, claim_id, now=now)
        if timer is None:
            return
        keep(
            engine,
            connection,
            trouble,
            said="",
            kind="timer",
            at=now,
            authority_id=timer.authority_id,
            case_id=timer.case_id,
            instance_id=timer.instance_id,
            timer_id=timer_id,
            element_id=timer.element_id,
            next_try_at=timer.retry_at,
        )
