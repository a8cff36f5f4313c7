"""A thousand tasks given to somebody else in one go, each on a case of its own."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import sqlalchemy as sa

from bench.board import A_MANAGERS, fill
from bench.furnished import Databases, Service
from bench.measuring import Figure, Scale, timed
from engine.casework.permissions import Actor
from engine.clock import FakeClock, SystemClock
from engine.commands import batches
from engine.store import actors
from engine.store.tables.batches import batch_items
from engine.store.tables.people import accounts
from engine.store.tables.running import user_tasks

TASKS = 1_000
MOST_SECONDS = 10.0


def measure(databases: Databases, scale: Scale) -> Iterator[Figure]:
    """Measure planning and carrying out a batch, as its maker and the scheduler do."""
    number = min(TASKS, 10 * scale.rounds) if scale.rounds < Scale().rounds else TASKS
    clock = FakeClock(SystemClock().now())
    with databases.service(clock) as service:
        fill(service, A_MANAGERS, clock.now().date())
        task_ids, actor, to = _tasks(service, number), _manager(service), service.worker.practitioner_id
        planned: list[UUID] = []
        look = timed(lambda: planned.append(batches.plan_tasks(service.engine, actor=actor, task_ids=task_ids, to=to)))
        span = timed(lambda: _carry_out(service, actor, planned[0]))
        done = _done(service)
    assert done == number, f"{done} of {number} pieces of work were done"
    seconds = (look + span) / 1000
    yield Figure(
        row="bulk",
        measure=f"{number:,} tasks on as many cases given to somebody in one go, a transaction for each case",
        database=databases.kind,
        figure=f"{seconds:.1f} s, {look / 1000:.1f} s of it the preview",
        reach=f"at most {MOST_SECONDS:g} s",
        met=seconds <= MOST_SECONDS,
        numbers={"preview_milliseconds": look, "milliseconds": span},
    )


def _carry_out(service: Service, actor: Actor, batch_id: UUID) -> None:
    batches.begin(service.engine, actor=actor, batch_id=batch_id)
    while batches.go_on(service.engine):
        pass


def _manager(service: Service) -> Actor:
    with service.engine.sessions.read() as connection:
        own = accounts.c.practitioner_id == service.manager_id
        account = connection.execute(sa.select(accounts.c.id).where(own)).scalar_one()
        found = actors.of_account(connection, account, now=service.engine.clock.now())
    assert found is not None
    return found


def _tasks(service: Service, number: int) -> list[UUID]:
    """Return one open task of each of as many cases that the manager's people lead."""
    with service.engine.sessions.read() as connection:
        one_a_case = (user_tasks.c.element_id.startswith("step_0_"), user_tasks.c.assignee_id.is_not(None))
        query = sa.select(user_tasks.c.id).where(*one_a_case).order_by(user_tasks.c.id)
        return list(connection.execute(query.limit(number)).scalars())


def _done(service: Service) -> int:
    with service.engine.sessions.read() as connection:
        done = sa.select(sa.func.count()).where(batch_items.c.state == "done")
        return connection.execute(done).scalar_one()
