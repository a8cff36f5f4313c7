"""What becomes of a meeting that is booked when its case closes or its plan rests: who is told, and what waits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import case_processes, concerns, family_letters
from engine.errors import Conflict, Invalid, NotFound
from engine.forms import InvalidAnswers
from engine.queries import case_file, letters, task_page, timeline, waiting_letters
from engine.queries.letters import CaseLetter
from engine.store.tables import record
from tests.episodes import answers_for, start_and_walk_to
from tests.worlds import World, open_world

LETTERS_LEFT = "A case has closed with a meeting booked: the family do not all know yet"
CALLED_OFF = "A meeting you were asked to is called off"
HAS_ANOTHER_DAY = "A meeting you were asked to has another day: say whether you come"
NO_DAY = "A TAC meeting was called off or not held, and no other day is fixed"


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as world:
        yield world


def about(world: World, case_id: UUID, element: str, by: str = "hana") -> dict[str, str]:
    task = world.task(element, case_id)
    return dict(task_page.task(world.engine, actor=world.actor(by), task_id=task.id).about)


def of_kind(world: World, case_id: UUID, kind: str, by: str = "hana") -> list[CaseLetter]:
    found = letters.read_letters(world.engine, actor=world.actor(by), case_id=case_id)
    return [each for each in found if each.kind_key == kind]


def told(world: World) -> list[str]:
    said = [each.subject for each in world.mailbox.messages]
    world.mailbox.messages.clear()
    return said


def social_care_leads(world: World, case_id: UUID) -> None:
    """Bring a case with a meeting booked to the sign-off of its closure."""
    said = {"harm": "physical", "immediate_danger": "no", "what_happened": "Bruises"}
    concerns.raise_concern(world.engine, actor=world.actor("hana"), case_id=case_id, answers=said)
    world.tick()
    today = world.today.isoformat()
    world.do("acknowledge_concern", "ada", case_id=case_id, acknowledged_on=today, accepted="yes", note="They see Sam")
    world.tick()
    world.do(
        "decide_with_social_care", "hana", case_id=case_id, plan_with_social_care="close",
        linked_plan="child_protection", key_worker="Lea Stone", why="They lead",
    )  # fmt: skip
    closing = answers_for(world, "close_case") | {"reason": "moved_to_social_care"}
    world.do("close_case", "hana", case_id=case_id, **closing)
    world.tick()


def test_closing_with_a_meeting_booked_has_its_letters_given_afterwards(world: World) -> None:
    case_id = start_and_walk_to(world, "choose_review")
    world.do("choose_review", "hana", case_id=case_id, way="meeting")
    world.do("arrange_tac_meeting", "hana", case_id=case_id, **answers_for(world, "arrange_tac_meeting"))
    world.clock.advance(timedelta(hours=1))
    social_care_leads(world, case_id)
    beforehand = about(world, case_id, "sign_off_closure", "morgan")["A meeting is booked"]
    assert "It is called off when the case closes" in beforehand
    assert "No e-mail address is known for" in beforehand and "post it or hand it over" in beforehand
    told(world)
    world.do("sign_off_closure", "morgan", case_id=case_id, signed_off="yes")
    world.tick()
    assert told(world).count(LETTERS_LEFT) == 2, "who led it, and who signed it off"
    assert not [each for each in of_kind(world, case_id, "invitation") if each.waits], "nobody is invited any more"
    (letter, *more) = [each for each in of_kind(world, case_id, "called_off") if each.waits]
    (mine,) = waiting_letters.mine(world.engine, actor=world.actor("hana"))
    assert (mine.case_id, mine.count) == (case_id, 1 + len(more))
    given: dict[str, Any] = {"case_id": case_id, "letter_id": letter.letter_id}
    with pytest.raises(NotFound):
        family_letters.mark_sent(world.engine, actor=world.actor("idris"), **given, how="post")
    family_letters.mark_sent(world.engine, actor=world.actor("morgan"), **given, how="post")
    (now,) = [each for each in of_kind(world, case_id, "called_off") if each.letter_id == letter.letter_id]
    assert (now.sent_by, now.sent_on, now.waits) == ("post", world.today, False)
    rest = [each.letter_id for each in more]
    family_letters.mark_given(world.engine, actor=world.actor("hana"), case_id=case_id, letter_ids=rest, how="hand")
    assert waiting_letters.mine(world.engine, actor=world.actor("hana")) == ()
    with pytest.raises(Conflict, match="closed"):
        family_letters.write_again(world.engine, actor=world.actor("hana"), **given)


def test_closing_without_a_meeting_asks_nobody_for_letters(world: World) -> None:
    case_id = start_and_walk_to(world, "close_case")
    world.do("close_case", "hana", case_id=case_id, **answers_for(world, "close_case"))
    assert "A meeting is booked" not in about(world, case_id, "sign_off_closure", "morgan")
    world.do("sign_off_closure", "morgan", case_id=case_id, signed_off="yes")
    world.tick()
    assert LETTERS_LEFT not in told(world)
    assert waiting_letters.mine(world.engine, actor=world.actor("hana")) == ()


def meeting_of(world: World, case_id: UUID) -> Any:
    (row,) = world.rows(sa.select(record.tac_meetings).where(record.tac_meetings.c.case_id == case_id))
    return row


def rest(world: World, case_id: UUID, until: date) -> None:
    said = {"paused_until": str(until), "reason": "Sam is in hospital."}
    case_processes.start(world.engine, actor=world.actor("morgan"), case_id=case_id, process_key="pause", answers=said)
    world.tick()


def sent(world: World, subject: str) -> list[str]:
    """Return who got word under a subject, and forget every message."""
    found = sorted(each.recipient.split("@")[0] for each in world.mailbox.messages if each.subject == subject)
    world.mailbox.messages.clear()
    return found


def put_off(world: World, case_id: UUID, came: str = "not_held") -> None:
    day = {"held_on": str(world.today)} if came == "no" else {}
    world.do("hold_tac_meeting", "hana", case_id=case_id, family_came=came, **day)


def rebook(world: World, case_id: UUID) -> None:
    later = {"planned_on": str(world.today + timedelta(days=7)), "starts_at": "10:00", "why": "The school is shut"}
    world.do("rebook_tac_meeting", "hana", case_id=case_id, **later)
    world.tick()


@pytest.mark.parametrize("came", ["not_held", "no"])
@pytest.mark.parametrize("occasion", ["hold_tac_meeting", "choose_review"])
def test_a_meeting_put_off_before_its_day_is_off_at_once(world: World, occasion: str, came: str) -> None:
    """The first meeting of a team, and that of a review; a letter to a guest that nobody sent tells the new day."""
    case_id = start_and_walk_to(world, occasion)
    if occasion == "choose_review":
        world.do("choose_review", "hana", case_id=case_id, way="meeting")
        world.do("arrange_tac_meeting", "hana", case_id=case_id, **answers_for(world, "arrange_tac_meeting"))
    world.do("reply_to_invitation", "noor", case_id=case_id, reply="attending")
    family_letters.write_to_practitioners(world.engine, actor=world.actor("hana"), case_id=case_id)
    world.clock.advance(timedelta(hours=1))
    world.tick()
    world.mailbox.messages.clear()
    put_off(world, case_id, came)
    world.tick()
    assert [each for each in world.mailbox.messages if "Sam" in each.subject + each.body] == []
    assert sent(world, CALLED_OFF) == ["idris", "noor"]
    assert not [each for each in of_kind(world, case_id, "invitation") if each.waits]
    assert [each.waits for each in of_kind(world, case_id, "called_off")] == [True], "Sam has no address for e-mail"
    found = case_file.read(world.engine, actor=world.actor("hana"), case_id=case_id)
    assert found.meetings[0].called_off_on == world.today
    assert found.next is not None and found.next.what != "TAC meeting"
    assert "Called off" in about(world, case_id, "rebook_tac_meeting")
    world.clock.advance(timedelta(hours=1))
    rebook(world, case_id)
    assert sent(world, HAS_ANOTHER_DAY) == ["idris", "noor"]
    assert len(world.tasks(case_id, element="reply_to_invitation")) == 2, "whoever had said yes is asked anew"
    waiting = [each for each in of_kind(world, case_id, "invitation") if each.waits]
    day = world.today + timedelta(days=7)
    assert len(waiting) == 3 and all(f"{day.day} {day:%B}" in each.text for each in waiting)


@pytest.mark.parametrize("came", ["not_held", "no"])
def test_once_its_day_is_over_nobody_is_told_that_a_meeting_was_not_held(world: World, came: str) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    world.do("reply_to_invitation", "noor", case_id=case_id, reply="attending")
    world.pass_days(15)
    told(world)
    with pytest.raises(InvalidAnswers) as refused:
        world.do("hold_tac_meeting", "hana", case_id=case_id, family_came="no")
    assert set(refused.value.errors) == {"held_on"}, "a meeting to which nobody of the family came was on some day"
    put_off(world, case_id, came)
    world.tick()
    (event,) = world.history(case_id, "tac_meeting_not_held", "tac_meeting_without_family")
    assert event.effective_on == (world.today if came == "no" else meeting_of(world, case_id).planned_on)
    assert told(world) == [] and meeting_of(world, case_id).called_off_on is None
    found = case_file.read(world.engine, actor=world.actor("hana"), case_id=case_id)
    assert found.meetings[0].missed and found.next is not None and found.next.what == "Book another day"
    rebook(world, case_id)
    assert sent(world, HAS_ANOTHER_DAY) == ["idris", "noor"]
    assert not case_file.read(world.engine, actor=world.actor("hana"), case_id=case_id).meetings[0].missed


def test_a_day_that_was_asked_for_before_the_pause_is_asked_for_again_after_it(world: World) -> None:
    """The line manager was told once already, before the plan came to rest."""
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    world.do("hold_tac_meeting", "hana", case_id=case_id, family_came="not_held")
    while NO_DAY not in told(world):
        world.pass_days(1)
    until = world.today + timedelta(days=24)
    rest(world, case_id, until)
    assert world.task("rebook_tac_meeting", case_id).due_on > until, "there is time until the plan has gone on"
    assert len(world.history(case_id, "due_date_moved")) == 1
    told(world)
    due_on = world.task("rebook_tac_meeting", case_id).due_on
    while world.today < due_on:
        world.pass_days(1)
    assert NO_DAY not in told(world), "there is still time"
    world.pass_days(7)
    assert told(world).count(NO_DAY) == 1


@pytest.mark.parametrize("why", ["lapsed", "not found"])
def test_while_nothing_may_be_shared_nobody_hears_that_no_day_is_fixed(world: World, why: str) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    world.do("hold_tac_meeting", "hana", case_id=case_id, family_came="not_held")
    consent = record.consents.c.case_id == case_id
    if why == "lapsed":
        world.write(sa.update(record.consents).where(consent).values(answer="lapsed"))
    else:
        case_processes.start(
            world.engine, actor=world.actor("hana"), case_id=case_id, process_key="family_not_found",
            answers={"tried": "Two visits"},
        )  # fmt: skip
    told(world)
    world.pass_days(21)
    assert NO_DAY not in told(world)
    if why == "lapsed":
        world.write(sa.update(record.consents).where(consent).values(answer="given"))
        world.pass_days(7)
        assert told(world).count(NO_DAY) == 1


@pytest.mark.parametrize("since", ["before the pause", "by the pause"])
def test_going_on_early_leaves_less_time_to_book_another_day(world: World, since: str) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    if since == "before the pause":
        put_off(world, case_id)
        world.pass_days(1)
    until = world.today + timedelta(days=70)
    rest(world, case_id, until)
    assert world.task("rebook_tac_meeting", case_id).due_on > until
    world.pass_days(2)
    world.do("go_on_early", "hana", case_id=case_id, why="Sam is home.")
    world.tick()
    told(world)
    due_on = world.task("rebook_tac_meeting", case_id).due_on
    assert world.today + timedelta(days=7) <= due_on <= world.today + timedelta(days=14)
    while world.today < due_on:
        world.pass_days(1)
    assert NO_DAY not in told(world), "there is still time"
    world.pass_days(7)
    assert told(world).count(NO_DAY) == 1
    assert not world.verified().findings


def test_a_pause_leaves_time_to_book_another_day_until_it_ends(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    until = meeting_of(world, case_id).planned_on + timedelta(days=14)
    world.clock.advance(timedelta(hours=1))
    rest(world, case_id, until)
    assert world.task("rebook_tac_meeting", case_id).due_on > until
    assert about(world, case_id, "rebook_tac_meeting")["The plan rests"].startswith(f"Until {until.day} {until:%B}")
    assert not [each for each in of_kind(world, case_id, "invitation") if each.waits]
    soon = {"starts_at": "10:00", "why": "Sam is in hospital."}
    with pytest.raises(Invalid, match="The plan rests until"):
        world.do("rebook_tac_meeting", "hana", case_id=case_id, planned_on=str(until - timedelta(days=1)), **soon)
    told(world)
    while world.today < until:
        world.pass_days(1)
    assert NO_DAY not in told(world)
    world.pass_days(21)
    assert NO_DAY in told(world)
    world.do("rebook_tac_meeting", "hana", case_id=case_id, planned_on=str(world.today + timedelta(days=7)), **soon)
    assert "hold_tac_meeting" in world.open_elements(case_id)


@pytest.mark.parametrize(("on", "off"), [("2026-04-02", False), ("2026-04-05", True), ("2026-04-06", True)])
def test_a_meeting_on_a_weekend_or_a_bank_holiday_is_said_to_be_on_one(world: World, on: str, off: bool) -> None:
    """5 April is a Sunday, 6 April Easter Monday; a family may want just such a day."""
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    answers = answers_for(world, "arrange_tac_meeting") | {"planned_on": on}
    world.do("arrange_tac_meeting", "hana", case_id=case_id, **answers)
    (meeting,) = case_file.read(world.engine, actor=world.actor("hana"), case_id=case_id).meetings
    assert meeting.day_off is off
    events = timeline.read(world.engine, actor=world.actor("hana"), case_id=case_id).events
    (said,) = [each.what for each in events if "A meeting was arranged" in each.what]
    assert ("on which nobody works by the calendar" in said) is off
