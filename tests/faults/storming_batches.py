"""A storm over a batch: forks two workers that go on with it, kills them at random, forks them again.

A program, so that it has one thread and may fork. Its argument is a `Plan` as JSON; it prints how many it killed.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from dataclasses import dataclass

from engine.bootstrap import build_engine
from engine.clock import FakeClock
from engine.commands import batches
from engine.store import batches as stored
from tests.faults.jobs import clock_at
from tests.faults.nursery import warm_up
from tests.worlds import settings_for

CASES_A_TURN = 3
WORKERS = 2


@dataclass(frozen=True, slots=True)
class Plan:
    """What the storm is about: how many are killed while the batch at `url` is gone on with."""

    url: str
    at: str
    kills: int
    seed: int


def _go_on(plan: Plan) -> None:
    """Go on until no batch is under way."""
    engine = build_engine(settings_for(plan.url), clock=FakeClock(clock_at(plan.at)))
    while True:
        batches.go_on(engine, most=CASES_A_TURN)
        with engine.sessions.read() as connection:
            if not stored.running(connection):
                return


def _fork(plan: Plan) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        _go_on(plan)
        code = 0
    finally:
        os._exit(code)


def main() -> None:
    """Let the storm of the plan pass."""
    plan = Plan(**json.loads(sys.argv[1]))
    warm_up()
    luck, killed = random.Random(plan.seed), 0
    alive = [_fork(plan) for _ in range(WORKERS)]
    while killed < plan.kills:
        time.sleep(luck.uniform(0.02, 0.15))
        which = luck.randrange(WORKERS)
        os.kill(alive[which], signal.SIGKILL)
        _, status = os.waitpid(alive[which], 0)
        killed += os.WIFSIGNALED(status)
        if not os.WIFSIGNALED(status):
            break  # it was done before it could be killed
        alive[which] = _fork(plan)
    for pid in alive:
        try:
            os.waitpid(pid, 0)
        except ChildProcessError:
            continue
    last = _fork(plan)
    _, status = os.waitpid(last, 0)
    sys.stdout.write(f"{killed} {status}\n")


if __name__ == "__main__":
    main()
