"""What scenarios say of a change, where somebody approves it."""

from __future__ import annotations

import json
from dataclasses import replace
from html import unescape

import pytest
import sqlalchemy as sa

from engine.commands import deployments, model_drafts, publishing, second_person
from engine.queries import definitions
from engine.store.tables import modelling
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
    coordinator, address = service.signed_in("ines"), f"/studio/publish/{done.proposal_id}"
    coordinator.get(address)
    assert coordinator.says("0 of 1 scenario tried. Next: It begins", "Try them now")
    coordinator.get(f"{address}/scenarios?all=yes")
    assert coordinator.says(says) and not coordinator.says("Try them now")


def test_a_second_person_says_why_a_scenario_does_not_count(service: Service) -> None:
    second_person.ask_second_person(service.engine, actor=service.actor("olu"), asked=True, why="Two pairs of eyes")
    begins = BEGINS.format("discuss_stalled_plan").encode()
    deployments.deploy(service.engine, authority_id=service.authority_id, files={"begins.scenario.yaml": begins})
    files = {FILE: model_files()[FILE].replace(b"discuss_stalled_plan", b"talk_it_over")}
    done = publishing.propose(service.engine, actor=service.actor("tomas"), files=files, why="They asked for it")
    address = f"/studio/publish/{done.proposal_id}"
    coordinator = service.signed_in("ines")
    coordinator.get(f"{address}/scenarios?all=yes")
    assert coordinator.says("It waits at Discuss what is in the way, which this change added")
    digest = coordinator.hidden("digest")
    coordinator.post(f"{address}/approve", digest=digest)
    assert coordinator.status == 422 and coordinator.says("Say why the scenarios do not count")
    coordinator.post(f"{address}/approve", digest=digest, examples_why="The step has a new name")
    assert coordinator.says("Approved.", "It is being published.")
    service.publish_approved()
    coordinator.get(address)
    assert coordinator.says("In force", "Why what speaks against it does not count")
    assert coordinator.says("The step has a new name (Ines", "Try which of them can move to this one")


def test_who_may_mend_a_scenario_is_led_to_the_diagram_and_the_step_where_it_goes_otherwise(service: Service) -> None:
    second_person.ask_second_person(service.engine, actor=service.actor("olu"), asked=True, why="Two pairs of eyes")
    begins = BEGINS.format("discuss_stalled_plan").encode()
    deployments.deploy(service.engine, authority_id=service.authority_id, files={"begins.scenario.yaml": begins})
    first = "agree_plan.bpmn"
    files = {
        first: model_files()[first].replace(b'name="Agree the action plan"', b'name="Write the plan"'),
        FILE: model_files()[FILE].replace(b"discuss_stalled_plan", b"talk_it_over"),
    }
    assert first < FILE
    done = publishing.propose(service.engine, actor=service.actor("tomas"), files=files, why="They asked for it")
    tomas, coordinator = service.signed_in("tomas"), service.signed_in("ines")
    tomas.get(f"/studio/publish/{done.proposal_id}/scenarios?all=yes")
    page = tomas.get(f"/studio/publish/{done.proposal_id}")
    assert tomas.says("Mend “It begins”, or withdraw it with a reason")
    assert tomas.says("See “Discuss what is in the way”, where it is drawn")
    assert f'href="/studio/scenarios?file={FILE}#begins.scenario.yaml"' in page
    assert f'href="/studio/edit?file={FILE}&amp;at=talk_it_over"' in page
    assert 'id="begins.scenario.yaml"' in tomas.get(f"/studio/scenarios?file={FILE}")
    coordinator.get(f"/studio/publish/{done.proposal_id}")
    assert coordinator.says("It waits at Discuss what is in the way") and not coordinator.says("Mend “It begins”")


