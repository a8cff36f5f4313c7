"""A storm: whoever goes on with a batch is killed again and again; every piece of work is moved once, and told once.

Run by `make storm`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import asdict

import pytest
import sqlalchemy as sa

from engine.commands import batches
from engine.store.tables import keeping
from engine.store.tables.batches import batch_items
from engine.store.tables.batches import batches as batch_rows
from tests.faults.nursery import ROOT
from tests.faults.storming_batches import Plan
from tests.unit.bpmn.diagrams import user
from tests.worlds import World, model, open_world

pytestmark = pytest.mark.storm

CASES = 300
KILLS = 30
LEAST_KILLED = 3
"""A fast machine is done with the batch sooner; fewer than these would be no storm."""
PATIENCE = 600
"""Seconds after which a storm hangs."""
VISIT = model(user("visit", camunda_candidateGroups="case_workers"), way="start visit; visit end", key="visits")


@pytest.mark.parametrize("seed", [1, 2])
def test_a_batch_outlives_a_storm(database_url: str, seed: int) -> None:
    with open_world(database_url, models={"visits.bpmn": VISIT}) as world:
        for number in range(CASES):
            world.start_case(process_key="visits", given_name=f"Sam{number}")
        task_ids = [task.id for task in world.tasks()]
        morgan = world.actor("morgan")
        batch = batches.plan_tasks(world.engine, actor=morgan, task_ids=task_ids, to=world.ids["idris"])
        batches.begin(world.engine, actor=morgan, batch_id=batch)
        plan = Plan(url=database_url, at=world.clock.now().isoformat(), kills=KILLS, seed=seed)
        command = [sys.executable, "-m", "tests.faults.storming_batches", json.dumps(asdict(plan))]
        passed = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True, timeout=PATIENCE)
        killed, status = map(int, passed.stdout.split())
        assert killed >= LEAST_KILLED and status == 0
        check(world)


def check(world: World) -> None:
    (row,) = world.rows(sa.select(batch_rows))
    assert row.state == "done"
    assert Counter(item.state for item in world.rows(sa.select(batch_items))) == {"done": CASES}
    assert Counter(task.assignee_id for task in world.tasks()) == {world.ids["idris"]: CASES}
    assert {task.version for task in world.tasks()} == {2}, "a task was moved twice"
    moved = sa.select(keeping.history.c.case_id).where(keeping.history.c.kind == "task_reassigned")
    assert set(Counter(world.rows(moved)).values()) == {1}
    subjects = Counter(row.subject for row in world.rows(sa.select(keeping.outbox)))
    assert subjects == {f"{CASES} tasks have been given to you": 1}
    assert world.incidents() == []
    assert world.verified().findings == ()
