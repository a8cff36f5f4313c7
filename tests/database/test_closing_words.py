"""Did the plan help? Asked of those who worked on it, kept once each, told to managers without a name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.commands import closing_words as commands
from engine.commands import restrictions
from engine.errors import Invalid, NotFound, NotPermitted
from engine.queries import closing_words
from engine.store.tables import keeping, people, record
from tests.episodes import answers_for, start_and_walk_to
from tests.worlds import World, open_world


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as world:
        yield world


def test_a_plan_that_ended_is_asked_about_once_and_heard_without_a_name(world: World) -> None:
    case_id = start_and_walk_to(world, "close_case")
    assert closing_words.asked(world.engine, actor=world.actor("hana")) == ()
    world.do("close_case", "hana", case_id=case_id, **answers_for(world, "close_case"))
    world.do("sign_off_closure", "morgan", case_id=case_id, signed_off="yes")
    told = world.rows(sa.select(keeping.outbox.c.practitioner_id).where(keeping.outbox.c.subject.like("%did it help?")))
    assert world.ids["hana"] in {row.practitioner_id for row in told}
    (asked,) = closing_words.asked(world.engine, actor=world.actor("hana"))
    assert asked.waits and asked.plan.led and asked.plan.reference == world.case(case_id).reference

    def say(who: str, whose: str, helped: str, said: str = "") -> None:
        actor = world.actor(who)
        commands.say(world.engine, actor=actor, case_id=case_id, from_whom=whose, helped=helped, said=said)

    say("hana", "practitioner", "not")
    say("hana", "practitioner", "a_lot", "One person to ring")
    say("hana", "family", "a_little", "Fewer forms")
    (asked,) = closing_words.asked(world.engine, actor=world.actor("hana"))
    assert not asked.waits and asked.answers["practitioner"].helped == "a_lot", "the later answer stands"
    heard = closing_words.heard(world.engine, actor=world.actor("cleo"))
    assert heard.ended == 1
    assert (heard.counts["family"], heard.counts["practitioner"]) == ({"a_little": 1}, {"a_lot": 1})
    assert {said.words for _, _, said in heard.words} == {"One person to ring", "Fewer forms"}
    assert closing_words.heard(world.engine, actor=world.actor("morgan")).ended == 1, "hana's manager"
    for wrong in ({"helped": "maybe"}, {"said": "x" * 1_001}):
        with pytest.raises(Invalid):
            say("hana", "practitioner", **{"helped": "not", **wrong})
    with pytest.raises(NotFound):
        say("cleo", "practitioner", "not")
    with pytest.raises(NotPermitted):
        closing_words.heard(world.engine, actor=world.actor("hana"))
    world.clock.advance(timedelta(days=61))
    with pytest.raises(NotFound):
        say("hana", "practitioner", "not")


def test_a_restricted_plan_is_not_asked_about(world: World) -> None:
    case_id = start_and_walk_to(world, "close_case")
    world.do("close_case", "hana", case_id=case_id, **answers_for(world, "close_case"))
    restrictions.restrict(world.engine, actor=world.actor("cleo"), case_id=case_id, reason="known to staff")
    world.do("sign_off_closure", "morgan", case_id=case_id, signed_off="yes")
    assert closing_words.asked(world.engine, actor=world.actor("hana")) == ()


def test_who_has_no_account_answers_on_a_private_page_of_their_own(world: World) -> None:
    case_id = start_and_walk_to(world, "close_case")
    child = world.rows(sa.select(record.children.c.family_id))[0]
    for name, email in (("Grace Whitlock", "grace@example.org"), ("Tom Whitlock", "")):
        own = {"authority_id": world.authority_id, "family_id": child.family_id, "name": name, "email": email}
        world.write(sa.insert(record.family_members).values(id=world.engine.ids.new(), **own))
    profile = {"service_address": "https://support.example"}
    world.write(sa.update(people.authorities).values(profile=profile, version=people.authorities.c.version + 1))
    world.do("close_case", "hana", case_id=case_id, **answers_for(world, "close_case"))
    world.mailbox.messages.clear()
    world.do("sign_off_closure", "morgan", case_id=case_id, signed_off="yes")
    world.tick()
    (mail,) = [each for each in world.mailbox.messages if each.recipient == "grace@example.org"]
    assert "Whitlock" not in mail.body.replace("Grace Whitlock", ""), "no child is named"
    token = re.search(r"https://support\.example/reply/helped/([\w-]{48})", mail.body)[1]
    (asked,) = closing_words.asked(world.engine, actor=world.actor("hana"))
    to_give = dict(asked.to_give)
    toms = to_give["Tom Whitlock"]
    assert "Grace Whitlock" not in to_give and not asked.by_family

    hana = world.actor("hana")
    commands.say(world.engine, actor=hana, case_id=case_id, from_whom="family", helped="not", said="Heard it")
    found = closing_words.page(world.engine, token=token)
    assert found.family and not found.answered
    for helped in ("a_little", "a_lot"):
        commands.say_on_page(world.engine, token=token, helped=helped, said="Mornings")
    commands.say_on_page(world.engine, token=toms, helped="worse")
    assert closing_words.page(world.engine, token=token).answered
    heard = closing_words.heard(world.engine, actor=world.actor("cleo"))
    assert heard.counts["family"] == {"a_lot": 1, "worse": 1}, "what they say themselves counts, each once"
    assert {said.words for _, _, said in heard.words} == {"Mornings"}
    (asked,) = closing_words.asked(world.engine, actor=hana)
    assert asked.by_family and "Tom Whitlock" not in dict(asked.to_give)
    with pytest.raises(Invalid):
        commands.say_on_page(world.engine, token=token, helped="maybe")
    with pytest.raises(NotFound):
        commands.say_on_page(world.engine, token=token[:-4] + "AAAA", helped="not")
    world.clock.advance(timedelta(days=61))
    for late in (lambda: closing_words.page(world.engine, token=token), lambda: say_no(world, token)):
        with pytest.raises(NotFound):
            late()


def say_no(world: World, token: str) -> None:
    commands.say_on_page(world.engine, token=token, helped="not")
