"""A designer puts an approval behind the first plan, from the drawing to the next morning's case, on shipped files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib.resources import files
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine import outlines
from engine.commands import approved_changes, deployments, publishing, second_person
from engine.deploying import ScenariosNotKept
from engine.errors import Conflict
from engine.outlines import Diagram
from engine.playing import mending
from engine.playing.guarding import guarded
from engine.playing.scenarios import try_scenario
from engine.playing.stages import stage
from engine.scenario_files import read_scenario
from engine.store import proposals
from engine.store.tables import modelling, running
from tests.episodes import answers_for, start_and_walk_to
from tests.worlds import World, build_world, shipped_models

FILE, SCENARIO = "agree_plan.bpmn", "straight_way.scenario.yaml"
SHIPPED = files("processes").joinpath("scenarios", SCENARIO).read_bytes()
STEP = "approve_the_plan"


def with_approval() -> bytes:
    """Return the shipped first plan with an approval of the line managers behind it, as the outline puts it in."""
    diagram = Diagram(shipped_models()[FILE], name=FILE)
    step = outlines.add_step(
        diagram, flow_id="agree_action_plan_to_send_plan_to_family", what="userTask", name="Approve the plan"
    )
    outlines.set_fields(diagram, step, {"candidateGroups": "line_managers", "dueDate": "add working days(today(), 2)"})
    return diagram.save()


def mended() -> bytes:
    """Return the shipped scenario with the approval done where it comes."""
    before = b"  - do: agree_action_plan\n"
    assert SHIPPED.count(before) == 1
    return SHIPPED.replace(before, before + f"  - do: {STEP}\n".encode())


def test_the_scenario_is_mended_by_one_press_and_expects_what_it_did() -> None:
    in_force, scenario = shipped_models(), read_scenario(SHIPPED, name=SCENARIO)
    done = mending.mended(stage(in_force, {FILE: with_approval()}, on=scenario.on), scenario)
    assert done is not None and done[1] == ("Approve the plan",)
    after = done[0]
    assert [each.expects for each in after.steps if each.expects] == [
        each.expects for each in scenario.steps if each.expects
    ]
    assert [each.what for each in after.steps if each not in scenario.steps] == [STEP]
    (said,) = try_scenario(in_force | {FILE: with_approval()}, {}, scenario, restoring=False).problems
    assert "It waits at Approve the plan, of which it says nothing" in said, "in force, it is told still"
    assert "finish_late" not in said, "people know a step by its name"


@pytest.fixture
def world() -> World:
    """The shipped models and one scenario of theirs in force, where a second person approves."""
    found = build_world()
    found.deploy({SCENARIO: SHIPPED})
    found.engine = guarded(found.engine)
    second_person.ask_second_person(found.engine, actor=found.actor("piet"), asked=True, why="Two pairs of eyes")
    return found


def proposed(world: World, texts: Mapping[str, bytes], at: datetime | None = None) -> UUID:
    given = {"files": texts, "why": "A manager looks at each first plan", "publish_at": at}
    return publishing.propose(world.engine, actor=world.actor("piet"), **given).proposal_id


def approve(world: World, proposal_id: UUID, why: str = "") -> None:
    with world.engine.sessions.read() as connection:
        digest = proposals.digest_of_all(proposals.files_of(connection, proposal_id))
    publishing.approve(
        world.engine, actor=world.actor("cleo"), proposal_id=proposal_id, digest=digest, examples_why=why
    )
    for _ in range(3):
        approved_changes.publish_due(world.engine)


def the_next_case_is_approved(world: World, before: UUID) -> None:
    """See that yesterday's case has no approval, and the next morning's has."""
    after = start_and_walk_to(world, "agree_action_plan", given_name="Robin")
    for case_id in (before, after):
        world.do("agree_action_plan", "hana", case_id=case_id, **answers_for(world, "agree_action_plan"))
    assert STEP not in world.open_elements(before)
    assert STEP in world.open_elements(after)
    world.do(STEP, "morgan", case_id=after)
    assert STEP not in world.open_elements(after)
    assert world.rows(sa.select(running.incidents)) == []


def test_the_scenario_is_mended_along_with_the_diagram(world: World) -> None:
    yesterday = start_and_walk_to(world, "agree_action_plan")
    texts = {FILE: with_approval(), SCENARIO: mended()}
    id_ = proposed(world, texts)
    approve(world, id_)
    the_next_case_is_approved(world, yesterday)


def test_the_second_person_says_why_the_scenario_does_not_count(world: World) -> None:
    yesterday = start_and_walk_to(world, "agree_action_plan")
    id_ = proposed(world, {FILE: with_approval()})
    approve(world, id_)
    (row,) = world.rows(sa.select(modelling.proposals))
    assert (row.state, row.decided_by) == ("waiting", None), "it was tried after the approval, and waits again"
    assert "It waits at Approve the plan" in row.problem
    with pytest.raises(ScenariosNotKept) as against:
        approve(world, id_)
    said = str(against.value.findings[0])
    assert said.startswith(f"{SCENARIO}:The straight way to the first review: step ")
    assert "It waits at Approve the plan, which this change added" in said
    approve(world, id_, "The approval is new; the scenario is mended next week")
    the_next_case_is_approved(world, yesterday)
    (row,) = world.rows(sa.select(running.rule_approvals.c.reason, running.rule_approvals.c.row_ids))
    assert row.reason == "The approval is new; the scenario is mended next week"
    assert row.row_ids == [f"{SCENARIO}: The straight way to the first review"]


def test_what_comes_later_is_approved_once_its_scenarios_are_tried(world: World) -> None:
    id_ = proposed(world, {FILE: with_approval(), SCENARIO: mended()}, world.clock.now() + timedelta(hours=3))
    with pytest.raises(Conflict, match="still being tried"):
        approve(world, id_)
    texts = {FILE: with_approval(), SCENARIO: mended()}
    assert not deployments.scenarios_tried(world.engine, world.authority_id, texts).refused
    approve(world, id_)
    (row,) = world.rows(sa.select(modelling.proposals.c.state))
    assert row.state == "approved"
