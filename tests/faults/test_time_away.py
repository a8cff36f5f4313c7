"""Timers after days without a server, across both nights when clocks change, and around bank holidays."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from engine.store.tables import record
from tests.episodes import answers_for, start_and_walk_to
from tests.small_models import TWO_TIMERS, ask
from tests.unit.bpmn.diagrams import boundary, element, end, timer
from tests.worlds import World, build_world, model, open_world, shipped_models

LONDON = ZoneInfo("Europe/London")
DAYS_AWAY = timedelta(days=3)


def test_after_three_days_down_every_due_timer_fires_once_and_is_marked_late(database_url: str) -> None:
    with open_world(database_url, models={**shipped_models(), "two.bpmn": TWO_TIMERS}) as world:
        started = [world.start_case(process_key="two_timers") for _ in range(25)]
        world.clock.advance(DAYS_AWAY)
        world.restart()
        assert world.tick().fired == 2 * len(started)
        assert world.tick().fired == 0
        for case_id in started:
            events = world.history(case_id, "timer_fired")
            assert [(event.detail["element"], event.detail["late"]) for event in events] == [
                ("remind", True), ("stop", True),
            ]  # fmt: skip
            assert [timer.late_seconds for timer in world.timers(case_id, waiting=False)] == [2 * 86400, 86400]
        assert world.verified().findings == ()
        assert world.incidents() == []


def test_a_timer_fired_in_time_is_not_marked_late() -> None:
    world = build_world(models={**shipped_models(), "two.bpmn": TWO_TIMERS})
    case_id = world.start_case(process_key="two_timers")
    world.clock.advance(timedelta(days=1, seconds=4))
    world.tick()
    (event,) = world.history(case_id, "timer_fired")
    assert event.detail["late"] is False
    assert world.timers(case_id, waiting=False)[0].late_seconds == 4


def test_a_weekly_reminder_that_missed_three_weeks_comes_once_and_keeps_its_day() -> None:
    weekly = model(
        ask("work"), boundary("remind", "work", timer("R/P1W", "timeCycle"), interrupting=False), ask("reminded"),
        end("end_reminded"), way="start work; work end; remind reminded; reminded end_reminded",
    )  # fmt: skip
    world = build_world(models={**shipped_models(), "weekly.bpmn": weekly})
    case_id = world.start_case(process_key="small")
    world.clock.advance(timedelta(days=24))
    assert world.tick().fired == 1
    assert world.open_elements(case_id) == ["reminded", "work"]
    (waiting,) = world.timers(case_id)
    assert waiting.due_at.astimezone(LONDON).isoformat() == "2026-03-30T09:00:00+01:00"


@pytest.mark.parametrize(
    ("rule", "slot", "begun", "due"),
    [
        # Clocks go forward at 01:00 UTC on 29 March 2026 and back at 01:00 UTC on 25 October.
        ("P1D", "timeDuration", "2026-03-28T09:00+00:00", "2026-03-29T09:00:00+01:00"),
        ("PT24H", "timeDuration", "2026-03-28T09:00+00:00", "2026-03-29T10:00:00+01:00"),
        ("P1D", "timeDuration", "2026-10-24T09:00+01:00", "2026-10-25T09:00:00+00:00"),
        ("PT24H", "timeDuration", "2026-10-24T09:00+01:00", "2026-10-25T08:00:00+00:00"),
        ("2026-03-29T01:30:00", "timeDate", "2026-03-28T09:00+00:00", "2026-03-29T02:30:00+01:00"),
        ("2026-10-25T01:30:00", "timeDate", "2026-10-24T09:00+01:00", "2026-10-25T01:30:00+01:00"),
    ],
)
def test_clock_changes(rule: str, slot: str, begun: str, due: str) -> None:
    night = model(
        ask("work"), boundary("wake", "work", timer(rule, slot), interrupting=False), ask("woken"), end("end_woken"),
        way="start work; work end; wake woken; woken end_woken",
    )  # fmt: skip
    world = build_world(at=datetime.fromisoformat(begun), models={**shipped_models(), "night.bpmn": night})
    case_id = world.start_case(process_key="small")
    (waiting,) = world.timers(case_id)
    assert waiting.due_at.astimezone(LONDON).isoformat() == due
    world.clock.set(waiting.due_at - timedelta(seconds=1))
    assert world.tick().fired == 0
    for _ in range(180):  # the whole night, minute by minute
        world.clock.advance(timedelta(minutes=1))
        world.tick()
    assert len(world.history(case_id, "timer_fired")) == 1
    assert world.open_elements(case_id) == ["woken", "work"]


@pytest.mark.parametrize("night", [date(2026, 3, 29), date(2026, 10, 25)])
def test_the_nightly_sweep_runs_once_on_a_night_when_clocks_change(night: date) -> None:
    world = build_world(at=datetime.combine(night, datetime.min.time(), UTC) - timedelta(hours=6))
    case_id = world.start_case()
    world.tick()
    swept = 0
    for _ in range(12 * 4):
        world.clock.advance(timedelta(minutes=15))
        world.write(sa.update(record.cases).where(record.cases.c.id == case_id).values(judge_on=night))
        swept += world.tick().judged
    assert swept == 1


def agreed(world: World, review_on: date) -> None:
    case_id = start_and_walk_to(world, "agree_action_plan")
    answers = answers_for(world, "agree_action_plan") | {"next_review_on": review_on.isoformat()}
    world.do("agree_action_plan", "hana", case_id=case_id, **answers)


def test_a_review_set_by_the_rules_never_falls_on_a_bank_holiday() -> None:
    # Six weeks from Friday 13 March 2026 is Friday 24 April; from Monday 13 April, Monday 25 May: a bank holiday.
    world = build_world(at=datetime(2026, 4, 13, 9, tzinfo=UTC))
    case_id = start_and_walk_to(world, "agree_action_plan")
    world.do("agree_action_plan", "hana", case_id=case_id, **answers_for(world, "agree_action_plan"))
    (review,) = world.rows(sa.select(record.reviews))
    assert review.due_on == date(2026, 5, 26)


def test_a_review_that_people_put_on_a_bank_holiday_is_asked_for_and_grows_overdue_in_working_days() -> None:
    good_friday = date(2026, 4, 3)
    world = build_world()
    agreed(world, good_friday)
    world.clock.set(datetime(2026, 4, 3, 9, tzinfo=LONDON))
    world.tick()
    world.do("choose_review", "hana", way="updates")
    task = world.task("hold_review")
    assert task.due_on >= good_friday
    assert task.due_on not in (date(2026, 4, 4), date(2026, 4, 5), date(2026, 4, 6)), "no promise for a day off"
    (review,) = world.rows(sa.select(record.reviews))
    assert review.due_on == good_friday


def test_a_local_closure_counts_like_a_bank_holiday() -> None:
    from engine.store import authorities
    from engine.store.tables import people

    world = build_world(at=datetime(2026, 4, 14, 9, tzinfo=UTC))
    closed = date(2026, 5, 26)
    with world.engine.sessions.act() as connection:
        connection.execute(
            sa.insert(people.local_closures).values(
                id=world.engine.ids.new(), authority_id=world.authority_id, on_day=closed, name="Works on the building"
            )
        )
        authorities.touch(connection, world.authority_id)
    case_id = start_and_walk_to(world, "agree_action_plan")
    world.do("agree_action_plan", "hana", case_id=case_id, **answers_for(world, "agree_action_plan"))
    (review,) = world.rows(sa.select(record.reviews))
    assert review.due_on == date(2026, 5, 27)


def test_a_timer_on_a_task_done_before_it_is_due_never_fires() -> None:
    world = build_world(models={**shipped_models(), "two.bpmn": TWO_TIMERS})
    case_id = world.start_case(process_key="two_timers")
    world.do("work", "hana", case_id=case_id)
    world.pass_days(4)
    assert world.history(case_id, "timer_fired") == []
    assert world.timers(case_id) == []


def test_an_interrupting_timer_takes_the_task_away_and_its_own_reminder_with_it() -> None:
    weekly = model(
        ask("work"),
        boundary("remind", "work", timer("R/P3D", "timeCycle"), interrupting=False),
        element("intermediateThrowEvent", "noted"),
        end("end_noted"),
        boundary("stop", "work", timer("P5D")),
        ask("stopped"),
        end("end_stopped"),
        way="start work; work end; remind noted; noted end_noted; stop stopped; stopped end_stopped",
    )
    world = build_world(models={**shipped_models(), "weekly.bpmn": weekly})
    case_id = world.start_case(process_key="small")
    world.pass_days(12)
    assert [event.detail["element"] for event in world.history(case_id, "timer_fired")] == ["remind", "stop"]
    assert world.open_elements(case_id) == ["stopped"]
    assert [task.element_id for task in world.tasks(case_id, state="cancelled")] == ["work"]
