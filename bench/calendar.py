"""A day on which the offices close, before five thousand open due dates on as many cases: looked at, then one act."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from bench.furnished import Databases, Service
from bench.measuring import Figure, Scale, timed
from engine.calendar import WorkingCalendar
from engine.casework.permissions import Actor
from engine.clock import FakeClock, SystemClock
from engine.commands import local_closures
from engine.commands.local_closures import Moved
from engine.queries import calendar_changes
from engine.redating import period
from engine.store.tables.record import cases
from engine.store.tables.running import instances, user_tasks

DATES = 5_000
PATHWAY = "agree_to_support"
"""A way for a case to begin whose first step is due some working days after it."""
MOST_SECONDS = 30.0
"""Nobody has said how long it may take: as long as a web page may keep somebody waiting at the very most."""


def measure(databases: Databases, scale: Scale) -> Iterator[Figure]:
    """Measure looking at what a closure moves, then the closure with all that moves."""
    number = min(DATES, scale.open_cases // 50)
    clock = FakeClock(SystemClock().now())
    with databases.service(clock) as service:
        _fill(service, service.start(PATHWAY), number)
        roles = frozenset({"administrator"})
        actor = Actor(service.manager_id, service.manager_id, service.authority_id, "Mo Marsh", roles)
        tomorrow = WorkingCalendar("england-and-wales").add_working_days(clock.now().date(), 1)
        wanted, moved = period(tomorrow, None, "Training"), list[Moved]()
        look = timed(lambda: calendar_changes.foreseen(service.engine, actor=actor, wanted=wanted))
        act = timed(
            lambda: moved.append(local_closures.carry_out(service.engine, actor=actor, wanted=wanted, why="Bench"))
        )
    assert moved[0].tasks == number, f"{moved[0].tasks} of {number} due dates moved"
    yield Figure(
        row="calendar",
        measure=f"a closure that moves {number:,} open due dates on as many cases, in one act",
        database=databases.kind,
        figure=f"{act / 1000:.1f} s, and {look / 1000:.1f} s to look at it first",
        reach=f"at most {MOST_SECONDS:g} s",
        met=act <= 1000 * MOST_SECONDS and look <= 1000 * MOST_SECONDS,
        numbers={"look_milliseconds": look, "milliseconds": act, "moved": number},
    )


def _fill(service: Service, case_id: UUID, number: int) -> None:
    """Write as many cases like this one, each with its task and its day."""
    with service.engine.sessions.act() as connection:
        case = _row(connection, cases, cases.c.id == case_id)
        task = _row(connection, user_tasks, user_tasks.c.case_id == case_id)
        instance = _row(connection, instances, instances.c.id == task["instance_id"])
        for _ in range(number - 1):
            ids = {name: service.engine.ids.new() for name in ("case", "instance", "task")}
            own = {"case_id": ids["case"]}
            connection.execute(sa.insert(cases), {**case, "id": ids["case"], "reference": f"B-{ids['case'].hex}"})
            connection.execute(sa.insert(instances), {**instance, **own, "id": ids["instance"]})
            connection.execute(
                sa.insert(user_tasks), {**task, **own, "id": ids["task"], "instance_id": ids["instance"]}
            )
    with service.engine.sessions.act() as connection:
        connection.execute(sa.text("ANALYZE"))


def _row(connection: sa.Connection, table: sa.Table, which: sa.ColumnElement[bool]) -> dict[str, Any]:
    return dict(connection.execute(sa.select(table).where(which)).first()._mapping)  # type: ignore[union-attr]
