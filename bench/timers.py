"""Timers: the sweep with very many waiting, and due ones fired through the engine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from statistics import median

import sqlalchemy as sa

from bench.furnished import Databases, Service
from bench.measuring import Act, Figure, Scale, in_turns
from engine.clock import FakeClock, SystemClock
from engine.commands.timers import fire_due
from engine.store import due
from engine.store.tables.running import instances, timer_leases, timers

CLAIMED = 100
APART = 7
"""How far apart timers were made that come due together; without a factor in common with the number of timers."""
MOST_IDLE = {"sqlite": 1.0, "postgresql": 2.0}
MOST_CLAIM = {"sqlite": 2.0, "postgresql": 4.0}
MOST_GROWTH = 1.5
FEWEST_A_SECOND = {"sqlite": 300, "postgresql": 200}


def measure_waiting(databases: Databases, scale: Scale) -> Iterator[Figure]:
    """Measure a sweep that finds nothing due, and claiming 100 due timers, with few and with very many waiting."""
    now = SystemClock().now()
    with databases.service(FakeClock(now)) as few, databases.service(FakeClock(now)) as many:
        _fill(few, scale.few_timers, now)
        _fill(many, scale.timers, now)
        databases.rested(few, many)
        spans = in_turns(
            {
                "idle_few": _idles(few),
                "idle_many": _idles(many),
                "claim_few": _claims(few, scale.few_timers),
                "claim_many": _claims(many, scale.timers),
            },
            scale,
        )
    kind = databases.kind
    idle, claim = (spans["idle_few"], spans["idle_many"]), (spans["claim_few"], spans["claim_many"])
    yield _waiting_figure(kind, "none due", scale, idle, MOST_IDLE[kind])
    yield _waiting_figure(kind, f"claiming {CLAIMED} due", scale, claim, MOST_CLAIM[kind])


def _fill(service: Service, count: int, now: datetime) -> None:
    """Let `count` timers wait for times spread over the year that begins tomorrow."""
    service.start("peers")
    with service.engine.sessions.act() as connection:
        instance_id = connection.execute(sa.select(instances.c.id)).scalar_one()
        numbers, key, at = _SPREAD[service.engine.sessions.dialect]
        connection.execute(sa.delete(timers))
        connection.execute(
            sa.text(
                "INSERT INTO timers (id, instance_id, task_id, element_id, occurrence, zone, rule, due_at) "  # noqa: S608
                f"WITH {numbers} SELECT {key}, :instance, {key}, 'review_due', n, 'Europe/London', 'P90D', {at} "
                "FROM numbers"
            ).bindparams(sa.bindparam("instance", type_=sa.Uuid)),
            {"count": count, "instance": instance_id, "begin": f"{now + timedelta(days=1):%Y-%m-%d %H:%M:%S}"},
        )


# Ids as the engine gives them, in the order of creation (UUID version 7); due times in no order.
_SPREAD = {
    "sqlite": (
        "RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count)",
        "printf('%012x7', 1700000000000 + n) || substr(lower(hex(randomblob(10))), 1, 19)",
        "strftime('%Y-%m-%d %H:%M:%f000', :begin, ((n * 7919) % 31536000) || ' seconds')",
    ),
    "postgresql": (
        "numbers AS (SELECT generate_series(1, CAST(:count AS integer)) AS n)",
        "CAST(lpad(to_hex(1700000000000 + n), 12, '0') || '7' || substr(md5(random()::text), 1, 19) AS uuid)",
        "CAST(:begin AS timestamptz) + ((CAST(n AS bigint) * 7919) % 31536000) * interval '1 second'",
    ),
}


_WARMING = 10
"""A statement is prepared on the server when it has been used five times."""


def _idles(service: Service) -> Callable[[], Iterable[Act]]:
    """Make sweeps that find nothing, over a connection of their own that is warm.

    PostgreSQL's process of a connection keeps to one core: by chance beside ours or away from it, at half the speed.
    """

    def make() -> Iterator[Act]:
        service.engine.sessions.close()
        for _ in range(_WARMING):
            fire_due(service.engine)
        yield from [lambda: fire_due(service.engine)] * 20

    return make


def _claims(service: Service, count: int) -> Callable[[], Iterable[Act]]:
    """Make claims of 100 timers that have just come due; those claimed are fired in between, unmeasured."""
    coming = iter(range(1, count))

    def make() -> Iterator[Act]:
        for _ in range(5):
            _come_due(service, [next(coming) * APART % count + 1 for _ in range(CLAIMED)])
            yield lambda: _claim(service)
            _fired(service)

    return make


def _come_due(service: Service, occurrences: Sequence[int]) -> None:
    now = service.engine.clock.now()
    with service.engine.sessions.act() as connection:
        connection.execute(
            sa.update(timers)
            .where(timers.c.element_id == "review_due", timers.c.occurrence.in_(occurrences))
            .values(due_at=now - timedelta(minutes=1))
        )


def _claim(service: Service) -> None:
    with service.engine.sessions.act() as connection:
        claimed = due.claim(connection, service.engine.ids.new(), now=service.engine.clock.now(), limit=CLAIMED)
    assert len(claimed) == CLAIMED


def _fired(service: Service) -> None:
    with service.engine.sessions.act() as connection:
        connection.execute(
            sa.update(timers)
            .where(timers.c.fired_at.is_(None), timers.c.due_at <= service.engine.clock.now())
            .values(fired_at=service.engine.clock.now())
        )
        connection.execute(sa.delete(timer_leases))


def _waiting_figure(kind: str, said: str, scale: Scale, spans: tuple[float, float], most: float) -> Figure:
    few, many = spans
    return Figure(
        row="waiting",
        measure=f"sweep with {scale.timers:,} timers waiting: {said}",
        database=kind,
        figure=f"{many:.2f} ms, {many / few:.2f}x that with {scale.few_timers:,} ({few:.2f} ms)",
        reach=f"at most {most:g} ms; {MOST_GROWTH:g}x",
        met=many <= most and many / few <= MOST_GROWTH,
        numbers={"milliseconds": many, "milliseconds_with_few": few},
    )


def measure_fired(databases: Databases, scale: Scale) -> Iterator[Figure]:
    """Measure one worker firing timers through the engine; each opens a task for a person."""
    clock = FakeClock(SystemClock().now())
    with databases.service(clock) as service:
        for _ in range(scale.fired):
            service.complete_all([service.start("peers")], "task_a")
        clock.advance(timedelta(days=2))
        rates = []
        while True:
            began = time.perf_counter()
            done = fire_due(service.engine)
            if not done.fired:
                break
            rates.append(done.fired / (time.perf_counter() - began))
            assert done.failed == 0
    rate = median(rates)
    yield Figure(
        row="fired",
        measure="due timers fired through the engine, one worker",
        database=databases.kind,
        figure=f"{rate:.0f} a second (batches of 100: {min(rates):.0f} to {max(rates):.0f})",
        reach=f"at least {FEWEST_A_SECOND[databases.kind]}",
        met=rate >= FEWEST_A_SECOND[databases.kind],
        numbers={"a_second": rate, "batches": rates},
    )
