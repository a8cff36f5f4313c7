"""What is personal in a past event can be erased for good, and the proof of history stays whole."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import deployments, erasures, incidents, user_tasks
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.store.incidents import open_incident
from engine.store.tables.keeping import history, history_payloads
from engine.store.tables.running import deployments as deployed
from engine.store.tables.running import task_drafts
from tests.episodes import answers_for
from tests.small_models import PEERS
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


def test_what_somebody_typed_about_an_incident_or_a_deployment_can_be_erased(world: World) -> None:
    said = "Jo Whitlock's case"
    deployments.deploy(
        world.engine,
        authority_id=world.authority_id,
        files={"small.bpmn": PEERS},
        note=said,
    )
    with world.engine.sessions.act() as connection:
        id_, at = world.engine.ids.new(), world.clock.now()
        open_incident(connection, id_=id_, authority_id=world.authority_id, kind="outbox", message="Stopped", at=at)
    incidents.retry(world.engine, actor=world.actor("cleo"), incident_id=id_, why=said)
    both = history.c.kind.in_(("deployed", "incident_retried"))
    kept = world.rows(sa.select(history).where(both).order_by(history.c.seq))
    assert not [row for row in kept if said in f"{row.why}{row.detail}"]
    typed = world.rows(sa.select(history_payloads.c.event_id).where(history_payloads.c.body.is_not(None)))
    for event in kept[-2:]:
        assert event.id in {row.event_id for row in typed}
        erase(world, event.id)
    assert said not in bodies(world) and not world.verified().findings
    assert not world.rows(sa.select(deployed.c.id).where(deployed.c.note == said))
