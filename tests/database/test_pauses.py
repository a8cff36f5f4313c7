"""A paused case on a real record: it rests until a day, stays on every list, and keeps its age; harm never waits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from engine.commands import case_processes, concerns, consents, running_work
from engine.errors import Conflict, NotPermitted
from engine.queries import case_file, overdue, task_page, timeline
from engine.store.tables import changes, record, running
from tests.episodes import answers_for, start_and_walk_to
from tests.worlds import World, open_world

LONDON = ZoneInfo("Europe/London")
PLAN_LATE = {"A plan still has to be agreed and written down", "A team has met, and there is no plan yet"}


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as world:
        yield world


def pause(world: World, case_id: UUID, *, by: str = "morgan", days: int = 70) -> None:
    until = (world.today + timedelta(days=days)).isoformat()
    answers = {"paused_until": until, "reason": "Sam is in hospital."}
    case_processes.start(world.engine, actor=world.actor(by), case_id=case_id, process_key="pause", answers=answers)
    world.tick()


def reasons(world: World, case_id: UUID) -> dict[str, sa.Row[Any]]:
    table = record.escalations
    rows = world.rows(sa.select(table).where(table.c.case_id == case_id, table.c.ended_on.is_(None)))
    return {row.reason: row for row in rows}


def told(world: World) -> list[str]:
    """Return the subjects of what was sent since last asked."""
    said = [each.subject for each in world.mailbox.messages]
    world.mailbox.messages.clear()
    return said


def reviewing(world: World) -> UUID:
    """Return a case with a plan, whose review is some weeks off."""
    case_id = start_and_walk_to(world, "agree_action_plan")
    world.do("agree_action_plan", "hana", case_id=case_id, **answers_for(world, "agree_action_plan"))
    world.tick()
    told(world)
    return case_id


def test_it_rests_until_its_day_and_goes_on_by_itself(world: World) -> None:
    case_id = reviewing(world)
    pause(world, case_id)
    until = world.today + timedelta(days=70)
    waiting = world.task("go_on_early", case_id)
    about = dict(task_page.task(world.engine, actor=world.actor("hana"), task_id=waiting.id).about)
    assert about == {"Paused": "2 March until 11 May", "Why": "Sam is in hospital."}
    lead = case_file.read(world.engine, actor=world.actor("hana"), case_id=case_id)
    assert lead.pause is not None
    assert (lead.pause.until, lead.pause.reason) == (until, "Sam is in hospital.")
    (row,) = case_file.cases(world.engine, actor=world.actor("hana"))
    assert row.paused_until == until
    assert told(world) == ["A plan you lead rests for a while"]
    world.pass_days(69)
    assert case_file.read(world.engine, actor=world.actor("hana"), case_id=case_id).pause is not None
    told(world)
    world.pass_days(1)
    assert case_file.read(world.engine, actor=world.actor("hana"), case_id=case_id).pause is None
    assert told(world).count("A plan that rested goes on today") == 2
    kinds = [event.kind for event in world.history(case_id, "case_paused", "case_resumed")]
    assert kinds == ["case_paused", "case_resumed"]
    said = timeline.read(world.engine, actor=world.actor("hana"), case_id=case_id).events
    assert any("was put to rest until" in each.what and "Sam is in hospital" in each.what for each in said)
    (kept,) = world.rows(sa.select(changes.case_pauses))
    assert (kept.until_on, kept.ended_on) == (until, until)
    assert not world.verified().findings


def test_what_becomes_late_is_shown_as_paused_told_when_it_goes_on_and_keeps_its_age(world: World) -> None:
    case_id = reviewing(world)
    pause(world, case_id)
    told(world)
    started = world.today
    world.pass_days(60)
    late = reasons(world, case_id)
    assert "long_silent" in late and late["long_silent"].waiting
    assert "A case needs you" not in told(world)
    assert "discuss_stalled_plan" not in world.open_elements(case_id)
    (row,) = overdue.board(world.engine, actor=world.actor("morgan")).rows
    assert row.paused_until == started + timedelta(days=70) and row.reasons
    began = late["long_silent"].first_true_on
    world.pass_days(10)
    after = reasons(world, case_id)["long_silent"]
    assert (after.waiting, after.first_true_on) == (False, began)
    assert "A case needs you" in told(world)
    assert "discuss_stalled_plan" in world.open_elements(case_id)


def due_days(world: World, case_id: UUID) -> dict[str, date]:
    """Return the day of each timer that waits on a case, by its element."""
    table, waits = running.timers, running.timers.c.fired_at.is_(None) & running.timers.c.cancelled_at.is_(None)
    own = sa.select(running.instances.c.id).where(running.instances.c.case_id == case_id)
    rows = world.rows(sa.select(table.c.element_id, table.c.due_at).where(table.c.instance_id.in_(own), waits))
    return {row.element_id: row.due_at.astimezone(LONDON).date() for row in rows}


def test_reminders_of_what_is_put_off_come_after_the_pause_as_far_apart_as_they_were(world: World) -> None:
    case_id = start_and_walk_to(world, "agree_action_plan")
    before = due_days(world, case_id)
    pause(world, case_id, days=35)
    until, after = world.today + timedelta(days=35), due_days(world, case_id)
    assert {each for each in before if before[each] != after[each]} == {"plan_late", "plan_very_late"}
    assert until < after["plan_late"] < after["plan_very_late"]
    told(world)
    while world.today < until:
        world.pass_days(1)
        assert not set(told(world)) & PLAN_LATE
    world.pass_days((after["plan_very_late"] - until).days + 1)
    assert set(told(world)) >= PLAN_LATE
    assert not world.verified().findings


def test_a_reminder_for_a_day_after_the_pause_stays_where_it_is(world: World) -> None:
    case_id = start_and_walk_to(world, "agree_action_plan")
    before = due_days(world, case_id)
    pause(world, case_id, days=1)
    assert due_days(world, case_id).items() >= before.items()


def test_somebody_lets_it_go_on_earlier(world: World) -> None:
    case_id = reviewing(world)
    pause(world, case_id)
    world.pass_days(2)
    go_on(world, case_id)
    assert case_file.read(world.engine, actor=world.actor("hana"), case_id=case_id).pause is None
    (kept,) = world.rows(sa.select(changes.case_pauses))
    assert (kept.ended_on, kept.ended_why) == (world.today, "Sam is home.")
    assert world.history(case_id, "case_resumed")[0].detail == {"early": True}
    pause(world, case_id, by="cleo", days=5)


def go_on(world: World, case_id: UUID) -> None:
    world.do("go_on_early", "hana", case_id=case_id, why="Sam is home.")
    world.tick()


def test_going_on_early_reminds_when_it_was_to_be_as_far_as_that_is_still_to_come(world: World) -> None:
    case_id = start_and_walk_to(world, "agree_action_plan")
    before = due_days(world, case_id)
    pause(world, case_id)
    world.pass_days(2)
    go_on(world, case_id)
    assert due_days(world, case_id) == before
    told(world)
    while world.today < before["plan_very_late"]:
        world.pass_days(1)
    assert set(told(world)) >= PLAN_LATE
    assert not world.verified().findings


def test_what_was_to_be_said_while_it_rested_is_said_after_going_on_early_as_far_apart(world: World) -> None:
    case_id = start_and_walk_to(world, "agree_action_plan")
    before = due_days(world, case_id)
    pause(world, case_id)
    while world.today <= before["plan_very_late"]:
        world.pass_days(1)
    put_off = due_days(world, case_id)
    go_on(world, case_id)
    after = due_days(world, case_id)
    assert world.today < after["plan_late"] < after["plan_very_late"] < put_off["plan_late"]
    assert after["plan_late"] <= world.today + timedelta(days=4), "on the next working day"


def test_going_on_early_leaves_what_was_moved_by_hand_since(world: World) -> None:
    case_id = start_and_walk_to(world, "agree_action_plan")
    before = due_days(world, case_id)
    pause(world, case_id)
    (timer,) = world.rows(sa.select(running.timers).where(running.timers.c.element_id == "plan_late"))
    chosen = world.today + timedelta(days=50)
    by_hand = {"case_id": case_id, "timer_id": timer.id, "on": chosen, "why": "As agreed with the school"}
    running_work.move_timer(world.engine, actor=world.actor("morgan"), **by_hand)
    go_on(world, case_id)
    after = due_days(world, case_id)
    assert (after["plan_late"], after["plan_very_late"]) == (chosen, before["plan_very_late"])


def test_a_concern_and_a_withdrawal_act_at_once_while_paused(world: World) -> None:
    case_id = reviewing(world)
    pause(world, case_id)
    told(world)
    consents.withdraw(world.engine, actor=world.actor("hana"), case_id=case_id, why="They wish so.")
    world.tick()
    assert "check_for_harm" in world.open_elements(case_id)
    concerns.raise_concern(world.engine, actor=world.actor("hana"), case_id=case_id, answers={"harm": "Bruises"})
    world.tick()
    assert "acknowledge_concern" in world.open_elements(case_id)
    found = reasons(world, case_id)
    assert not found["significant_harm"].waiting and not found["consent_withdrawn"].waiting
    world.clock.advance(timedelta(days=2))
    world.tick()
    assert any(subject.startswith("Urgent") for subject in told(world))


def test_who_may_pause_and_only_once(world: World) -> None:
    case_id = reviewing(world)
    with pytest.raises(NotPermitted):
        pause(world, case_id, by="hana")
    pause(world, case_id)
    with pytest.raises(Conflict):
        pause(world, case_id, by="cleo")
