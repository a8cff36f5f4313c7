"""What is personal in a past event can be erased for good, and the proof of history stays whole."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import erasures, user_tasks
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.queries import access_log, case_file
from engine.store.tables.keeping import history_payloads
from engine.store.tables.running import task_drafts
from tests.episodes import answers_for
from tests.worlds import World, open_world


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as world:
        yield world


def erase(world: World, event_id: UUID, by: str = "piet", why: str = "The mother's right, letter of 2 March") -> None:
    erasures.erase(world.engine, actor=world.actor(by), event_id=event_id, why=why)


def bodies(world: World) -> str:
    return str(world.rows(sa.select(history_payloads.c.body, history_payloads.c.salt)))


def test_a_payload_and_the_drafts_before_it_go_and_the_chain_holds(world: World) -> None:
    case_id = world.start_case()
    task = world.task("record_consent", case_id)
    typed = {"given_by": "Jo Whitlock, hesitating"}
    user_tasks.save_draft(world.engine, actor=world.actor("hana"), task_id=task.id, answers=typed)
    world.do("record_consent", "hana", case_id=case_id, **answers_for(world, "record_consent"))
    (*_, done) = world.history(case_id, "task_completed")
    assert "Jo Whitlock" in bodies(world)
    erase(world, done.id)
    assert "Jo Whitlock" not in bodies(world)
    assert [row.answers for row in world.rows(sa.select(task_drafts))] == [{}]
    assert not world.verified().findings
    (event,) = world.history(case_id, "payload_erased")
    assert (event.subject_id, event.detail["seq"], event.practitioner_id) == (done.id, done.seq, world.ids["piet"])
    assert "letter" not in str(event.detail)
    with pytest.raises(Conflict, match="erased already"):
        erase(world, done.id)


def test_only_an_administrator_erases_with_a_reason_and_what_is_personal(world: World) -> None:
    case_id = world.start_case()
    (opened,) = world.history(case_id, "case_opened")
    with pytest.raises(NotPermitted):
        erase(world, opened.id, by="cleo")
    with pytest.raises(Invalid):
        erase(world, opened.id, why=" ")
    with pytest.raises(NotFound):
        erase(world, UUID(int=9))
    with pytest.raises(Conflict, match="nothing personal"):
        erase(world, opened.id)
    assert not world.history(case_id, "payload_erased")


def test_an_administrator_sees_who_read_a_record(world: World) -> None:
    case_id = world.start_case()
    case_file.read(world.engine, actor=world.actor("morgan"), case_id=case_id)
    found = access_log.of_case(world.engine, actor=world.actor("piet"), case_id=case_id)
    assert [read.who for read in found] == ["Morgan Hale"]
    with pytest.raises(NotPermitted):
        access_log.of_case(world.engine, actor=world.actor("cleo"), case_id=case_id)
