"""The only APScheduler user: wakes the poller at the next due time and at least every few seconds.

APScheduler holds nothing that matters: the due table, the cases' versions and the outbox are the truth, so
losing this process costs lateness, never work.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from engine.clock import SystemClock
from engine.commands import (
    approved_changes,
    batches,
    case_messages,
    child_index,
    digest,
    escalation,
    last_days,
    outbox,
    rehearsals,
    restrictions,
    retention,
    timers,
    upkeep,
)
from engine.commands.last_days import Turned
from engine.commands.outbox import Courier
from engine.commands.upkeep import Part
from engine.guard import Trouble, attempt
from engine.process_engine import ProcessEngine

LONGEST_SLEEP = timedelta(seconds=1)
SHORTEST_SLEEP = timedelta(milliseconds=200)
BATCHES_A_TICK = 100

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Ticked:
    """What one tick did."""

    fired: int = 0
    failed: int = 0
    judged: int = 0
    sent: int = 0
    shared_out: int = 0


def tick(engine: ProcessEngine, courier: Courier | None) -> Ticked:
    """Do everything that is due now: timers, messages, batches, cases that changed, the nightly sweep, letters to send.

    Without a `courier` letters leave to nobody, as those of invented people do.

    A part that fails is an incident and does not keep the others from their work; the first error is raised when all
    have had their turn.
    """
    turn = _Turn(engine)
    fired, failed = turn.part(Part("timers"), lambda: _fire(engine), (0, 0))
    nights = _turn_day(turn)
    turn.part(Part("case_messages"), lambda: case_messages.give_due(engine), 0)
    turn.part(Part("index_questions"), lambda: child_index.tell_coordinators(engine), 0)
    shared_out = turn.part(Part("batches"), lambda: batches.go_on(engine), 0)
    turn.part(Part("publishing"), lambda: approved_changes.publish_due(engine), 0)
    shared_out += turn.part(Part("rehearsals"), lambda: rehearsals.go_on(engine), 0)
    judged = turn.part(Part("changed_plans"), lambda: _judge_changed(engine), 0)
    judged += sum(_judge_nightly(turn, authority_id) for authority_id in nights)
    turn.part(Part("digests"), lambda: _digest(engine), 0)
    sent = turn.part(Part("messages"), lambda: outbox.deliver_due(engine, courier).sent, 0)
    turn.part(Part("sign_of_life"), lambda: upkeep.beat(engine, well=turn.well, unwell=turn.unwell), None)
    for trouble in turn.unwell.values():
        raise trouble.error
    return Ticked(fired, failed, judged, sent, shared_out)


@dataclass(slots=True)
class _Turn:
    """One tick under way: which of its parts went well, and what kept the others from it."""

    engine: ProcessEngine
    well: list[Part] = field(default_factory=list)
    unwell: dict[Part, Trouble] = field(default_factory=dict)

    def part(self, part: Part, do: Callable[[], _T], otherwise: _T) -> _T:
        """Do a part and return what it gives, `otherwise` when it fails."""
        done = attempt(part.key, do)
        if isinstance(done, Trouble):
            self.unwell[part] = done
            return otherwise
        self.well.append(part)
        return done

    def down(self) -> bool:
        """Tell whether the database has failed."""
        return any(trouble.down for trouble in self.unwell.values())


def _fire(engine: ProcessEngine) -> tuple[int, int]:
    fired = failed = 0
    for _ in range(BATCHES_A_TICK):
        done = timers.fire_due(engine)
        fired, failed = fired + done.fired, failed + done.failed
        if not done.fired:
            break
    return fired, failed


def _digest(engine: ProcessEngine) -> int:
    return sum(digest.queue(engine, authority_id=each) for each in digest.due(engine))


def _turn_day(turn: _Turn) -> list[UUID]:
    """Carry out what the last day of is over; return the authorities whose night can then be ended."""
    engine = turn.engine
    due: list[UUID] = turn.part(Part("nights"), lambda: upkeep.authorities_to_sweep(engine), [])
    nothing = Turned(over=0)
    done = {
        each: turn.part(Part("last_days", each), partial(last_days.turn_day, engine, authority_id=each), nothing)
        for each in due
    }
    for each in due:
        turn.part(Part("restrictions", each), partial(restrictions.remind, engine, authority_id=each), 0)
    return [each for each, turned in done.items() if not turned.left]


def _judge_changed(engine: ProcessEngine) -> int:
    judged = 0
    for _ in range(BATCHES_A_TICK):
        done = escalation.check_changed(engine)
        judged += done.judged
        if done.judged < escalation.BATCH:
            break
    return judged


def _judge_nightly(turn: _Turn, authority_id: UUID) -> int:
    """Run an authority's sweep of tonight; the night is then over, whatever failed, unless it was the database."""
    engine = turn.engine
    sweep = partial(escalation.check_nightly, engine, authority_id=authority_id)
    judged = turn.part(Part("night", authority_id), sweep, escalation.Swept()).judged
    turn.part(Part("retention", authority_id), partial(retention.erase_due, engine, authority_id=authority_id), 0)
    if not turn.down():
        turn.part(Part("end_of_night", authority_id), partial(upkeep.swept, engine, authority_id), None)
    return judged


class Scheduler:
    """Runs `tick` at the next due time, and at least every `LONGEST_SLEEP`, on one thread."""

    def __init__(self, engine: ProcessEngine, courier: Courier) -> None:
        self._engine, self._courier = engine, courier
        self._executor = ThreadPoolExecutor(1)
        self._scheduler = BackgroundScheduler(executors={"default": self._executor}, timezone="UTC")

    def start(self) -> None:
        """Begin ticking."""
        self._scheduler.start()
        self._wake_after(timedelta(0))

    def stop(self) -> None:
        """Finish the tick under way and stop."""
        # Stopped while it hands a tick over, APScheduler's thread fails looking for the job: begin no other, and wait
        # for the lock that it holds meanwhile.
        self._scheduler.pause()
        self._scheduler.get_jobs()
        # Asked to wait, APScheduler would do so with a lock in hand that the tick needs to name its next one.
        self._scheduler.shutdown(wait=False)
        self._executor.shutdown(wait=True)

    def _wake_after(self, pause: timedelta) -> None:
        # The machine's clock decides only when to look; what is due is decided by the engine's own clock.
        run_at = SystemClock().now() + pause
        self._scheduler.add_job(
            self._run, "date", run_date=run_at, id="tick", replace_existing=True, misfire_grace_time=None
        )

    def _run(self) -> None:
        pause = attempt("a tick", self._tick)
        # After a failure the next tick tries again; health shows a poller that does not move.
        self._wake_after(LONGEST_SLEEP if isinstance(pause, Trouble) else pause)

    def _tick(self) -> timedelta:
        done = tick(self._engine, self._courier)
        return SHORTEST_SLEEP if done.shared_out else _pause(self._engine)


def _pause(engine: ProcessEngine) -> timedelta:
    due = upkeep.next_due(engine)
    if due is None:
        return LONGEST_SLEEP
    return max(SHORTEST_SLEEP, min(LONGEST_SLEEP, due - engine.clock.now()))


def run(engine: ProcessEngine, courier: Courier) -> None:
    """Tick until SIGTERM; the body of the scheduler process of `caf serve`."""
    # Waited for, not handled: a handler may run while its own thread holds the lock that it asks for.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    scheduler = Scheduler(engine, courier)
    scheduler.start()
    signal.sigwait({signal.SIGTERM})
    scheduler.stop()
