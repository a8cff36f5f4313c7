"""Messages about a case: each says which it is as it leaves, and how its reader gets there or whom they ask."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import outbox, restrictions
from engine.queries import played
from engine.reminders import addressees
from engine.store import locking
from engine.store.tables import keeping, people, record
from engine.work import Work, open_work
from tests.worlds import World, open_world

NEWS = "There is news"
WAYS = ("hana", "idris", "noor", "cleo")


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as world:
        yield world


def work_on(world: World, connection: sa.Connection, case_id: UUID) -> Work:
    case = locking.case(connection, case_id)
    return open_work(world.engine, connection, case, actor=world.actor("hana"), at=world.clock.now())


def write_to(world: World, case_id: UUID, *names: str) -> None:
    with world.engine.sessions.act() as connection:
        work = work_on(world, connection, case_id)
        for name in names:
            work.send(world.ids[name], subject=NEWS)
        work.finish()


def posted(world: World) -> dict[str, str]:
    """Send what waits, and return what stands in each message, by the first name of whom it is for."""
    world.mailbox.messages.clear()
    outbox.deliver_due(world.engine, world.mailbox, limit=500)
    return {each.recipient.split("@")[0]: each.body for each in world.mailbox.messages}


def at_address(world: World, address: str) -> None:
    table = people.authorities
    world.write(sa.update(table).values(profile={"service_address": address}, version=table.c.version + 1))


def led_by_hana(world: World) -> UUID:
    """Begin a case with an assessor who can be rung."""
    own = people.practitioners.c.id == world.ids["hana"]
    world.write(sa.update(people.practitioners).where(own).values(phone="01632 960111"))
    case_id = world.start_case()
    posted(world)
    return case_id


def test_who_may_open_the_case_gets_its_address_and_nobody_else_does(world: World) -> None:
    case_id = led_by_hana(world)
    reference = world.case(case_id).reference
    write_to(world, case_id, *WAYS)
    at_address(world, "https://support.example/")
    mails = posted(world)
    page = f"Our reference is {reference}. Sign in and open the case: https://support.example/cases/{case_id}\n"
    asks = f"Our reference is {reference}. You cannot open the case itself. If you have a question, ask "
    assert mails["hana"].startswith(page) and mails["cleo"].startswith(page), "a coordinator by their office"
    assert mails["noor"].startswith(f"{asks}Hana Verity, 01632 960111, who answers for it.")
    assert mails["idris"].startswith(asks)
    assert not any("[" in body for body in mails.values())
    kept = world.rows(sa.select(keeping.outbox.c.body).where(keeping.outbox.c.practitioner_id == world.ids["hana"]))
    assert not any(str(case_id) in row.body for row in kept), "said only as it leaves"


def test_an_authority_without_an_address_tells_to_sign_in(world: World) -> None:
    case_id = led_by_hana(world)
    write_to(world, case_id, "hana")
    said = f"Our reference is {world.case(case_id).reference}. Sign in to open the case. This message holds no details"
    assert posted(world)["hana"].startswith(said)


def test_what_it_says_is_as_it_stands_when_the_message_leaves(world: World) -> None:
    case_id = led_by_hana(world)
    write_to(world, case_id, "morgan", "noor")
    restrictions.restrict(world.engine, actor=world.actor("cleo"), case_id=case_id, reason="She works for the council")
    mails = posted(world)
    for who in ("morgan", "noor"):
        assert "You cannot open the case itself. If you have a question, ask a coordinator." in mails[who]
        assert "Hana" not in mails[who]


def test_who_answers_for_a_case_and_has_no_account_is_not_told_to_ask_themselves(world: World) -> None:
    case_id = led_by_hana(world)
    own = people.accounts.c.practitioner_id == world.ids["hana"]
    write_to(world, case_id, "hana")
    world.write(sa.update(people.accounts).where(own).values(disabled_at=world.clock.now()))
    assert "You cannot open the case itself. If you have a question, ask a coordinator." in posted(world)["hana"]


def test_nobody_is_sent_to_somebody_who_has_left(world: World) -> None:
    case_id = led_by_hana(world)
    own = people.practitioners.c.id == world.ids["hana"]
    write_to(world, case_id, "noor")
    world.write(sa.update(people.practitioners).where(own).values(left_on=world.today))
    assert "If you have a question, ask a coordinator." in posted(world)["noor"]


def test_what_is_no_child_s_says_nothing_of_a_case(world: World) -> None:
    with world.engine.sessions.act() as connection:
        chain = connection.execute(sa.select(record.cases.c.id).where(record.cases.c.child_id.is_(None))).scalar_one()
        work = work_on(world, connection, chain)
        work.send(world.ids["hana"], subject="A table", body="Look at Rules to approve.")
        work.finish()
    assert "reference" not in posted(world)["hana"]


def test_a_play_shows_a_message_as_it_is_read(world: World) -> None:
    case_id = led_by_hana(world)
    write_to(world, case_id, "noor")
    (sent,) = [each for each in played.happened(world.engine, world.actor("hana"), case_id) if each.what == NEWS]
    assert sent.text.startswith(f"Our reference is {world.case(case_id).reference}. You cannot open the case itself.")


@pytest.mark.parametrize("addressee", ["lead_professional", "action_owner", "owners_manager", "line_manager"])
def test_of_a_restricted_case_the_rules_tell_no_manager(world: World, addressee: str) -> None:
    case_id = led_by_hana(world)
    ended = {"to_on": world.today}
    world.write(sa.update(record.case_members).where(record.case_members.c.case_id == case_id).values(**ended))
    restrictions.restrict(world.engine, actor=world.actor("cleo"), case_id=case_id, reason="She works for the council")
    with world.engine.sessions.act() as connection:
        assert addressees(work_on(world, connection, case_id), addressee) == [world.ids["cleo"]]
