"""Messages: queued with the act, sent after it, at least once under one id, given up after five tries in words."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import message_from_bytes
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import incidents, outbox
from engine.errors import BudgetExceeded
from engine.mail import courier
from engine.store.tables import keeping, people
from tests.database.loopback_smtp import LoopbackServer, loopback_server
from tests.episodes import start_and_walk_to
from tests.small_models import LETTERS, ask, properties
from tests.unit.bpmn.diagrams import element
from tests.worlds import World, build_world, model, open_world, settings_for

OUTBOX = keeping.outbox


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with loopback_server() as server:
        yield server


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url, models={"letters.bpmn": LETTERS}) as world:
        yield world


def by_smtp(server: LoopbackServer) -> Any:
    return courier(
        dataclasses.replace(settings_for("sqlite://"), smtp_url=server.url, mail_from="caf@northcombe.example")
    )


def appoint(world: World) -> UUID:
    case_id = world.start_case(process_key="letters")
    world.do("appoint", "hana", case_id=case_id, lead_professional=str(world.ids["hana"]))
    return case_id


def queued(world: World) -> list[sa.Row[Any]]:
    return list(world.rows(sa.select(OUTBOX).order_by(OUTBOX.c.queued_at, OUTBOX.c.id)))


def message_id(row: sa.Row[Any]) -> str:
    return f"<{row.id}@caf-engine>"


def test_a_message_arrives_once_by_smtp_under_its_id(world: World, server: LoopbackServer) -> None:
    appoint(world)
    assert outbox.deliver_due(world.engine, by_smtp(server)).sent == 1
    assert outbox.deliver_due(world.engine, by_smtp(server)) == outbox.Delivered(0, 0)
    (row,), (letter,) = queued(world), server.messages
    assert (letter["Message-ID"], letter["To"]) == (message_id(row), "hana@northcombe.example")
    assert letter["From"] == "caf@northcombe.example"
    assert (row.state, row.sent_at, row.tries) == ("sent", world.clock.now(), 1)


def test_a_server_that_hangs_up_too_early_gets_the_same_message_again(world: World, server: LoopbackServer) -> None:
    appoint(world)
    server.hangs_up = True
    assert outbox.deliver_due(world.engine, by_smtp(server)) == outbox.Delivered(0, 1)
    server.hangs_up = False
    assert outbox.deliver_due(world.engine, by_smtp(server)) == outbox.Delivered(0, 0), "not before its next try"
    world.clock.advance(timedelta(minutes=2))
    assert outbox.deliver_due(world.engine, by_smtp(server)).sent == 1
    (row,) = queued(world)
    assert [letter["Message-ID"] for letter in server.messages] == [message_id(row)] * 2
    assert row.problem == ""


def test_five_tries_further_and_further_apart_then_an_incident_that_can_be_retried(
    world: World, server: LoopbackServer
) -> None:
    appoint(world)
    server.refuses = True
    tried_at = []
    for _ in range(24 * 60):
        if outbox.deliver_due(world.engine, by_smtp(server)).failed:
            tried_at.append(world.clock.now())
        world.clock.advance(timedelta(minutes=1))
    gaps = [later - earlier for earlier, later in pairwise(tried_at)]
    assert len(tried_at) == 5
    assert gaps == sorted(gaps) and gaps[0] < gaps[-1]
    (row,), (incident,) = queued(world), world.incidents()
    assert row.state == "failed"
    assert "no such person" in row.problem
    assert incident.kind == "outbox" and incident.outbox_id == row.id
    assert incident.message.startswith("A message could not be sent: ") and incident.tries == 5
    server.refuses = False
    incidents.retry(world.engine, actor=world.actor("cleo"), incident_id=incident.id, why="The address was mended")
    assert outbox.deliver_due(world.engine, by_smtp(server)).sent == 1
    assert [letter["Message-ID"] for letter in server.messages] == [message_id(row)]
    assert world.incidents() == []


def test_a_server_that_is_not_there_fails_no_act(world: World) -> None:
    with loopback_server() as gone:
        nowhere = by_smtp(gone)
    appoint(world)
    assert outbox.deliver_due(world.engine, nowhere) == outbox.Delivered(0, 1)
    assert [row.state for row in queued(world)] == ["waiting"]


def test_without_a_server_each_message_is_a_file(tmp_path: Path) -> None:
    world = build_world(models={"letters.bpmn": LETTERS})
    folder = courier(dataclasses.replace(settings_for("sqlite://"), variable_folder=tmp_path))
    appoint(world)
    outbox.deliver_due(world.engine, folder)
    (row,) = queued(world)
    (path,) = (tmp_path / "outbox").iterdir()
    letter = message_from_bytes(path.read_bytes())
    assert (path.name, letter["Message-ID"], letter["To"]) == (f"{row.id}.eml", message_id(row), row.recipient)
    world.write(sa.update(OUTBOX).values(state="waiting"))
    outbox.deliver_due(world.engine, folder)
    assert [each.name for each in (tmp_path / "outbox").iterdir()] == [path.name], "the same message replaces itself"


def test_an_act_that_is_undone_sends_nothing(world: World) -> None:
    gate, merge = element("exclusiveGateway", "gate"), element("exclusiveGateway", "merge")
    world.deploy(
        {
            "loop.bpmn": model(
                ask("appoint", properties(record="appoint_lead_professional")),
                merge,
                gate,
                way="start appoint; appoint merge; merge gate; gate merge [today() != null]; gate end *",
                key="for_ever",
            )
        }
    )
    case_id = world.start_case(process_key="for_ever")
    with pytest.raises(BudgetExceeded):
        world.do("appoint", "hana", case_id=case_id, lead_professional=str(world.ids["hana"]))
    assert queued(world) == []
    assert outbox.deliver_due(world.engine, world.mailbox) == outbox.Delivered(0, 0)


def test_nothing_is_sent_before_the_act_is_kept(world: World) -> None:
    """The courier is called outside every transaction: it can write to the database itself."""

    class Looking:
        seen: list[str] = []  # noqa: RUF012

        def send(self, message: Any) -> None:
            with world.engine.sessions.act() as connection:
                self.seen.extend(
                    connection.execute(sa.select(OUTBOX.c.state).where(OUTBOX.c.id == message.id)).scalars()
                )

    appoint(world)
    assert outbox.deliver_due(world.engine, Looking()).sent == 1
    assert Looking.seen == ["waiting"]


def test_messages_of_one_instant_leave_in_the_order_in_which_they_were_written(world: World) -> None:
    """However the database happens to keep them."""
    written = [appoint(world) for _ in range(12)]
    kept = [row._asdict() for row in world.rows(sa.select(OUTBOX).order_by(OUTBOX.c.id.desc()))]
    assert len({row["next_try_at"] for row in kept}) == 1
    world.write(sa.delete(OUTBOX))
    world.write(sa.insert(OUTBOX).values(kept))
    outbox.deliver_due(world.engine, world.mailbox)
    assert [message.case_id for message in world.mailbox.messages] == written


def test_two_senders_at_once_send_each_message_once(world: World) -> None:
    for _ in range(20):
        appoint(world)
    barrier = threading.Barrier(2)

    def send(_: int) -> int:
        barrier.wait()
        return sum(outbox.deliver_due(world.engine, world.mailbox, limit=3).sent for _ in range(20))

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(send, range(2))) == 20
    assert len({message.id for message in world.mailbox.messages}) == len(world.mailbox.messages) == 20


def test_a_server_that_takes_minutes_for_each_message_gets_none_twice(world: World) -> None:
    for _ in range(4):
        appoint(world)

    class Slow:
        """Takes most of a lease for each message, while another sender is at work too."""

        seen: list[Any] = []  # noqa: RUF012

        def send(self, message: Any) -> None:
            self.seen.append(message.id)
            world.clock.advance(timedelta(minutes=3))
            outbox.deliver_due(world.engine, world.mailbox, limit=1)

    done = outbox.deliver_due(world.engine, Slow())
    arrived = [*Slow.seen, *(message.id for message in world.mailbox.messages)]
    assert (done.sent, len(arrived)) == (2, 4)
    assert set(arrived) == {row.id for row in queued(world)}


def test_somebody_without_an_address_is_not_written_to(world: World) -> None:
    world.write(sa.update(people.practitioners).where(people.practitioners.c.id == world.ids["hana"]).values(email=""))
    appoint(world)
    assert queued(world) == []


def test_no_message_holds_the_childs_name() -> None:
    world = build_world()
    start_and_walk_to(world, "close_case")
    world.tick()
    assert len(world.mailbox.messages) > 5
    for message in world.mailbox.messages:
        assert "Sam" not in message.subject + message.body
        assert "Whitlock" not in message.subject + message.body
