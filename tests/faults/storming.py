"""The storm itself: forks two people's workers and a scheduler, kills them at random, forks them again.

A program, so that it has one thread and may fork. Its argument is a `Plan` as JSON; it prints how many it killed.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.bootstrap import build_engine
from engine.clock import FakeClock
from engine.commands import outbox, timers, user_tasks
from engine.errors import Conflict
from engine.process_engine import ProcessEngine
from engine.store import due
from engine.store.tables import keeping, running
from tests.faults.jobs import AppendingCourier, clock_at, read_actor
from tests.faults.nursery import warm_up
from tests.worlds import settings_for

PAUSE = 0.01
"""Seconds between two acts."""

TASKS_IN_ONE_LIFE = 5
"""What one worker does before it is killed, so that the work outlasts the storm on a machine of any speed."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the storm is about. `people` are actors by name; `log` is where they write what they were told."""

    url: str
    at: str
    people: Mapping[str, Mapping[str, Any]]
    lead: str
    log: str
    post: str
    kills: int
    seed: int

    @property
    def is_over(self) -> bool:
        """Say whether nobody is killed any more."""
        return Path(self.log + ".over").exists()


def _complete_all(engine: ProcessEngine, plan: Plan, name: str) -> None:
    """Complete whatever can be, until nothing is open; write down each task one was told to have done."""
    actor, log = read_actor(plan.people[name]), os.open(plan.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    done = 0
    while (found := _open_tasks(engine)) is not None:
        for task_id in found:
            if done >= TASKS_IN_ONE_LIFE and not plan.is_over:
                break
            try:
                user_tasks.complete(engine, actor=actor, task_id=task_id, answers={"lead_professional": plan.lead})
            except Conflict:
                pass
            else:
                os.write(log, (json.dumps({"task": str(task_id), "by": name}) + "\n").encode())
                done += 1
            time.sleep(PAUSE)
        time.sleep(PAUSE)


def _open_tasks(engine: ProcessEngine) -> list[UUID] | None:
    """Return the tasks that can be done now, None when none is open: a visit waits until its reminder has come."""
    table, timer = running.user_tasks, running.timers
    waits = sa.exists().where(
        timer.c.instance_id == table.c.instance_id, timer.c.fired_at.is_(None), timer.c.cancelled_at.is_(None)
    )
    with engine.sessions.read() as connection:
        rows = connection.execute(sa.select(table.c.id, table.c.element_id, waits).where(table.c.state == "open")).all()
    return [id_ for id_, element, waiting in rows if not (element == "visit" and waiting)] if rows else None


def _schedule(engine: ProcessEngine, clock: FakeClock, plan: Plan) -> None:
    """Fire and send until nothing is open or waits to be sent; leases of the dead run out as the clock goes on."""
    courier = AppendingCourier(Path(plan.post), lambda name: None)
    clock.advance(timedelta(days=2))
    messages = sa.select(keeping.outbox.c.id).where(keeping.outbox.c.state == "waiting").limit(1)
    while True:
        clock.advance(due.LEASE)
        timers.fire_due(engine, limit=5)
        outbox.deliver_due(engine, courier, limit=5)
        time.sleep(PAUSE)
        with engine.sessions.read() as connection:
            sending = connection.execute(messages).first() is not None
        if not sending and _open_tasks(engine) is None:
            return


def _fork(plan: Plan, role: str) -> int:
    """Fork a worker and return its process id once it has begun to work, so that it is work that is killed."""
    ready, begun = os.pipe()
    pid = os.fork()
    if pid:
        os.close(begun)
        os.read(ready, 1)
        os.close(ready)
        return pid
    code = 1
    try:
        clock = FakeClock(clock_at(plan.at))
        engine = build_engine(settings_for(plan.url), clock=clock)
        os.write(begun, b"!")
        if role in plan.people:
            _complete_all(engine, plan, role)
        else:
            _schedule(engine, clock, plan)
        code = 0
    finally:
        os._exit(code)


def _storm(plan: Plan) -> int:
    """Kill and fork anew until enough were killed; then let all finish. Return the number killed."""
    luck, killed = random.Random(plan.seed), 0
    alive = {role: _fork(plan, role) for role in (*plan.people, "scheduler")}
    while killed < plan.kills:
        time.sleep(luck.uniform(0.02, 0.3))
        for role in luck.sample(sorted(alive), k=luck.choice((1, 1, 2))):
            os.kill(alive[role], signal.SIGKILL)
            _, status = os.waitpid(alive[role], 0)
            killed += os.WIFSIGNALED(status)
            alive[role] = _fork(plan, role)
    Path(plan.log + ".over").touch()
    _finish(lambda role: _fork(plan, role), alive)
    return killed


def _finish(fork: Callable[[str], int], alive: dict[str, int]) -> None:
    """Wait for everybody; one that gave up in the turmoil gets one more chance."""
    for role, pid in alive.items():
        for chance in (1, 2):
            _, status = os.waitpid(pid, 0)
            if status == 0:
                break
            if chance == 2:
                sys.exit(f"{role} could not finish: {status}")
            pid = fork(role)


def main() -> None:
    """Let the storm of the plan pass."""
    plan = Plan(**json.loads(sys.argv[1]))
    warm_up()
    sys.stdout.write(f"{_storm(plan)}\n")


if __name__ == "__main__":
    main()
