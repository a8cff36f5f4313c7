"""A storm: two workers and a scheduler killed again and again while two hundred tasks are done, each by two people.

Run by `make storm`. When it is over: every task done once, by the one who was told so; every timer fired once;
every message sent; history whole.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.store.tables import keeping, running
from tests.faults.jobs import as_arguments
from tests.faults.nursery import ROOT
from tests.faults.storming import Plan
from tests.small_models import LETTERS
from tests.worlds import World, open_world

pytestmark = pytest.mark.storm

CASES = 100
PEOPLE = ("hana", "idris")
KILLS = 35
PATIENCE = 600
"""Seconds after which a storm hangs."""


@pytest.mark.parametrize("seed", [1, 2])
def test_storm(database_url: str, tmp_path: Path, seed: int) -> None:
    with open_world(database_url, models={"letters.bpmn": LETTERS}) as world:
        started = [world.start_case(process_key="letters") for _ in range(CASES)]
        plan = Plan(
            url=database_url,
            at=world.clock.now().isoformat(),
            people={who: as_arguments(world.actor(who)) for who in PEOPLE},
            lead=str(world.ids["hana"]),
            log=str(tmp_path / "told"),
            post=str(tmp_path / "post"),
            kills=KILLS,
            seed=seed,
        )
        command = [sys.executable, "-m", "tests.faults.storming", json.dumps(asdict(plan))]
        passed = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True, timeout=PATIENCE)
        assert int(passed.stdout) >= KILLS
        check(world, started, plan)


def who_was_told(plan: Plan) -> dict[str, str]:
    """Return who was told to have done each task."""
    told: dict[str, str] = {}
    for line in Path(plan.log).read_text().splitlines():
        said = json.loads(line)
        assert told.setdefault(said["task"], said["by"]) == said["by"], "two people were told that they did it"
    return told


def check(world: World, started: list[UUID], plan: Plan) -> None:
    told, names = who_was_told(plan), {id_: key for key, id_ in world.ids.items()}
    tasks = world.rows(sa.select(running.user_tasks))
    assert Counter(task.element_id for task in tasks) == {"appoint": CASES, "visit": CASES, "chase": CASES}
    for task in tasks:
        assert task.state == "completed", f"{task.element_id} is {task.state}"
        assert told.get(str(task.id), names[task.closed_by]) == names[task.closed_by], "another was told than is kept"
    assert told.keys() <= {str(task.id) for task in tasks}, "somebody was told of a task that was lost"
    assert len(told) > 2 * CASES
    for case_id in started:
        kinds = Counter(event.kind for event in world.history(case_id))
        assert (kinds["task_completed"], kinds["timer_fired"]) == (3, 1)
    messages = world.rows(sa.select(keeping.outbox))
    assert Counter(message.state for message in messages) == {"sent": 2 * CASES}
    arrived = Counter(Path(plan.post).read_text().split())
    assert arrived.keys() == {str(message.id) for message in messages}, "a message never arrived"
    assert world.incidents() == []
    assert world.verified().findings == ()
