"""The only APScheduler user: wakes the poller at the next due time and at least every few seconds.

APScheduler holds nothing that matters: the due table, the cases' versions and the outbox are the truth, so
losing this process costs lateness, never work.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from types import FrameType
from typing import TypeVar
from uuid import UUID

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from engine.clock import SystemClock
from engine.commands import escalation, last_days, outbox, timers, upkeep
from engine.commands.outbox import Courier
from engine.process_engine import ProcessEngine

LONGEST_SLEEP = timedelta(seconds=1)
SHORTEST_SLEEP = timedelta(milliseconds=200)
BATCHES_A_TICK = 100

_T = TypeVar("_T")
log = logging.getLogger("caf.scheduler")


@dataclass(frozen=True, slots=True)
class Ticked:
    """What one tick did."""

    fired: int = 0
    failed: int = 0
    judged: int = 0
    sent: int = 0


def tick(engine: ProcessEngine, courier: Courier) -> Ticked:
    """Do everything that is due now: fire timers, judge changed cases, run the nightly sweep, send messages.

    A part that fails does not keep the others from their work; the first error is raised when all have had their turn.
    """
    errors: list[Exception] = []
    fired, failed = _part(errors, lambda: _fire(engine), (0, 0))
    none: frozenset[UUID] = frozenset()
    waiting = _part(errors, lambda: _turn_day(engine), none)
    judged = _part(errors, lambda: _judge_changed(engine), 0)
    judged += _part(errors, lambda: _judge_nightly(engine, waiting), 0)
    sent = _part(errors, lambda: outbox.deliver_due(engine, courier).sent, 0)
    _part(errors, lambda: upkeep.beat(engine), None)
    if errors:
        raise errors[0]
    return Ticked(fired, failed, judged, sent)


def _part(errors: list[Exception], do: Callable[[], _T], otherwise: _T) -> _T:
    try:
        return do()
    except Exception as error:  # noqa: BLE001 - kept, and raised once the other parts have had their turn
        errors.append(error)
        return otherwise


def _fire(engine: ProcessEngine) -> tuple[int, int]:
    fired = failed = 0
    for _ in range(BATCHES_A_TICK):
        done = timers.fire_due(engine)
        fired, failed = fired + done.fired, failed + done.failed
        if not done.fired:
            break
    return fired, failed


def _turn_day(engine: ProcessEngine) -> frozenset[UUID]:
    """Carry out what the last day of is over; return the authorities where some of it met another writer."""
    due = upkeep.authorities_to_sweep(engine)
    return frozenset(each for each in due if last_days.turn_day(engine, authority_id=each).left)


def _judge_changed(engine: ProcessEngine) -> int:
    judged = 0
    for _ in range(BATCHES_A_TICK):
        done = escalation.check_changed(engine)
        judged += done.judged
        if done.judged < escalation.BATCH:
            break
    return judged


def _judge_nightly(engine: ProcessEngine, waiting: frozenset[UUID]) -> int:
    """Run the sweeps of tonight; it is over, but for an authority in `waiting`, when nothing was left."""
    judged = 0
    for authority_id in upkeep.authorities_to_sweep(engine):
        done = escalation.check_nightly(engine, authority_id=authority_id)
        judged += done.judged
        # Otherwise the next tick does what was left, and only that.
        if not done.left and authority_id not in waiting:
            upkeep.swept(engine, authority_id)
    return judged


class Scheduler:
    """Runs `tick` at the next due time, and at least every `LONGEST_SLEEP`, on one thread."""

    def __init__(self, engine: ProcessEngine, courier: Courier) -> None:
        self._engine, self._courier = engine, courier
        self._scheduler = BackgroundScheduler(executors={"default": ThreadPoolExecutor(1)}, timezone="UTC")

    def start(self) -> None:
        """Begin ticking."""
        self._scheduler.start()
        self._wake_after(timedelta(0))

    def stop(self) -> None:
        """Finish the tick under way and stop."""
        self._scheduler.shutdown(wait=True)

    def _wake_after(self, pause: timedelta) -> None:
        # The machine's clock decides only when to look; what is due is decided by the engine's own clock.
        run_at = SystemClock().now() + pause
        self._scheduler.add_job(
            self._run, "date", run_date=run_at, id="tick", replace_existing=True, misfire_grace_time=None
        )

    def _run(self) -> None:
        pause = LONGEST_SLEEP
        try:
            tick(self._engine, self._courier)
            pause = _pause(self._engine)
        except Exception as error:  # noqa: BLE001 - the next tick tries again; health shows a poller that does not move
            log.error("tick failed: %s", type(error).__name__)
        finally:
            self._wake_after(pause)


def _pause(engine: ProcessEngine) -> timedelta:
    due = upkeep.next_due(engine)
    if due is None:
        return LONGEST_SLEEP
    return max(SHORTEST_SLEEP, min(LONGEST_SLEEP, due - engine.clock.now()))


def run(engine: ProcessEngine, courier: Courier) -> None:
    """Tick until SIGTERM or SIGINT; the body of the scheduler process of `caf serve`."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    scheduler = Scheduler(engine, courier)
    scheduler.start()
    stop.wait()
    scheduler.stop()
