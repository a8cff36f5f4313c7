"""A case of five thousand tasks goes on, and its last step does no more work than its first."""

from __future__ import annotations

import pytest

from engine.commands import user_tasks
from tests.database.test_statement_counts import counting
from tests.small_models import LOOP
from tests.worlds import World, open_world

DEEP = {"sqlite": 5_000, "postgresql": 1_000}
"""How deep it goes: what grows with depth is the process's state, which is the same on both."""


def test_thousands_of_tasks_deep(database_url: str, request: pytest.FixtureRequest) -> None:
    with open_world(database_url, models={"loop.bpmn": LOOP}) as world:
        _go_deep(world, DEEP[request.node.callspec.params["database_url"]])


def _go_deep(world: World, tasks: int) -> None:
    case_id = world.start_case(process_key="loop")
    (task,), actor = world.tasks(case_id), world.actor("hana")
    task_id, statements, sizes = task.id, [], []
    for number in range(1, tasks + 1):
        if number % 500 in (1, 2):
            with counting(world) as counted:
                done = user_tasks.complete(world.engine, actor=actor, task_id=task_id, answers={"more": True})
            statements.append(len(counted.statements))
            sizes.append(len(world.instance(case_id, "loop").state))
        else:
            done = user_tasks.complete(world.engine, actor=actor, task_id=task_id, answers={"more": number < tasks})
        (task_id,) = done.opened or (None,)
    assert len(set(statements[1:])) == 1, statements
    assert max(sizes) - min(sizes) < 64, sizes
    assert world.instance(case_id, "loop").status == "ended"
    assert world.case(case_id).version == tasks + 1
    assert world.verified().findings == ()
