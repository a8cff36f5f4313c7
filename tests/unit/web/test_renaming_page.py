"""A file that somebody brings under a new name: refused in words that lead to renaming the one in force."""

from __future__ import annotations

import pytest

from engine.commands import deployments, model_drafts, second_person
from tests.unit.web.service import Service, Visitor, model_files
from tests.unit.web.test_definition_pages import send

FILE, NEW = "review.bpmn", "review_2026.bpmn"


@pytest.fixture
def designer(service: Service) -> Visitor:
    visitor = service.signed_in("tomas")
    visitor.get(f"/studio/rename?file={FILE}")
    return visitor


def test_a_file_under_a_new_name_is_refused_with_the_way_to_rename_and_then_taken(service, designer: Visitor) -> None:
    second_person.ask_second_person(service.engine, actor=service.actor("olu"), asked=True, why="Two pairs of eyes")
    changed = model_files()[FILE].replace(b'name="Review the plan"', b'name="Review it together"')
    assert changed != model_files()[FILE]
    designer.get("/definitions")
    send(designer, {NEW: changed}, note="They asked for it")
    way = f'href="/studio/rename?file={FILE}&amp;to={NEW}"'
    assert designer.status == 422 and way in designer.page
    assert designer.says(f"Put it in {FILE}, give it an id of its own, or rename {FILE}")
    assert designer.says(f"Call {FILE} {NEW} from now on")
    page = designer.get(f"/studio/rename?file={FILE}&to={NEW}")
    assert designer.says("What is this file to be called?", "no second person is asked", "It came with the service")
    assert f'value="{NEW}"' in page
    designer.post(f"/studio/rename?file={FILE}", to=NEW)
    assert designer.says(f"{FILE} is called {NEW} from now on.", "Every version", "Call this file something else")
    send(designer, {NEW: changed}, note="They asked for it")
    assert designer.says("It waits for somebody else"), "it is a change like any other now"
    designer.get(f"/studio/edit?file={FILE}")
    assert designer.status == 404
    assert f'file={FILE}"' not in designer.get(f"/definitions?find={NEW}") and f'file={NEW}"' in designer.page


def test_a_draft_of_the_new_name_becomes_one_of_the_file(service, designer: Visitor) -> None:
    model_drafts.keep(service.engine, actor=service.actor("tomas"), file=NEW, content=model_files()[FILE])
    designer.get(f"/studio/rename?file={FILE}&to={NEW}")
    assert designer.says(f"There is a draft called {NEW}. It becomes the draft of this file.")


def test_a_scenario_is_known_by_its_name_so_another_is_proposed_like_any_change(service) -> None:
    file = "begins.scenario.yaml"
    text = b"name: It begins\ndiagram: stalled_plan\nbegins: alone\nsteps:\n  - work: 1 day\n"
    deployments.deploy(service.engine, authority_id=service.authority_id, files={file: text})
    designer = service.signed_in("tomas")
    designer.get(f"/studio/versions?file={file}")
    assert not designer.says("Call this file something else")
    designer.post(f"/studio/rename?file={file}", to="starts.scenario.yaml")
    assert designer.status == 422 and designer.says("Write it as a draft under the new name, withdraw begins.scenario")


@pytest.mark.parametrize(("to", "says"), [("review.dmn", "Let it end as review.bpmn does"), ("", "is not a .bpmn"),
                                          ("pause.bpmn", "There is a pause.bpmn in force already")])  # fmt: skip
def test_a_name_that_cannot_be_is_refused_at_its_field(designer: Visitor, to: str, says: str) -> None:
    designer.post(f"/studio/rename?file={FILE}", to=to)
    assert designer.status == 422 and designer.says("There is a problem", says)


def test_what_is_under_work_or_not_there_is_not_renamed(service, designer: Visitor) -> None:
    model_drafts.save(service.engine, actor=service.actor("tomas"), file=FILE, content=b"<a/>", expected=None)
    designer.post(f"/studio/rename?file={FILE}", to=NEW)
    assert designer.status == 409 and designer.says(f"There is a draft of {FILE}: publish it, or throw it away, first")
    designer.get("/studio/rename?file=nothing.bpmn")
    assert designer.status == 404
