"""The nightly escalation sweep over very many open plans, on one core."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from statistics import median

from bench import caseload
from bench.furnished import Databases, Service
from bench.measuring import Figure, Scale
from engine.clock import FakeClock, SystemClock
from engine.commands.escalation import Swept, check_nightly

NIGHTS = 5
MOST_SECONDS = 3.0


def measure(databases: Databases, scale: Scale) -> Iterator[Figure]:
    """Measure the sweep of ordinary nights: the first, which finds what has slipped for months, is not one.

    Each night some plans cross a threshold: their history, messages and processes are part of the time.
    """
    clock = FakeClock(SystemClock().now())
    with databases.service(clock) as service:
        caseload.write(service, plans=scale.plans, today=clock.now().date())
        first = check_nightly(service.engine)
        nights = []
        for _ in range(NIGHTS):
            clock.advance(timedelta(days=1))
            nights.append(_night(service))
    yield _figure(databases.kind, scale, first, nights)


def _night(service: Service) -> tuple[float, float, Swept]:
    began, busy = time.perf_counter(), time.process_time()
    done = check_nightly(service.engine)
    return time.perf_counter() - began, time.process_time() - busy, done


def _figure(kind: str, scale: Scale, first: Swept, nights: list[tuple[float, float, Swept]]) -> Figure:
    seconds = median(found for found, _, _ in nights)
    busy = median(found for _, found, _ in nights)
    changed = [done.changed for _, _, done in nights]
    reach = MOST_SECONDS * scale.plans / Scale().plans
    return Figure(
        row="sweep",
        measure=f"escalation sweep over {scale.plans:,} open plans",
        database=kind,
        figure=f"{seconds:.2f} s ({busy:.2f} s of it our CPU; {min(changed)} to {max(changed)} plans changed a night)",
        reach=f"at most {reach:g} s",
        met=seconds <= reach and not any(done.failed for _, _, done in nights),
        numbers={
            "seconds": [found for found, _, _ in nights],
            "cpu_seconds": [found for _, found, _ in nights],
            "changed": changed,
            "changed_the_first_night": first.changed,
            "failed": [first.failed, *(done.failed for _, _, done in nights)],
        },
    )
