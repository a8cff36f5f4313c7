"""The nightly escalation sweep over very many open plans, on one core."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from bench import caseload
from bench.furnished import Databases, Service
from bench.measuring import Figure, Scale
from engine.clock import FakeClock, SystemClock
from engine.commands.escalation import Swept, check_nightly
from engine.store import authorities

NIGHTS = 5
MOST_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Night:
    """One night's sweep: how long it took, how much of that was our CPU, what it did."""

    seconds: float
    busy: float
    done: Swept


def measure(databases: Databases, scale: Scale) -> Iterator[Figure]:
    """Measure nights on which every plan is due, as after a deployment, in turns with ordinary ones.

    The first night of all, which finds what has slipped for months, is neither. Each night some plans cross a
    threshold: their history, messages and processes are part of the time.
    """
    clock = FakeClock(SystemClock().now())
    every: list[Night] = []
    ordinary: list[Night] = []
    with databases.service(clock) as service:
        caseload.write(service, plans=scale.plans, today=clock.now().date())
        check_nightly(service.engine)
        for _ in range(NIGHTS):
            clock.advance(timedelta(days=1))
            _make_all_due(service)
            every.append(_night(service))
            clock.advance(timedelta(days=1))
            ordinary.append(_night(service))
    assert all(night.done.judged == scale.plans for night in every)
    yield _figure(databases.kind, scale, "all of them due", every)
    yield _figure(databases.kind, scale, "an ordinary night", ordinary)


def _make_all_due(service: Service) -> None:
    """Change what every judgement rests on, as a deployment of rules or a closed day does."""
    with service.engine.sessions.act() as connection:
        authorities.touch(connection, service.authority_id)


def _night(service: Service) -> Night:
    began, busy = time.perf_counter(), time.process_time()
    done = check_nightly(service.engine)
    return Night(time.perf_counter() - began, time.process_time() - busy, done)


def _figure(kind: str, scale: Scale, which: str, nights: list[Night]) -> Figure:
    seconds, busy = median(night.seconds for night in nights), median(night.busy for night in nights)
    judged, changed = (median(found) for found in zip(*((n.done.judged, n.done.changed) for n in nights), strict=True))
    reach = MOST_SECONDS * scale.plans / Scale().plans
    return Figure(
        row="sweep",
        measure=f"escalation sweep over {scale.plans:,} open plans, {which}",
        database=kind,
        figure=f"{seconds:.2f} s ({busy:.2f} s of it our CPU; {judged:g} judged, {changed:g} changed)",
        reach=f"at most {reach:g} s",
        met=seconds <= reach and not any(night.done.failed or night.done.left for night in nights),
        numbers={
            "seconds": [night.seconds for night in nights],
            "cpu_seconds": [night.busy for night in nights],
            "judged": [night.done.judged for night in nights],
            "changed": [night.done.changed for night in nights],
        },
    )
