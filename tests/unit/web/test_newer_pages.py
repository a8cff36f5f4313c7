"""A draft begun before what is in force says so, and is not published until somebody has looked at what came since."""

from __future__ import annotations

import pytest

from engine.commands import deployments, model_drafts, second_person
from engine.queries import model_drafts as drafts
from engine.queries import newer_versions
from tests.unit.web.service import Service, model_files

FILE = "tac_meeting.bpmn"
CAME = model_files()[FILE]
AGAIN = CAME.replace(b'name="Record what the family answers"', b'name="The family agrees again"')
OWN = CAME.replace(b'name="Book another day"', b'name="Find another day"')
PAGE = f"/studio/newer?file={FILE}"
ABOUT = ("outline", "edit", "versions")


def put_in_force(service: Service, content: bytes, note: str = "The family is asked again") -> None:
    deployments.deploy(service.engine, authority_id=service.authority_id, files={FILE: content}, note=note)


def ask_second_person(service: Service) -> None:
    second_person.ask_second_person(service.engine, actor=service.actor("olu"), asked=True, why="Two pairs of eyes")


def draft(service: Service) -> bytes:
    found = drafts.draft(service.engine, actor=service.actor("tomas"), file=FILE)
    assert found is not None
    return found.content


@pytest.fixture
def overtaken(service: Service) -> Service:
    """The service with a draft of the meeting, begun before the version that is in force."""
    current = drafts.in_force(service.engine, actor=service.actor("tomas"), file=FILE)
    assert current is not None
    model_drafts.save(
        service.engine, actor=service.actor("tomas"), file=FILE, content=OWN, expected=None, based_on=current.id
    )
    put_in_force(service, AGAIN)
    return service


def test_a_draft_says_on_its_pages_what_came_into_force_since_it_was_begun(overtaken: Service) -> None:
    visitor = overtaken.signed_in("tomas")
    for name in ABOUT:
        visitor.get(f"/studio/{name}?file={FILE}")
        assert visitor.says("Version 2 came into force since this draft was begun on version 1", "asked again"), name
    visitor.get(f"/studio/publish?file={FILE}")
    assert visitor.says("Another version came into force since it was begun")


def test_it_is_not_published_until_somebody_has_looked_and_the_proposal_names_what_it_undoes(
    overtaken: Service,
) -> None:
    visitor = overtaken.signed_in("tomas")
    visitor.post("/studio/publish", file=FILE, why="Another word")
    assert visitor.status == 409
    assert visitor.says("Another version of tac_meeting.bpmn came into force since this draft was begun")
    visitor.post("/definitions/drafts/deploy", file=FILE)
    assert visitor.says("What came into force since this draft was begun?", "it would be put back as it was")
    visitor.post(PAGE, act="take", draft="1", seen=str(seen(overtaken)))
    assert visitor.status == 422
    visitor.post(PAGE, act="mine", draft="7", seen=str(seen(overtaken)))
    assert visitor.status == 409 and visitor.says("Somebody saved the draft meanwhile")
    visitor.post(PAGE, act="mine", draft="1", seen=str(seen(overtaken)))
    assert visitor.says("goes on from version 2 now") and not visitor.says("since this draft was begun")
    assert b"The family agrees again" not in draft(overtaken)
    ask_second_person(overtaken)
    visitor.post("/studio/publish", file=FILE, why="Another word")
    assert visitor.says("It puts back as it was what version 2 changed", "The family agrees again")


def test_what_is_ticked_is_taken_in_and_then_nothing_is_undone(overtaken: Service) -> None:
    visitor = overtaken.signed_in("tomas")
    found = newer_versions.read(overtaken.engine, actor=overtaken.actor("tomas"), file=FILE)
    assert found is not None
    keys = [each.choice.key for each in found.offers if each.takeable]
    visitor.post(PAGE, act="take", draft="1", seen=str(seen(overtaken)), take=keys)
    assert visitor.says("Taken into your draft")
    assert b"The family agrees again" in draft(overtaken) and b"Find another day" in draft(overtaken)
    ask_second_person(overtaken)
    visitor.post("/studio/publish", file=FILE, why="Another word")
    assert visitor.says("What it changes of version 2") and not visitor.says("It puts back as it was")


def test_the_same_text_again_and_a_draft_that_says_what_is_in_force_are_not_overtaken(overtaken: Service) -> None:
    put_in_force(overtaken, CAME, note="Taken back")
    visitor = overtaken.signed_in("tomas")
    visitor.get(PAGE)
    assert visitor.says("Nothing else came into force since this draft was begun")
    put_in_force(overtaken, OWN)
    assert newer_versions.files(overtaken.engine, actor=overtaken.actor("tomas")) == frozenset()


def seen(service: Service) -> object:
    found = newer_versions.read(service.engine, actor=service.actor("tomas"), file=FILE)
    assert found is not None
    return found.now.definition_id
