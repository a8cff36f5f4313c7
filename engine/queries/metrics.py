"""How much work is open, late and stuck in the whole service: counts alone, for a monitoring system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.clock import local_day
from engine.process_engine import ProcessEngine
from engine.store import due, figures
from engine.store.incidents import KINDS
from engine.store.late_tasks import late_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """Counts over every authority. `lag_seconds` is for how long the timer that waits longest has been due.

    `poller_at` is when the poller was last heard (aware UTC), None when never; `incidents` are counted by kind.
    """

    cases_open: int
    tasks_open: int
    tasks_overdue: int
    timers_waiting: int
    timers_due: int
    timers_failing: int
    lag_seconds: float
    poller_at: datetime | None
    messages_waiting: int
    incidents: Mapping[str, int]


def count(engine: ProcessEngine) -> Metrics:
    """Count what is open, late and stuck now; nothing of it is about one case or one person."""
    now = engine.clock.now()
    with engine.sessions.read() as connection:
        tasks = overdue = 0
        for authority_id, version in figures.all_authorities(connection):
            authority = engine.library.authority(connection, authority_id, version)
            late = late_on(local_day(now, authority.zone), authority.calendar)
            tasks += figures.open_tasks(connection, authority_id)
            overdue += figures.open_tasks(connection, authority_id, late)
        timers = figures.of_timers(connection, now=now)
        since = due.waits_since(connection, now=now)
        stopped = figures.open_incidents(connection)
        return Metrics(
            cases_open=figures.open_cases(connection),
            tasks_open=tasks,
            tasks_overdue=overdue,
            timers_waiting=timers.waiting,
            timers_due=timers.due,
            timers_failing=timers.failing,
            lag_seconds=max(0.0, (now - since).total_seconds()) if since else 0.0,
            poller_at=figures.last_beat(connection),
            messages_waiting=figures.waiting_messages(connection),
            incidents={kind: stopped.get(kind, 0) for kind in KINDS},
        )
