"""Somebody else is asked to a meeting whose invitations have gone out: as the others were; on both databases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.casework.family_sharing import Sharing
from engine.commands import case_processes, families, family_letters, replies
from engine.errors import Conflict, Invalid, NotPermitted
from engine.operations import meeting_reminders
from engine.queries import case_file, timeline, worklist
from engine.queries.prefill import with_new_rows
from engine.store import meeting_places
from engine.store.tables import record
from tests.database.test_consent_cover import ask_again, limited
from tests.database.test_leaving_the_team import NO_PART, of_team, sees
from tests.database.test_letters import ADA, TOLD_NOTHING, TOM, family, letters, mails, send, token_of
from tests.database.test_taken_out_of_the_team import holders, take_out
from tests.episodes import answers_for, start_and_walk_to
from tests.worlds import World, open_world

KEY = "invite_to_meeting"
GRAN = families.Member(name="Gran Hill", relationship="Grandmother", email="gran@example.org")
ELM = "4 Elm Row, N1 2AB"


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as opened:
        yield opened


@pytest.fixture
def case_id(world: World) -> UUID:
    """A case whose meeting is arranged, with Ada and Tom asked, Idris and Noor, and it is still to come."""
    id_ = start_and_walk_to(world, "arrange_tac_meeting")
    family(world, id_, replace(ADA, address_secret=False), Sharing())
    family(world, id_, TOM, Sharing())
    asked = answers_for(world, "arrange_tac_meeting") | {"venue": ELM}
    world.do("arrange_tac_meeting", "hana", case_id=id_, **asked)
    return id_


def ask(world: World, case_id: UUID, by: str = "hana", **answers: Any) -> UUID:
    return case_processes.start(
        world.engine, actor=world.actor(by), case_id=case_id, process_key=KEY, answers=answers
    )


def practitioner(world: World, case_id: UUID, who: str, by: str = "hana") -> None:
    ask(world, case_id, by, whom="practitioner", practitioner=str(world.ids[who]))


def relative(world: World, case_id: UUID, who: UUID | str, **more: str) -> None:
    ask(world, case_id, whom="family", relative=str(who), **more)


def meeting(world: World, case_id: UUID) -> Any:
    return case_file.read(world.engine, actor=world.actor("hana"), case_id=case_id).meetings[0]


def offered(world: World, case_id: UUID, who: str = "hana") -> bool:
    found = case_file.read(world.engine, actor=world.actor(who), case_id=case_id).startable
    return KEY in {each.process_key for each in found}


def test_who_was_taken_out_is_asked_again_to_the_meeting_that_is_arranged(world: World, case_id: UUID) -> None:
    take_out(world, case_id, "noor")
    assert not sees(world, case_id, "noor")
    practitioner(world, case_id, "noor")
    assert sees(world, case_id, "noor") and of_team(world, case_id) == {"idris", "noor"}
    assert holders(world, case_id, "reply_to_invitation") == {"idris", "noor"}
    world.tick()
    told = [each.subject for each in world.mailbox.messages if each.practitioner_id == world.ids["noor"]]
    assert told == [NO_PART, "You are asked to a team meeting: say whether you come"]
    said = [each.what for each in timeline.read(world.engine, actor=world.actor("hana"), case_id=case_id).events]
    assert "Noor Bakar was asked to the meeting that was arranged before." in said
    found = letters(world, case_id)
    assert "idris" not in found, "theirs are written when somebody asks for them"
    assert token_of(found["noor"]) and f"Where: {ELM}" in found["noor"].body and not found["noor"].stopped
    assert family_letters.write_to_practitioners(world.engine, actor=world.actor("hana"), case_id=case_id) == 1
    to = send(world, case_id, found["noor"])
    assert mails(world, to)[-1].calendar, "with an entry for her calendar"
    with pytest.raises(Invalid, match="asked to this meeting already") as wrong:
        practitioner(world, case_id, "noor")
    assert wrong.value.details["field"] == "practitioner"
    world.do("reply_to_invitation", "noor", case_id=case_id, reply="apologies")
    assert {each.name: each.reply for each in meeting(world, case_id).invited}["Noor Bakar"] == "apologies"
    assert holders(world, case_id, "reply_to_invitation") == {"idris"}
    practitioner(world, case_id, "sunniva")
    world.do("hold_tac_meeting", "hana", case_id=case_id, **answers_for(world, "hold_tac_meeting"))
    assert holders(world, case_id, "reply_to_invitation") == set(), "once it was held nobody is asked"
    assert not world.verified().findings and not world.incidents()


def test_who_is_new_to_the_team_is_asked_reminded_and_asked_anew_with_the_others(world: World, case_id: UUID) -> None:
    practitioner(world, case_id, "sunniva")
    world.do("reply_to_invitation", "idris", case_id=case_id, reply="attending")
    world.do("reply_to_invitation", "noor", case_id=case_id, reply="attending")
    world.mailbox.messages.clear()
    (task,) = world.tasks(case_id, element="reply_to_invitation")
    world.pass_days((task.due_on - world.today).days + 1)
    asked = [each for each in world.mailbox.messages if each.subject == meeting_reminders.SUBJECT]
    assert [each.practitioner_id for each in asked] == [world.ids["sunniva"]]
    world.do("hold_tac_meeting", "hana", case_id=case_id, family_came="not_held")
    assert holders(world, case_id, "reply_to_invitation") == set()
    day = str(world.today + timedelta(days=9))
    world.do("rebook_tac_meeting", "hana", case_id=case_id, why="Ill", planned_on=day, starts_at="10:00")
    assert holders(world, case_id, "reply_to_invitation") == {"idris", "noor", "sunniva"}
    take_out(world, case_id, "noor")
    practitioner(world, case_id, "noor")
    assert "another day" not in letters(world, case_id)["noor"].body, "she has not heard of the first one"
    assert family_letters.write_to_practitioners(world.engine, actor=world.actor("hana"), case_id=case_id) == 1, "Idris"
    assert not world.incidents()


def test_nobody_is_reminded_twice_on_a_day(world: World, case_id: UUID) -> None:
    practitioner(world, case_id, "sunniva")
    (task, *_) = world.tasks(case_id, element="reply_to_invitation")
    world.mailbox.messages.clear()
    world.pass_days((task.due_on - world.today).days + 1)
    asked = [each.practitioner_id for each in world.mailbox.messages if each.subject == meeting_reminders.SUBJECT]
    assert sorted(asked) == sorted(world.ids[each] for each in ("idris", "noor", "sunniva"))


def test_one_of_the_family_who_was_left_out_is_asked_by_a_letter_of_their_own(world: World, case_id: UUID) -> None:
    gran = family(world, case_id, GRAN, Sharing())
    relative(world, case_id, gran, needs="A lift")
    (hers,) = [each for each in meeting(world, case_id).family if each.name == "Gran Hill"]
    assert (hers.invited, hers.needs, hers.reply) == (True, "A lift", "none")
    letter = letters(world, case_id)["gran"]
    assert token_of(letter) and f"Where: {ELM}" in letter.body
    (task,) = world.tasks(case_id, element="record_family_replies")
    page = worklist.task(world.engine, actor=world.actor("hana"), task_id=task.id)
    assert str(gran) in {each["person"] for each in page.prefill["replies"]}, "the task that is open asks for her too"
    replies.answer(world.engine, token=token_of(letter), answers={"reply": "coming"})
    (hers,) = [each for each in meeting(world, case_id).family if each.name == "Gran Hill"]
    assert hers.reply == "coming"
    with pytest.raises(Invalid, match="Gran Hill is asked to this meeting already") as wrong:
        relative(world, case_id, gran)
    assert wrong.value.details["field"] == "relative"
    assert not world.verified().findings and not world.incidents()


def test_what_they_answer_is_asked_for_anew_once_the_family_has_answered(world: World, case_id: UUID) -> None:
    def asked() -> list[Mapping[str, Any]]:
        (task,) = world.tasks(case_id, element="record_family_replies")
        page = worklist.task(world.engine, actor=world.actor("hana"), task_id=task.id)
        assert page.form is not None
        begun = {"replies": [{"person": "child", "reply": "coming"}]}
        return list(with_new_rows(page.form, begun, page.prefill)["replies"])

    answered = [{"person": each["person"], "reply": "coming"} for each in asked()]
    assert len(answered) == 4
    world.do("record_family_replies", "hana", case_id=case_id, replies=answered)
    gran = family(world, case_id, GRAN, Sharing())
    relative(world, case_id, gran)
    assert [each.get("reply") for each in asked()] == ["coming"] * 4 + [None]
    assert asked()[0] == {"person": "child", "reply": "coming"} and asked()[-1]["person"] == str(gran)
    world.do("hold_tac_meeting", "hana", case_id=case_id, family_came="not_held")
    assert not world.tasks(case_id, element="record_family_replies") and not world.incidents()


def test_the_rules_of_consent_and_of_secret_addresses_hold(world: World, case_id: UUID) -> None:
    (ada,) = world.rows(sa.select(record.family_members.c.id).where(record.family_members.c.name == ADA.name))
    families.keep_member(
        world.engine, actor=world.actor("hana"), case_id=case_id, member_id=ada.id, member=ADA, sharing=None
    )
    gran, kept = family(world, case_id, GRAN, Sharing()), replace(GRAN, name="Una Hill", email="")
    relative(world, case_id, gran)
    assert f"Where: {meeting_places.ASK}" in letters(world, case_id)["gran"].body
    with pytest.raises(Invalid, match="Una Hill is to be told nothing"):
        relative(world, case_id, family(world, case_id, kept, TOLD_NOTHING))
    with pytest.raises(NotPermitted):
        practitioner(world, case_id, "sunniva", by="noor")
    ask_again(world, case_id, **limited(world))
    with pytest.raises(Invalid, match="does not cover Sunniva Rao") as refused:
        practitioner(world, case_id, "sunniva")
    assert refused.value.details["field"] == "practitioner" and "sunniva" not in of_team(world, case_id)


def test_nobody_is_asked_to_a_meeting_that_is_over_or_not_arranged(world: World, case_id: UUID) -> None:
    assert offered(world, case_id) and not offered(world, case_id, "noor")
    on = meeting(world, case_id).planned_on
    world.pass_days((on - world.today).days + 1)
    with pytest.raises(Invalid, match="The day of the meeting is over"):
        practitioner(world, case_id, "sunniva")
    world.do("hold_tac_meeting", "hana", case_id=case_id, family_came="not_held")
    assert not offered(world, case_id)
    with pytest.raises(Conflict, match="nothing on this case waits for it"):
        practitioner(world, case_id, "sunniva")
