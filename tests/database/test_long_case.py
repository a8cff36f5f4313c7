"""A case of five thousand tasks goes on, and its last step does no more work than its first."""

from __future__ import annotations

from engine.commands import user_tasks
from tests.database.test_statement_counts import counting
from tests.small_models import LOOP
from tests.worlds import build_world

TASKS = 5_000


def test_five_thousand_tasks_deep() -> None:
    world = build_world(models={"loop.bpmn": LOOP})
    case_id = world.start_case(process_key="loop")
    (task,), actor = world.tasks(case_id), world.actor("hana")
    task_id, statements, sizes = task.id, [], []
    for number in range(1, TASKS + 1):
        if number % 500 in (1, 2):
            with counting(world) as counted:
                done = user_tasks.complete(world.engine, actor=actor, task_id=task_id, answers={"more": True})
            statements.append(len(counted.statements))
            sizes.append(len(world.instance(case_id, "loop").state))
        else:
            done = user_tasks.complete(world.engine, actor=actor, task_id=task_id, answers={"more": number < TASKS})
        (task_id,) = done.opened or (None,)
    assert len(set(statements[1:])) == 1, statements
    assert max(sizes) - min(sizes) < 64, sizes
    assert world.instance(case_id, "loop").status == "ended"
    assert world.case(case_id).version == TASKS + 1
    assert world.verified().findings == ()
