"""A task offered to several groups: who is told, and that nothing is kept of it once it is closed."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from engine.commands import user_tasks
from engine.store.tables.running import offered_groups
from tests.unit.bpmn.diagrams import boundary, end, timer, user
from tests.worlds import World, build_world, model

GROUPS = "safeguarding_leads, line_managers, mag_members"
OFFERED = model(
    user("ask", camunda_candidateGroups=GROUPS),
    boundary("late", "ask", timer('duration("P3D")')),
    user("again", camunda_candidateGroups="case_workers"),
    end("given_up"),
    way="start ask; ask end; late again; again given_up",
)


def offers(world: World) -> set[str]:
    """Return the groups in the table, of the open task."""
    rows = world.rows(sa.select(offered_groups))
    assert {row.task_id for row in rows} <= {task.id for task in world.tasks()}
    assert {row.authority_id for row in rows} <= {world.authority_id}
    return {row.queue for row in rows}


def opened() -> World:
    world = build_world(models={})
    world.deploy({"small.bpmn": OFFERED})
    world.start_case(process_key="small")
    return world


def test_the_first_group_by_name_has_the_queue_and_the_others_a_row_each() -> None:
    world = opened()
    assert world.task("ask").queue == "line_managers"
    assert offers(world) == {"mag_members", "safeguarding_leads"}


def test_any_of_the_groups_takes_it_and_does_it() -> None:
    world = opened()
    task = world.task("ask")
    user_tasks.claim(world.engine, actor=world.actor("ada"), task_id=task.id)
    assert offers(world), "it may be handed back"
    user_tasks.complete(world.engine, actor=world.actor("ada"), task_id=task.id, answers={})
    assert not offers(world)


def test_nothing_is_kept_of_a_task_that_the_process_took_away() -> None:
    world = opened()
    world.clock.advance(timedelta(days=4))
    world.tick()
    assert world.open_elements() == ["again"] and not offers(world)


def test_a_task_for_one_group_costs_no_statement_more() -> None:
    world = opened()
    world.clock.advance(timedelta(days=4))
    said: list[str] = []
    connection = world.engine.sessions.engine
    sa.event.listen(connection, "before_cursor_execute", lambda *heard: said.append(heard[2]))
    world.tick()
    assert [text for text in said if "offered_groups" in text and text.startswith("DELETE")]
    said.clear()
    world.do("again", "hana")
    assert said and not [text for text in said if "offered_groups" in text and not text.startswith("SELECT")]
