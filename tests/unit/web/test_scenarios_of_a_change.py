"""What scenarios say of a change, where somebody approves it."""

from __future__ import annotations

from dataclasses import replace
from html import unescape

import pytest

from engine.commands import deployments, model_drafts, publishing, second_person
from tests.unit.web.service import Service, model_files
from tests.unit.web.test_publishing_pages import FILE, renamed

BEGINS = "name: It begins\ndiagram: stalled_plan\nbegins: alone\nsteps:\n  - expect: [{{open: {}}}]\n"


@pytest.mark.parametrize(("element", "says"), [
    ("discuss_stalled_plan", "1 scenario was tried with this change and went as it says: It begins."),
    ("ask_consent_for_mag", "1 scenario of 1 went otherwise than it says."),
])  # fmt: skip
def test_whoever_approves_sees_which_scenarios_were_tried(service: Service, element: str, says: str) -> None:
    second_person.ask_second_person(service.engine, actor=service.actor("olu"), asked=True, why="Two pairs of eyes")
    files = {FILE: renamed(), "begins.scenario.yaml": BEGINS.format(element).encode()}
    done = publishing.propose(service.engine, actor=service.actor("tomas"), files=files, why="They asked for it")
    page = service.signed_in("ines").get(f"/studio/publish/{done.proposal_id}")
    assert says in unescape(page)


def test_a_second_person_says_why_a_scenario_does_not_count(service: Service) -> None:
    second_person.ask_second_person(service.engine, actor=service.actor("olu"), asked=True, why="Two pairs of eyes")
    begins = BEGINS.format("discuss_stalled_plan").encode()
    deployments.deploy(service.engine, authority_id=service.authority_id, files={"begins.scenario.yaml": begins})
    files = {FILE: model_files()[FILE].replace(b"discuss_stalled_plan", b"talk_it_over")}
    done = publishing.propose(service.engine, actor=service.actor("tomas"), files=files, why="They asked for it")
    address = f"/studio/publish/{done.proposal_id}"
    coordinator = service.signed_in("ines")
    coordinator.get(address)
    assert coordinator.says("It waits at Discuss what is in the way, which this change added")
    digest = coordinator.hidden("digest")
    coordinator.post(f"{address}/approve", digest=digest)
    assert coordinator.status == 422 and coordinator.says("Say why the scenarios do not count")
    coordinator.post(f"{address}/approve", digest=digest, examples_why="The step has a new name")
    assert coordinator.says("Approved. It is in force now.")


def test_a_scenario_stands_with_each_diagram_that_it_passes_through(service: Service) -> None:
    passing = b"name: On its way\ndiagram: caf_episode\nsteps:\n  - work: 1 week\n"
    files = {"passing.scenario.yaml": passing}
    deployments.deploy(service.engine, authority_id=service.authority_id, files=files)
    page = service.signed_in("tomas").get("/studio/scenarios?file=identify.bpmn")
    assert "On its way" in page and ">0% of its flows" not in page


def test_a_scenario_of_a_new_step_is_judged_with_its_diagram_and_proposed_along_with_it(service: Service) -> None:
    changed = model_files()[FILE].replace(b"discuss_stalled_plan", b"talk_it_over")
    scenario = "begins.scenario.yaml"
    who = service.actor("tomas")
    model_drafts.save(service.engine, actor=who, file=FILE, content=changed, expected=None)
    kept = BEGINS.format("talk_it_over").encode()
    assert model_drafts.save(service.engine, actor=who, file=scenario, content=kept, expected=None).findings == ()
    page = service.signed_in("tomas").get(f"/studio/publish?file={FILE}")
    ticked = [each for each in page.split("<input")[1:] if f'value="{scenario}"' in each]
    assert " checked" in ticked[0].split(">")[0] and page.count("Nothing was found in it by itself") == 2


def test_a_scenario_that_fails_without_the_change_too_stops_nothing_and_is_said(service: Service) -> None:
    second_person.ask_second_person(service.engine, actor=service.actor("olu"), asked=True, why="Two pairs of eyes")
    files = {"begins.scenario.yaml": BEGINS.format("ask_consent_for_mag").encode()}
    command_line = replace(service.engine, scenarios=None)
    deployments.deploy(command_line, authority_id=service.authority_id, files=files)
    done = publishing.propose(service.engine, actor=service.actor("tomas"), files={FILE: renamed()}, why="Plain words")
    address = f"/studio/publish/{done.proposal_id}"
    coordinator = service.signed_in("ines")
    coordinator.get(address)
    assert coordinator.says("Left out, as they go otherwise without this change too: It begins.")
    coordinator.post(f"{address}/approve", digest=coordinator.hidden("digest"))
    assert coordinator.says("Approved. It is in force now.")


def test_going_back_waits_for_no_scenario_that_came_with_what_is_left(service: Service) -> None:
    changed = model_files()[FILE].replace(b"discuss_stalled_plan", b"talk_it_over")
    files = {FILE: changed, "begins.scenario.yaml": BEGINS.format("talk_it_over").encode()}
    who, authority_id = service.actor("tomas"), service.authority_id
    deployments.deploy(service.engine, authority_id=authority_id, files=files, actor=who, note="A try")
    back = deployments.revert(service.engine, authority_id=authority_id, key="stalled_plan", reason="No", actor=who)
    assert [each.key for each in back.added] == ["stalled_plan"]
    again = deployments.deploy(service.engine, authority_id=authority_id, files={FILE: renamed()}, actor=who, note="On")
    assert [each.key for each in again.added] == ["stalled_plan"], "the scenario left behind locks nothing"
