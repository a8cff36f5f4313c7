"""Publishing on pages: proposed by one, looked at and approved by another, nobody's own; versions beside each other."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest
import sqlalchemy as sa

from engine.commands import model_drafts, publishing, rehearsals, second_person
from engine.queries import plays
from engine.queries.played import PlayedTask
from engine.store.tables.keeping import outbox
from tests.unit.web.service import Service, model_files
from tests.unit.web.test_definition_pages import send
from tests.unit.web.test_json_api import Program
from web.studio.play_view import whose_words

FILE = "stalled_plan.bpmn"
BEFORE = model_files()[FILE]


@pytest.fixture
def asking(service: Service) -> Service:
    """The service, where a second person approves changes."""
    second_person.ask_second_person(service.engine, actor=service.actor("olu"), asked=True, why="Two pairs of eyes")
    return service


def renamed() -> bytes:
    name = re.search(rb'<bpmn:userTask id="\w+" name="([^"]+)"', BEFORE)
    assert name
    return BEFORE.replace(b'name="' + name[1] + b'"', b'name="Talk it over &lt;b&gt;now&lt;/b&gt;"', 1)


def draft(service: Service, content: bytes) -> None:
    model_drafts.save(service.engine, actor=service.actor("tomas"), file=FILE, content=content, expected=None)


def proposed(service: Service, content: bytes) -> str:
    """Propose a draft as Tomas and return the address of the proposal."""
    draft(service, content)
    visitor = service.signed_in("tomas")
    assert "Propose for publishing" in visitor.get(f"/studio/publish?file={FILE}")
    visitor.post("/studio/publish", file=FILE)
    assert visitor.status == 422 and visitor.says("Say what changes and why")
    visitor.post("/studio/publish", file=FILE, why="They asked for it")
    assert visitor.says("Proposed: Stalled plan", "It waits for somebody else")
    found = re.search(r"/studio/publish/([0-9a-f-]{36})/", visitor.page)
    assert found
    return f"/studio/publish/{found[1]}"


def test_a_coordinator_sees_what_changes_and_approves_it(asking: Service) -> None:
    address = proposed(asking, renamed())
    coordinator = asking.signed_in("ines")
    assert coordinator.get("/studio/publish") and coordinator.says("Waits for you", "They asked for it")
    coordinator.get(address)
    assert coordinator.says("May this change come into force?", "Talk it over <b>now</b>", "becomes")
    assert "<b>now" not in coordinator.page
    assert coordinator.says("Running cases finish on the version that they began with. Changed rules")
    tried = rehearsals.begin(asking.engine, actor=asking.actor("tomas"), files={FILE: renamed()}, choice="move")
    coordinator.get(address)
    assert tried and coordinator.says("Running cases go on by the new version, but for those")
    digest = coordinator.hidden("digest")
    coordinator.post(f"{address}/approve", digest="0")
    assert coordinator.status == 409 and coordinator.says("This is not what you looked at")
    coordinator.post(f"{address}/approve", digest=digest)
    assert coordinator.says("Approved.", "It is being published.")
    asking.publish_approved()
    coordinator.get(address)
    assert coordinator.says("In force")
    designer = asking.signed_in("tomas")
    designer.get(f"/studio/versions?file={FILE}")
    assert designer.says("From version 1 to version 2", "approved by Ines Ferreira", "They asked for it")
    assert 'data-diagram-changed="' in designer.page
    drawing = re.search(r'data-diagram-url="([^"]+)"', designer.page)
    assert drawing and designer.client.get(drawing[1].replace("&amp;", "&")).data == BEFORE


def test_who_proposed_it_cannot_approve_it(asking: Service) -> None:
    address = proposed(asking, renamed())
    designer = asking.signed_in("tomas")
    assert "Approve this change" not in designer.get(address)
    designer.post(f"{address}/approve", digest="0")
    assert designer.status == 403 and designer.says("Nobody approves their own change")
    coordinator = asking.signed_in("ines")
    coordinator.get(address)
    coordinator.post(f"{address}/send-back", answer="")
    assert coordinator.status == 422
    coordinator.post(f"{address}/send-back", answer="Ask the school first")
    assert coordinator.says("Sent back")
    designer.get(address)
    assert designer.says("Sent back", "Ask the school first")
    assert designer.get("/definitions") and designer.says(FILE)


def test_a_change_that_was_taken_back_is_not_said_to_be_in_force(asking: Service) -> None:
    address = proposed(asking, renamed())
    coordinator = asking.signed_in("ines")
    coordinator.get(address)
    coordinator.post(f"{address}/approve", digest=coordinator.hidden("digest"))
    asking.publish_approved()
    designer = asking.signed_in("tomas")
    designer.get("/studio/publish")
    assert designer.says("Decided lately", "In force, Ines Ferreira")
    designer.post(f"{address}/back", back_why="It confuses people")
    designer.get("/studio/publish")
    assert designer.says("Was in force, Ines Ferreira") and not designer.says("In force, Ines Ferreira")
    designer.get(address)
    assert designer.says("Was in force", "Taken back", "It confuses people", "It was taken back whole.")
    assert designer.says("No case had moved with it.")
    coordinator.get(address)
    assert coordinator.says("Was in force", "Taken back Tomas Reid", "It confuses people", "It was taken back whole.")
    with asking.engine.sessions.read() as connection:
        sent = connection.execute(sa.select(outbox.c.subject, outbox.c.body)).all()
    told = [row.body for row in sent if row.subject == "A change was taken back"]
    assert len(told) == 1 and told[0].startswith("Tomas Reid took back"), "who approved it hears of it, and from whom"


def test_who_withdrew_a_proposal_stands_with_it(asking: Service) -> None:
    address = proposed(asking, renamed())
    asking.signed_in("tomas").post(f"{address}/withdraw")
    coordinator = asking.signed_in("ines")
    coordinator.get(address)
    assert coordinator.says("Withdrawn Tomas Reid, ") and not coordinator.says("Approved Tomas Reid")


def test_an_unfinished_draft_of_another_diagram_stops_no_play(service: Service) -> None:
    tomas = service.actor("tomas")
    bad = "tac_meeting.bpmn"
    good = next(each for each in sorted(model_files()) if each.endswith(".bpmn") and each not in (FILE, bad))
    kept = {FILE: renamed(), good: model_files()[good] + b"<!-- kept -->\n", bad: b"<unfinished/>"}
    for file, content in kept.items():
        model_drafts.save(service.engine, actor=tomas, file=file, content=content, expected=None)
    found = plays.models(service.engine, actor=tomas, file=FILE)
    assert found.left_out == (bad,) and found.drafts == {each: kept[each] for each in (FILE, good)}
    assert found.every[bad] == model_files()[bad]
    visitor = service.signed_in("tomas")
    visitor.get(f"/studio/play?file={FILE}")
    assert visitor.status == 200 and visitor.says("Left out, as it cannot run yet: your draft of tac_meeting.bpmn")
    assert f'href="/studio/edit?file={bad}"' in visitor.page
    own = plays.models(service.engine, actor=tomas, file=bad)
    assert own.left_out == () and own.drafts == kept, "a diagram's own draft is played as it is, and says what is wrong"
    visitor.get(f"/studio/play?file={bad}")
    assert visitor.status == 422 and visitor.says("This cannot be played yet")


def test_a_task_in_a_play_names_who_may_do_it(service: Service) -> None:
    task = PlayedTask(
        id=service.authority_id, element="agree", process_key="p", name="Agree", assignee_id=None, assignee="",
        groups=frozenset({"line_managers", "coordinators"}), due_on=None, opened_at=service.engine.clock.now(), form="",
        version=1, why="",
    )  # fmt: skip
    assert whose_words(task) == "Coordinators, line managers"
    assert whose_words(replace(task, assignee="Ruth Hall")) == "Ruth Hall"
    assert whose_words(replace(task, groups=frozenset())) == "Anybody"


def test_files_that_are_uploaded_and_files_from_a_program_are_proposed(asking: Service) -> None:
    designer = asking.signed_in("tomas")
    send(designer, {FILE: renamed()})
    assert designer.status == 422 and designer.says("Say what changes and why")
    send(designer, {FILE: renamed()}, note="Sent from a desk")
    assert designer.says("Proposed: stalled_plan.bpmn", "Sent from a desk", "Waits for a second person")
    body = {"files": [{"name": "escalation.dmn", "content": model_files()["escalation.dmn"].decode()}], "note": "x"}
    program = Program(asking, "tomas")
    refused = program("POST", "/deployments", json=body)
    assert refused.status_code == 403 and "second person" in refused.get_data(as_text=True)
    body["files"][0]["content"] += "\n"
    assert program("POST", "/proposals", json=body).json["state"] == "waiting"


def test_an_administrator_switches_the_second_person_off_with_a_reason(asking: Service) -> None:
    visitor = asking.signed_in("olu")
    visitor.get("/studio/publish/second-person")
    visitor.post("/studio/publish/second-person", asked="no")
    assert visitor.status == 422
    visitor.post("/studio/publish/second-person", asked="no", why="Only one designer is left")
    assert visitor.says("Only one designer is left", "Changes need a second person", "from yes to no")
    draft(asking, renamed())
    designer = asking.signed_in("tomas")
    designer.post("/studio/publish", file=FILE, why="Alone")
    assert designer.says("In force now: Stalled plan")


def test_a_designer_words_a_letter_and_looks_at_it_on_an_invented_family(service: Service) -> None:
    designer = service.signed_in("tomas")
    designer.get("/definitions")
    assert designer.says("Word the letters")
    designer.get("/authority/letters")
    key = re.search(r'href="/authority/letters/(\w+)"', designer.page)
    assert key and designer.says("Diagrams and rules")
    page = designer.get(f"/authority/letters/{key[1]}")
    found = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
    assert found and designer.says("Robin Example")
    text = unescape(found[1]).replace("Dear", "Good day,", 1)
    designer.post(f"/authority/letters/{key[1]}", text=text, act="keep", version=designer.hidden("version"))
    assert designer.says("The wording is saved", "Good day,")
    administrator = service.signed_in("olu")
    administrator.get("/authority/history")
    assert administrator.says("Tomas Reid")


def test_a_published_change_is_taken_back_whole(asking: Service) -> None:
    scenario = b"name: It begins\ndiagram: stalled_plan\nbegins: alone\nsteps:\n  - work: 1 day\n"
    files = {FILE: renamed(), "begins.scenario.yaml": scenario}
    done = publishing.propose(asking.engine, actor=asking.actor("tomas"), files=files, why="They asked for it")
    address = f"/studio/publish/{done.proposal_id}"
    coordinator = asking.signed_in("ines")
    coordinator.get(address)
    assert not coordinator.says("Take it back")
    coordinator.post(f"{address}/approve", digest=coordinator.hidden("digest"))
    assert coordinator.says("Approved.", "It is being published.")
    asking.publish_approved()
    coordinator.get(address)
    assert coordinator.says("In force") and not coordinator.says("Take it back")
    tomas = asking.signed_in("tomas")
    tomas.get(address)
    assert tomas.says("Take it back", "begins.scenario.yaml, which came with it, is no longer in force")
    tomas.post(f"{address}/back")
    assert tomas.status == 422 and tomas.says("Say why you go back to an earlier version")
    tomas.post(f"{address}/back", back_why="Nobody understood it")
    assert tomas.says("Taken back whole", "No longer in force: begins.scenario.yaml.", "It was taken back whole.")
    assert "begins.scenario.yaml" not in tomas.get("/definitions")
    tomas.get("/studio/versions?file=begins.scenario.yaml")
    assert tomas.says("no longer in force", "Back to the release before: Nobody understood it", "Go back to it")
    tomas.post(f"{address}/back", back_why="Twice")
    assert tomas.status == 409