def test_a_page_asks_one_scenario_after_the_other_and_each_is_tried_once(service: Service) -> None:
    files = {f"{name}.scenario.yaml": BEGINS.format(name).encode() for name in ("discuss_stalled_plan", "no_such")}
    command_line = replace(service.engine, scenarios=None)
    kept = {each: text.replace(b"no_such", b"ask_consent_for_mag") for each, text in files.items()}
    deployments.deploy(command_line, authority_id=service.authority_id, files=kept)
    model_drafts.save(service.engine, actor=service.actor("tomas"), file=FILE, content=renamed(), expected=None)
    tomas = service.signed_in("tomas")

    def asked(more: str = "") -> dict[str, object]:
        found: dict[str, object] = json.loads(tomas.get(f"/studio/scenarios/results?file={FILE}{more}"))
        return found

    assert asked()["said"] == ["Scenarios: 0 of 2 tried. Still trying: It begins …"]
    first = asked("&try=yes")
    assert (first["done"], first["said"]) == (False, ["Scenarios: 1 of 2 tried. Still trying: It begins …"])
    second = asked("&try=yes")
    assert second["done"] is True and second["state"] == "warning"
    (said, against) = second["said"]
    assert said.startswith("Scenarios: 1 kept, 1 not. They take ") and said.endswith("% of the flows of this diagram.")
    assert against.startswith("It begins: step 1 expected “open: Ask the family about the Multi-Agency Group (MAG)”")
    assert second["ways"] == [[f"/studio/scenarios?file={FILE}", "Mend it, or withdraw it with a reason"]]
    rows = sa.select(sa.func.count()).select_from(modelling.scenario_outcomes)
    with service.engine.sessions.read() as connection:
        assert connection.execute(rows).scalar() == 2
    assert asked("&try=yes") == second
    model_drafts.save(service.engine, actor=service.actor("tomas"), file=FILE, content=b"<x/>", expected=1)
    assert asked("&try=yes")["said"] == ["Scenarios are tried once everything that must be put right is."]


def test_a_scenario_stands_with_each_diagram_that_it_passes_through(service: Service) -> None:
    passing = b"name: On its way\ndiagram: caf_episode\nsteps:\n  - work: 1 week\n"
    files = {"passing.scenario.yaml": passing}
    deployments.deploy(service.engine, authority_id=service.authority_id, files=files)
    tomas = service.signed_in("tomas")
    tomas.get("/studio/scenarios?file=identify.bpmn")
    assert tomas.says("Scenarios: 0 of 1 tried.", "Try them now") and not tomas.says("of its flows")
    with service.engine.sessions.read() as connection:
        tried = connection.execute(sa.select(sa.func.count()).select_from(modelling.scenario_outcomes)).scalar()
    assert tried == 0, "it is answered before anything is tried"
    tomas.get("/studio/scenarios?file=caf_episode.bpmn")
    assert tomas.says("On its way", "It is not tried on this yet", "Draft that it is withdrawn")
    page = tomas.get("/studio/scenarios?file=identify.bpmn&all=yes")
    assert "On its way" in page and ">0% of its flows" not in page and "Try them now" not in page


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
    coordinator.get(f"{address}/scenarios?all=yes")
    assert coordinator.says("Left out, as they go otherwise without this change too: It begins.")
    coordinator.post(f"{address}/approve", digest=coordinator.hidden("digest"))
    assert coordinator.says("Approved.", "It is being published.")
    service.publish_approved()
    coordinator.get(address)
    assert coordinator.says("In force")


def test_going_back_waits_for_no_scenario_that_came_with_what_is_left(service: Service) -> None:
    changed = model_files()[FILE].replace(b"discuss_stalled_plan", b"talk_it_over")
    files = {FILE: changed, "begins.scenario.yaml": BEGINS.format("talk_it_over").encode()}
    who, authority_id = service.actor("tomas"), service.authority_id
    deployments.deploy(service.engine, authority_id=authority_id, files=files, actor=who, note="A try")
    back = deployments.revert(service.engine, authority_id=authority_id, key="stalled_plan", reason="No", actor=who)
    assert [each.key for each in back.added] == ["stalled_plan"]
    again = deployments.deploy(service.engine, authority_id=authority_id, files={FILE: renamed()}, actor=who, note="On")
    assert [each.key for each in again.added] == ["stalled_plan"], "the scenario left behind locks nothing"


