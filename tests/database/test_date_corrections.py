"""A date corrected afterwards: history keeps both, and what followed from it moves, but never against the child."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import concerns, date_corrections
from engine.commands.date_corrections import Correction
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.queries import date_corrections as dates
from engine.queries import timeline
from engine.store.tables import record, running
from tests.episodes import answers_for, start_and_walk_to
from tests.worlds import World, open_world

WEEK = timedelta(days=7)


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as world:
        yield world


def known(world: World, case_id: UUID, by: str = "hana") -> dict[str, dates.CorrectableDate]:
    found = dates.correctable(world.engine, actor=world.actor(by), case_id=case_id)
    return {each.kind: each for each in found}


def asked(world: World, case_id: UUID, kind: str, on: date, by: str) -> dict[str, Any]:
    recorded = known(world, case_id, "morgan")[kind].recorded_id
    return {"actor": world.actor(by), "case_id": case_id, "kind": kind, "recorded_id": recorded, "on": on}


def correct(world: World, case_id: UUID, kind: str, on: date, *, by: str = "hana", **more: Any) -> Correction:
    more = {"why": "The form says so."} | more
    return date_corrections.correct(world.engine, **asked(world, case_id, kind, on, by), **more)


def preview(world: World, case_id: UUID, kind: str, on: date, *, by: str = "hana") -> Correction:
    return date_corrections.preview(world.engine, **asked(world, case_id, kind, on, by))


def timer(world: World, case_id: UUID, element: str) -> sa.Row[Any]:
    return next(each for each in world.timers(case_id) if each.element_id == element)


def assessed(world: World) -> UUID:
    """Return a case whose consent was given today, so that the assessment is asked for."""
    case_id = start_and_walk_to(world, "complete_assessment")
    world.tick()
    return case_id


def test_a_task_and_its_reminders_that_followed_from_the_date_move_with_it(world: World) -> None:
    case_id = assessed(world)
    before, reminders = world.task("complete_assessment", case_id), world.timers(case_id)
    calendar_day = world.today - WEEK
    shown = preview(world, case_id, "consent_given", calendar_day)
    assert world.task("complete_assessment", case_id).due_on == before.due_on
    (task,) = [each for each in shown.moves if each.is_task]
    assert (task.was, task.now) == (before.due_on, before.due_on - WEEK)
    done = correct(world, case_id, "consent_given", calendar_day)
    assert done == shown
    after = world.task("complete_assessment", case_id)
    assert (after.due_on, after.version) == (before.due_on - WEEK, before.version + 1)
    moved = {each.id: each.due_at for each in world.timers(case_id)}
    assert moved == {each.id: each.due_at - WEEK for each in reminders}
    (consent,) = world.rows(sa.select(record.consents).where(record.consents.c.case_id == case_id))
    (assessment,) = world.rows(sa.select(record.assessments).where(record.assessments.c.case_id == case_id))
    assert (consent.from_on, assessment.started_on) == (calendar_day, calendar_day)
    assert not world.verified().findings


def test_a_task_that_opened_later_but_counts_from_the_date_moves_with_it(world: World) -> None:
    case_id = start_and_walk_to(world, "appoint_lead_professional")
    on = world.today
    correct(world, case_id, "consent_given", on - 5 * WEEK)
    world.pass_days(7)
    world.do("appoint_lead_professional", "hana", case_id=case_id, **answers_for(world, "appoint_lead_professional"))
    before = world.task("arrange_tac_meeting", case_id)
    assert before.due_on == on + 3 * WEEK, "15 working days after the assessment, not after the lead was found"
    shown = preview(world, case_id, "assessment_completed", on - WEEK)
    (task,) = [each for each in shown.moves if each.is_task]
    assert (task.name, task.was, task.now) == ("Arrange the TAC meeting", before.due_on, before.due_on - WEEK)
    correct(world, case_id, "assessment_completed", on - WEEK)
    assert world.task("arrange_tac_meeting", case_id).due_on == on + 2 * WEEK
    correct(world, case_id, "assessment_completed", on - 4 * WEEK)
    assert world.task("arrange_tac_meeting", case_id).due_on == on + WEEK, "never before the day it was asked"
    correct(world, case_id, "assessment_completed", on)
    assert world.task("arrange_tac_meeting", case_id).due_on == before.due_on


def test_history_keeps_what_it_was_from_when_it_holds_and_why(world: World) -> None:
    case_id = assessed(world)
    was, now = known(world, case_id)["consent_given"].on, world.today - WEEK
    correct(world, case_id, "consent_given", now)
    (first,) = world.history(case_id, "consent_recorded")
    (event,) = world.history(case_id, "date_corrected")
    assert (first.effective_on, event.effective_on) == (was, now)
    assert (event.detail["was"], event.detail["now"]) == (was.isoformat(), now.isoformat())
    assert [each["of"] for each in event.detail["moved"]].count("task") == 1
    said = [each.what for each in timeline.read(world.engine, actor=world.actor("hana"), case_id=case_id).events]
    (line,) = [each for each in said if "was corrected" in each]
    assert "the family agreed to sharing on 23 February, not 2 March" in line
    assert "The form says so" in line


def test_the_rules_follow_the_corrected_date(world: World) -> None:
    case_id = assessed(world)
    world.pass_days(5)
    table = record.escalations
    assert not world.rows(sa.select(table).where(table.c.reason == "assessment_late"))
    correct(world, case_id, "consent_given", world.today - 3 * WEEK)
    world.tick()
    (late,) = world.rows(sa.select(table).where(table.c.case_id == case_id, table.c.reason == "assessment_late"))
    assert late.ended_on is None
    correct(world, case_id, "consent_given", world.today - timedelta(days=5))
    world.tick()
    (late,) = world.rows(sa.select(table).where(table.c.case_id == case_id, table.c.reason == "assessment_late"))
    assert late.ended_on == world.today


def test_what_somebody_moved_or_agreed_stays(world: World) -> None:
    case_id = start_and_walk_to(world, "agree_action_plan")
    world.do("agree_action_plan", "hana", case_id=case_id, **answers_for(world, "agree_action_plan"))
    world.tick()
    (coming,) = world.rows(sa.select(record.reviews).where(record.reviews.c.case_id == case_id))
    done = correct(world, case_id, "plan_agreed", world.today - WEEK)
    assert done.moves == ()
    (after,) = world.rows(sa.select(record.reviews).where(record.reviews.c.case_id == case_id))
    assert after == coming


def test_a_task_that_somebody_moved_since_stays(world: World) -> None:
    case_id = assessed(world)
    task = world.task("complete_assessment", case_id)
    own = task.due_on + timedelta(days=1)
    table = running.user_tasks
    world.write(sa.update(table).where(table.c.id == task.id).values(due_on=own))
    done = correct(world, case_id, "consent_given", world.today - WEEK)
    assert not [each for each in done.moves if each.is_task]
    assert world.task("complete_assessment", case_id).due_on == own


def test_only_the_line_manager_lets_a_safeguarding_deadline_come_later(world: World) -> None:
    case_id = start_and_walk_to(world, "agree_action_plan")
    world.clock.advance(timedelta(hours=1))
    concerns.raise_concern(world.engine, actor=world.actor("hana"), case_id=case_id, answers={"harm": "Bruises"})
    correct(world, case_id, "concern_raised", world.today - timedelta(days=3), by="hana")
    world.clock.advance(timedelta(hours=1))
    concern = world.task("acknowledge_concern", case_id)
    answer = timer(world, case_id, "answer_due")
    # As the lead: what is recorded is corrected back, but nothing that protects comes later again.
    done = correct(world, case_id, "concern_raised", world.today, by="hana")
    assert done.moves == () or all(each.held for each in done.moves if each.now > each.was)
    assert world.task("acknowledge_concern", case_id).due_on == concern.due_on
    assert timer(world, case_id, "answer_due").due_at == answer.due_at


def test_a_later_safeguarding_deadline_is_held_for_the_lead_and_moves_for_the_manager(world: World) -> None:
    case_id = start_and_walk_to(world, "agree_action_plan")
    world.clock.advance(timedelta(hours=1))
    concerns.raise_concern(world.engine, actor=world.actor("hana"), case_id=case_id, answers={"harm": "Bruises"})
    world.clock.advance(timedelta(days=2))
    task, reminder = world.task("acknowledge_concern", case_id), timer(world, case_id, "answer_due")
    later = world.today - timedelta(days=1)
    shown = preview(world, case_id, "concern_raised", later, by="hana")
    assert shown.moves and all(each.held for each in shown.moves)
    assert not any(each.held for each in preview(world, case_id, "concern_raised", later, by="morgan").moves)
    correct(world, case_id, "concern_raised", later, by="hana")
    assert world.task("acknowledge_concern", case_id).due_on == task.due_on
    assert timer(world, case_id, "answer_due").due_at == reminder.due_at
    correct(world, case_id, "concern_raised", later - timedelta(days=4), by="hana")
    correct(world, case_id, "concern_raised", later, by="morgan")
    assert world.task("acknowledge_concern", case_id).due_on > task.due_on - timedelta(days=4)
    assert len(world.history(case_id, "concern_date_corrected")) == 3
    told = timeline.read(world.engine, actor=world.actor("morgan"), case_id=case_id).events
    assert all(each.safeguarding for each in told if each.kind == "concern_date_corrected")


@pytest.mark.parametrize(
    ("days", "why", "field"), [(1, "Why", "on"), (-4 * 366, "Why", "on"), (-1, " ", "why"), (0, "Why", "on")]
)
def test_a_day_that_cannot_be_and_no_reason_are_refused(world: World, days: int, why: str, field: str) -> None:
    case_id = assessed(world)
    with pytest.raises(Invalid) as refused:
        correct(world, case_id, "consent_given", world.today + timedelta(days=days), why=why)
    assert refused.value.details["field"] == field


def test_who_may_and_what_there_is(world: World) -> None:
    case_id = assessed(world)
    on = world.today - WEEK
    with pytest.raises(NotFound):
        correct(world, case_id, "consent_given", on, by="noor")
    with pytest.raises((NotPermitted, NotFound)):
        correct(world, case_id, "consent_given", on, by="ada")
    with pytest.raises(NotFound):
        date_corrections.correct(
            world.engine, actor=world.actor("morgan"), case_id=case_id, kind="review_held", recorded_id=case_id, on=on,
            why="x",
        )  # fmt: skip
    first = correct(world, case_id, "consent_given", on, by="cleo", request_key="k" * 20)
    again = correct(world, case_id, "consent_given", on, by="cleo", request_key="k" * 20)
    assert first.moves and again.moves == ()
    assert len(world.history(case_id, "date_corrected")) == 1


def test_a_closed_case_is_left_as_it_is(world: World) -> None:
    case_id = assessed(world)
    recorded = known(world, case_id, "morgan")["consent_given"].recorded_id
    world.write(sa.update(record.cases).where(record.cases.c.id == case_id).values(closed_on=world.today))
    with pytest.raises(Conflict):
        date_corrections.correct(
            world.engine, actor=world.actor("morgan"), case_id=case_id, kind="consent_given", recorded_id=recorded,
            on=world.today - WEEK, why="x",
        )  # fmt: skip


def test_what_was_asked_today_is_not_late_at_once_and_what_lasted_goes_on(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_review")
    world.pass_days(40)
    silent = sa.select(record.escalations).where(record.escalations.c.reason == "long_silent")
    (before,) = world.rows(silent)
    found = {"outcome": "same", "notes": "As before", "next_step": "continue"}
    found["next_review_on"] = (world.today + 4 * WEEK).isoformat()
    world.do("hold_review", "hana", case_id=case_id, held_on=world.today.isoformat(), **found)
    world.tick()
    asked, reminders = world.task("change_action_plan", case_id), timers_of(world, case_id, "change_")
    world.mailbox.messages.clear()
    correct(world, case_id, "review_held", world.today - timedelta(days=45))
    world.tick()
    assert world.task("change_action_plan", case_id).due_on == world.today < asked.due_on
    assert timers_of(world, case_id, "change_") == reminders
    subjects = " ".join(letter.subject for letter in world.mailbox.messages)
    assert "looked at anew" not in subjects and "was to change" not in subjects
    again = max(world.rows(silent), key=lambda row: row.first_true_on)
    assert (again.ended_on, again.since_on) == (None, before.since_on or before.first_true_on)


def timers_of(world: World, case_id: UUID, start: str) -> dict[str, Any]:
    return {each.element_id: each.due_at for each in world.timers(case_id) if each.element_id.startswith(start)}
