"""A release is taken back whole: what was before is in force again, what came with it no longer; nothing is lost."""

from __future__ import annotations

from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import deployments
from engine.deploying import Deployed, DeploymentRefused
from engine.errors import Invalid, NotFound, NotPermitted
from engine.queries import definitions, model_differences
from engine.store.tables import keeping, running
from tests.database.test_deployments import FILES
from tests.database.test_publishing import asking_world, designer
from tests.small_files import asking, form, rules
from tests.unit.bpmn.diagrams import user
from tests.worlds import World, build_world, model

SCENARIO = b"name: It begins\ndiagram: small\nbegins: alone\nsteps:\n  - expect: [{open: ask}]\n"
RELEASE = {"small.bpmn": asking("shade"), "shade.form": form("shade", "shade"), "begins.scenario.yaml": SCENARIO}


def released(world: World, files: dict[str, bytes] = RELEASE) -> UUID:
    deployed = world.deploy(files, note="A release")
    assert deployed.deployment_id is not None
    return deployed.deployment_id


def taken_back(world: World, *deployment_ids: UUID) -> Deployed:
    return deployments.take_back(
        world.engine, authority_id=world.authority_id, deployment_ids=set(deployment_ids), reason="Wrong shade",
        actor=world.actor("piet"),
    )  # fmt: skip


def in_force(world: World) -> dict[str, bytes]:
    found = definitions.files_in_force(world.engine, authority_id=world.authority_id)
    return {each.file: each.source for each in found}


def world_with_release(url: str | None = None) -> tuple[World, UUID]:
    world = build_world(url, models={})
    world.deploy(FILES)
    return world, released(world)


def test_a_release_goes_back_whole_with_the_files_it_brought(database_url: str) -> None:
    world, release = world_with_release(database_url)
    done = taken_back(world, release)
    assert (done.ended, [(each.key, each.version) for each in done.added]) == (
        ("begins.scenario.yaml", "shade.form"), [("small", 3)],
    )  # fmt: skip
    assert in_force(world) == FILES
    piet = world.actor("piet")
    listed = definitions.deployed(world.engine, actor=piet)
    assert {each.file for each in listed} == set(FILES)
    history = model_differences.history(world.engine, actor=piet, file="shade.form")
    assert [(each.version, each.is_end, each.in_force) for each in history.versions] == [
        (2, True, False), (1, False, False),
    ]  # fmt: skip
    told = world.rows(sa.select(keeping.history.c.detail).where(keeping.history.c.kind == "deployed"))[-1].detail
    assert told == {"added": ["process small version 3"], "ended": ["begins.scenario.yaml", "shade.form"]}
    assert not world.verified().findings
    world.close()


def test_what_ended_comes_back_by_its_version_and_by_the_release(database_url: str) -> None:
    world, release = world_with_release(database_url)
    back = taken_back(world, release)
    assert back.deployment_id is not None
    taken_back(world, back.deployment_id)
    assert in_force(world) == FILES | RELEASE
    taken_back(world, release)
    deployments.revert(
        world.engine, authority_id=world.authority_id, key="shade.form", version=1, reason="Again",
        actor=world.actor("piet"),
    )  # fmt: skip
    assert in_force(world) == FILES | {"shade.form": RELEASE["shade.form"]}
    with pytest.raises(NotFound):
        deployments.revert(world.engine, authority_id=world.authority_id, key="shade.form", version=2, reason="No")
    world.close()


def test_a_case_that_began_on_the_release_finishes_on_it() -> None:
    world, release = world_with_release()
    case_id = world.start_case(process_key="small")
    taken_back(world, release)
    world.do("ask", "hana", case_id=case_id, shade="red")
    assert world.open_elements(case_id) == []
    assert world.rows(sa.select(running.incidents)) == []


def test_a_diagram_that_cases_run_on_stays_in_force() -> None:
    world = build_world(models={})
    world.deploy(FILES)
    release = released(world, {"other.bpmn": asking("ask", key="other")})
    case_id = world.start_case(process_key="other")
    with pytest.raises(DeploymentRefused, match=r"other\.bpmn.*1 case runs on it"):
        taken_back(world, release)
    assert "other.bpmn" in in_force(world)
    world.do("ask", "hana", case_id=case_id, colour="red")
    taken_back(world, release)
    assert in_force(world) == FILES


def test_rules_that_running_cases_ask_stay_in_force() -> None:
    world = build_world(models={})
    world.deploy(FILES)
    decide = '<businessRuleTask id="decide" camunda:decisionRef="tint" camunda:resultVariable="tins" />'
    drawn = model(user("ask", camunda_candidateGroups="case_workers"), decide, way="start ask; ask decide; decide end")
    files = {"tint.dmn": rules("tint", ["colour"], ["tins"], [["-", "1"]]), "small.bpmn": drawn}
    release = released(world, files)
    case_id = world.start_case(process_key="small")
    with pytest.raises(DeploymentRefused, match=r"tint\.dmn.*cases that run on small ask it"):
        taken_back(world, release)
    assert set(in_force(world)) == set(FILES) | set(files)
    world.do("ask", "hana", case_id=case_id, colour="red")
    taken_back(world, release)
    assert in_force(world) == FILES


def test_what_another_file_in_force_names_stays_in_force() -> None:
    world, release = world_with_release()
    world.deploy({"other.bpmn": asking("shade", key="other")})
    with pytest.raises(DeploymentRefused, match=r"other\.bpmn.*shade"):
        taken_back(world, release)
    assert set(in_force(world)) == set(FILES) | set(RELEASE) | {"other.bpmn"}


def test_a_release_that_another_came_after_is_not_taken_back_under_it() -> None:
    world, release = world_with_release()
    world.deploy({"shade.form": form("shade", "shade", "tone")})
    with pytest.raises(Invalid, match="Another version of shade.form came into force since"):
        taken_back(world, release)


def test_who_may_take_a_release_back_and_with_what() -> None:
    world, release = world_with_release()
    with pytest.raises(NotFound):
        taken_back(world, UUID(int=3))
    given = {"authority_id": world.authority_id, "deployment_ids": {release}}
    with pytest.raises(Invalid):
        deployments.take_back(world.engine, **given, reason=" ", actor=world.actor("piet"))
    with pytest.raises(NotPermitted):
        deployments.take_back(world.engine, **given, reason="No", actor=world.actor("hana", "coordinator"))
    assert set(in_force(world)) == set(FILES) | set(RELEASE)


def test_where_a_second_person_is_asked_a_designer_takes_a_release_back_alone() -> None:
    world = asking_world()
    release = world.deploy(RELEASE).deployment_id
    assert release is not None
    names = [("process", "small")]
    deployments.revert_release(
        world.engine, authority_id=world.authority_id, names=names, reason="No", actor=designer(world, "morgan")
    )
    assert in_force(world) == FILES