def test_a_scenario_that_is_withdrawn_stops_nothing_stands_in_the_history_and_comes_back(service: Service) -> None:
    second_person.ask_second_person(service.engine, actor=service.actor("olu"), asked=True, why="Two pairs of eyes")
    file, begins = "begins.scenario.yaml", b"# What nurses asked for\n" + BEGINS.format("discuss_stalled_plan").encode()
    deployments.deploy(service.engine, authority_id=service.authority_id, files={file: begins})
    changed = {FILE: model_files()[FILE].replace(b"discuss_stalled_plan", b"talk_it_over")}
    tomas, coordinator = service.signed_in("tomas"), service.signed_in("ines")
    page = f"/studio/scenarios?file={FILE}"
    assert "Why does it count no more?" in tomas.get(page)
    tomas.post("/studio/scenarios/withdraw", file=FILE, scenario=file)
    assert tomas.says("Say why it is withdrawn.") and model_drafts_of(service) == []
    tomas.post("/studio/scenarios/withdraw", file=FILE, scenario=file, why="We ask: who talks?")
    assert tomas.says("Withdrawn: not tried any more", "We ask: who talks?", "a draft")
    tomas.get("/studio/scenarios?file=agree_plan.bpmn")
    assert tomas.says("We ask: who talks?"), "one may have passed through a diagram that it is not about"

    def published(files: dict[str, bytes]) -> str:
        done = publishing.propose(service.engine, actor=service.actor("tomas"), files=files, why="They asked for it")
        address = f"/studio/publish/{done.proposal_id}"
        coordinator.get(f"{address}/scenarios?all=yes")
        seen = coordinator.page
        coordinator.post(f"{address}/approve", digest=coordinator.hidden("digest"))
        assert coordinator.says("Approved.", "It is being published.")
        service.publish_approved()
        coordinator.get(address)
        assert coordinator.says("In force")
        return unescape(seen)

    withdrawn = definitions.draft_source(service.engine, actor=service.actor("tomas"), file=file)
    assert withdrawn == b'withdrawn: "We ask: who talks?"\n' + begins
    assert "We ask: who talks?" in published({file: withdrawn}), "whoever approves reads the reason"
    assert "There is no scenario to try" in published(changed)
    assert "It begins (withdrawn)" in tomas.get("/definitions")
    tomas.get(f"/studio/versions?file={file}")
    assert tomas.says("They asked for it")
    assert "Draft that it counts again" in tomas.get(page)
    tomas.post("/studio/scenarios/withdraw", file=FILE, scenario=file, again="yes")
    assert definitions.draft_source(service.engine, actor=service.actor("tomas"), file=file) == begins
    tomas.get(f"{page}&all=yes")
    assert tomas.says("but open are Discuss what is in the way")


def test_a_scenario_is_mended_by_a_press_or_kept_again_in_its_place(service: Service) -> None:
    file, begins = "begins.scenario.yaml", BEGINS.format("discuss_stalled_plan").encode()
    deployments.deploy(service.engine, authority_id=service.authority_id, files={file: begins})
    model_drafts.save(
        service.engine, actor=service.actor("tomas"), file=FILE, expected=None,
        content=model_files()[FILE].replace(b"discuss_stalled_plan", b"talk_it_over"),
    )  # fmt: skip
    tomas = service.signed_in("tomas")
    tomas.get(f"/studio/scenarios?file={FILE}&all=yes")
    assert tomas.says("Is that how it should go now?", "Answer the new steps in it and keep it", "Play it up to there")
    tomas.post("/studio/scenarios/mend", file=FILE, scenario=file)
    assert tomas.says("Answering what is new does not mend it."), "what it expects never comes"
    tomas.post("/studio/scenarios/play", file=FILE, scenario=file)
    assert tomas.says("Played up to where “It begins” goes otherwise")
    tomas.post("/studio/play/step", file=FILE, verb="wait", what="1 day")
    assert tomas.says("Keep it in place of “It begins”")
    tomas.post("/studio/play/keep", file=FILE, in_place=file)
    kept = definitions.draft_source(service.engine, actor=service.actor("tomas"), file=file)
    assert tomas.says("Kept in its place, a draft.") and b"open: talk_it_over" in kept and b"name: It begins" in kept


def model_drafts_of(service: Service) -> list[str]:
    return [each.file for each in definitions.drafts(service.engine, actor=service.actor("tomas"))]
