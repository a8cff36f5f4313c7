"""Where cases stand and what a period looks like, recomputed from the raw rows and the history, on both databases."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from engine.casework.stages import CLOSED, STEPS
from engine.commands import office_readings, rehearsals
from engine.errors import Invalid, NotPermitted
from engine.queries import figures_ready, kept_figures, overdue, stage_times, where_cases_stand
from engine.queries.choice import ONLY, Choice
from engine.queries.stage_times import Period, percentile
from engine.queries.view import viewing
from engine.store.tables import access, boards, record, running
from tests.episodes import STRAIGHT_ROAD, answers_for, start_and_walk_to
from tests.worlds import World, build_world, open_copy, shipped_models


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """Give a world in which one case has closed and others wait, each step judged on its own day."""
    with open_copy(_walked, database_url) as world:
        yield world


def _walked() -> World:
    world = build_world()
    for name, last in (("Ash", "agree_action_plan"), ("Bel", "complete_assessment"), ("Cai", "close_case")):
        _walk(world, name, last)
    world.pass_days(12)
    return world


def _walk(world: World, name: str, last: str) -> None:
    case_id = world.start_case(given_name=name)
    for step in STRAIGHT_ROAD:
        if step == "choose_review":
            world.clock.advance(timedelta(weeks=13))
        world.clock.advance(timedelta(days=2))
        world.tick()
        if step == last:
            break
        if step == "finish_tac_meeting" and not world.tasks(case_id, element=step):
            continue
        world.do(step, "hana", case_id=case_id, **answers_for(world, step))
        world.tick()
    if last == "close_case":
        world.do("close_case", "hana", case_id=case_id, **answers_for(world, "close_case"))
        world.do("sign_off_closure", "morgan", case_id=case_id, signed_off="yes")


def _now(world: World, who: str = "cleo") -> where_cases_stand.Now:
    return where_cases_stand.now(world.engine, actor=world.actor(who))


def _figures(world: World, who: str = "cleo") -> stage_times.Figures:
    period = Period(world.today - timedelta(days=200), world.today)
    return stage_times.figures(world.engine, actor=world.actor(who), period=period)


def test_each_activity_counts_the_tasks_that_wait_there(world):
    with viewing(world.engine, world.actor("cleo")) as view:
        calendar, today = view.authority.calendar, view.today
    live, late = Counter(), Counter()
    for task in world.tasks():
        live[task.element_id] += 1
        late[task.element_id] += task.due_on is not None and calendar.days_overdue(task.due_on, today) > 0
    found = _now(world)
    assert {each.element_id: (each.live, each.overdue) for each in found.activities} == {
        element: (live[element], late[element]) for element in live
    }
    inner = [each for each in found.calls if each.process_key == "caf_episode"]
    assert inner and all(each.live for each in inner), "a step that calls a diagram has what waits inside it"
    assert {each.process_key for each in found.activities} <= set(found.diagrams) == set(found.names)


def test_stages_are_those_of_the_board(world):
    rows = overdue.board(world.engine, actor=world.actor("cleo")).rows
    counted = {each.stage: each.live for each in _now(world).stages if each.live}
    assert counted == Counter(row.stage for row in rows)
    late = sum(each.overdue for each in _now(world).stages)
    assert late == sum(row.state in ("critically_overdue", "overdue") for row in rows)


def test_stage_times_are_those_of_the_history(world):
    """The stages are told here by the steps at which the history says the case's own process stood, day by day."""
    with viewing(world.engine, world.actor("cleo")) as view:
        between = view.authority.calendar.working_days_between
    expected: dict[str, list[int]] = defaultdict(list)
    for case in world.rows(sa.select(record.cases).where(record.cases.c.child_id.is_not(None))):
        stays: list[tuple[str, date]] = []
        events = world.history(case.id, "process_started", "process_moved")
        for event in (each for each in events if each.subject_id == events[0].subject_id):
            steps = event.detail.get("current") or event.detail.get("entered") or ()
            stage = next((name for name, ids in STEPS.items() if set(ids) & set(steps)), None)
            if stage and (not stays or stays[-1][0] != stage):
                stays.append((stage, event.effective_on))
        ends = [on for _, on in stays[1:]] + ([case.closed_on] if case.closed_on else [])
        for (stage, began), ended in zip(stays, ends, strict=False):
            expected[stage].append(between(began, ended))
    found = {each.stage: (each.number, each.median) for each in _figures(world).stages}
    for stage in ("Assessment", "First TAC meeting", "Plan being agreed"):
        days = expected[stage]
        assert found[stage] == (len(days), percentile(Counter(days), 50)), (stage, days)


def test_weeks_reviews_meetings_escalations_and_closures_are_those_of_the_record(world):
    found = _figures(world)
    cases = [row for row in world.rows(sa.select(record.cases)) if row.child_id]
    assert sum(week.opened for week in found.weeks) == len(cases) == 3
    assert sum(week.closed for week in found.weeks) == 1
    assert {week.monday for week in found.weeks if week.closed} == {
        row.closed_on - timedelta(days=row.closed_on.weekday()) for row in cases if row.closed_on
    }
    held = [row for row in world.rows(sa.select(record.reviews)) if row.held_on]
    assert found.reviews.number >= len(held) == 1
    assert found.reviews.in_time == sum(row.held_on <= row.first_due_on for row in held)
    first = [row for row in world.rows(sa.select(record.tac_meetings)) if row.held_on]
    assert (found.first_meetings.in_time, found.first_meetings.number) == (len(first), len(first))
    begun = world.rows(sa.select(record.escalations))
    assert sum(each.began for each in found.escalations) == len(begun)
    assert sum(each.hold for each in found.escalations) == sum(row.ended_on is None for row in begun)
    assert [number for _, number in found.closures] == [1]
    world.write(sa.update(record.cases).values(closure_reason="merged").where(record.cases.c.closed_on.is_not(None)))
    assert _figures(world).closures == (("It became one with another CAF of the child", 1),), "a CAF is no caf"


def test_a_manager_counts_only_what_is_open_to_them(world):
    assert sum(each.live for each in _now(world, "morgan").stages) == 2
    assert sum(each.live for each in _now(world, "sunniva").stages) == 0 and not _now(world, "sunniva").activities
    assert sum(week.closed for week in _figures(world, "morgan").weeks) == 1, "and what they answered for to the end"
    assert not any(week.opened for week in _figures(world, "sunniva").weeks)
    world.write(sa.update(running.user_tasks).values(assignee_id=world.ids["hana"], queue=None))
    own = {"authority_id": world.authority_id, "set_by": world.ids["cleo"], "set_at": world.clock.now()}
    for case in world.rows(sa.select(record.cases.c.id).where(record.cases.c.child_id.is_not(None))):
        row = {"id": world.engine.ids.new(), "case_id": case.id, "reason": "An address", "review_on": world.today}
        world.write(sa.insert(access.case_restrictions).values(**row, **own))
    assert not any(each.live for each in _now(world, "morgan").stages), "a count must not tell of a restricted case"
    assert not any(week.opened or week.closed for week in _figures(world, "morgan").weeks)
    assert sum(each.live for each in _now(world).stages) == 2


def test_figures_are_for_who_answers_for_others(world):
    for who in ("hana", "ada", "piet"):
        with pytest.raises(NotPermitted):
            _now(world, who)
        with pytest.raises(NotPermitted):
            _figures(world, who)


def test_what_may_be_forgotten_is_counted_and_shown(world):
    def number(only: str) -> int:
        shown = overdue.board(world.engine, actor=world.actor("cleo"), choice=Choice(only=only)).rows
        (counted,) = [count for name, _, count in _now(world).forgotten if name == only]
        assert len(shown) == counted
        return counted

    assert {name for name, _, _ in _now(world).forgotten} == set(ONLY)
    assert number("undated") == 0
    world.write(
        sa.update(running.user_tasks).values(due_on=None),
        sa.update(record.escalations).values(ended_on=world.today),
        sa.update(record.plan_actions).values(closed_on=world.today),
        sa.update(record.cases).values(version=record.cases.c.version + 1),
    )
    assert number("undated") == 2
    world.write(
        sa.update(record.cases).values(checked_version=record.cases.c.version),
        sa.update(boards.standings).values(stage="Closing", due_on=None, silent=True),
        sa.update(boards.stage_spells).values(from_on=date(2025, 1, 6)).where(boards.stage_spells.c.to_on.is_(None)),
    )
    assert number("closing") == number("silent") == 2
    assert CLOSED not in {each.stage for each in _now(world).stages}


def test_a_case_on_which_nobody_recorded_anything_for_long_is_on_a_list(world):
    def untouched() -> int:
        shown = overdue.board(world.engine, actor=world.actor("cleo"), choice=Choice(only="untouched")).rows
        assert [len(shown)] == [number for name, _, number in _now(world).forgotten if name == "untouched"]
        return len(shown)

    last = {
        case.id: max(each.recorded_at for each in world.history(case.id) if each.practitioner_id)
        for case in world.rows(sa.select(record.cases)) if case.child_id and case.closed_on is None
    }  # fmt: skip
    for _ in range(3):
        with viewing(world.engine, world.actor("cleo")) as view:
            calendar = view.authority.calendar
            since = calendar.start_of_day(calendar.add_working_days(view.today, -20))
        assert untouched() == sum(at < since for at in last.values())
        world.clock.advance(timedelta(days=30))
        world.tick()
    assert untouched() == len(last) == 2, "what the service did by itself is no act"
    told = {"tac_meeting.bpmn": shipped_models()["tac_meeting.bpmn"].replace(b"Book another day", b"Find another day")}
    rehearsals.begin(world.engine, actor=world.actor("piet"), files=told, choice="move")
    world.tick()
    world.deploy(told)
    world.tick()
    world.tick()
    assert all(world.history(case_id, "version_changed")[-1].practitioner_id for case_id in last)
    reader = replace(world.actor("cleo"), looks_into=frozenset())
    for case_id in last:
        office_readings.look_into(world.engine, actor=reader, case_id=case_id, purpose="family")
    assert all(world.history(case_id, "looked_into") for case_id in last)
    assert untouched() == 2, "neither a release nor a reason for reading is work on a case"


def test_figures_of_very_many_are_kept_and_made_anew_behind_who_looks(world, monkeypatch):
    monkeypatch.setattr(kept_figures, "MOST_COUNTED", 1)
    kept = world.engine.kept
    first, board = _now(world), overdue.board(world.engine, actor=world.actor("cleo"))
    start_and_walk_to(world, "record_consent")
    world.clock.advance(timedelta(seconds=29))
    assert _now(world) == first
    kept.finish()
    assert _now(world) == first, "nobody has them made again within half a minute"
    assert overdue.board(world.engine, actor=world.actor("cleo")).counted_at == board.counted_at == first.counted_at
    assert sum(each.live for each in _now(world, "morgan").stages) == 3, "a manager's own are never old"
    world.clock.advance(timedelta(seconds=31))
    assert _now(world) == first, "who looks does not wait"
    kept.finish()
    assert _now(world).counted_at == first.counted_at + timedelta(seconds=60)
    assert replace(_now(world), counted_at=first.counted_at) != first


def test_figures_of_a_period_are_made_anew_behind_who_looks(world, monkeypatch):
    monkeypatch.setattr(kept_figures, "MOST_COUNTED", 1)
    first = _figures(world)
    world.clock.advance(timedelta(seconds=31))
    assert _figures(world) == first, "who looks does not wait"
    world.engine.kept.finish()
    assert _figures(world).counted_at == first.counted_at + timedelta(seconds=31)


def test_figures_of_very_many_are_ready_before_whoever_works_asks_for_them(world, monkeypatch):
    def age(who: str) -> float | None:
        figures_ready.prepare(world.engine, actor=world.actor(who))
        for _ in range(2):
            world.engine.kept.finish()
        found = world.engine.kept.latest(("figures", world.authority_id, "now"), now=world.clock.now())
        return None if found is None else found[0]

    assert age("cleo") is None, "of few cases they are read at each look"
    monkeypatch.setattr(kept_figures, "MOST_COUNTED", 1)
    assert age("hana") is age("morgan") is None, "who sees a part has nothing made"
    for passed, old in ((31, 0), (20, 20), (31, 0)):
        world.clock.advance(timedelta(seconds=passed))
        assert age("cleo") == old


def test_a_period_is_one() -> None:
    for first, last in ((date(2026, 3, 2), date(2026, 3, 1)), (date(2010, 1, 1), date(2026, 1, 1))):
        with pytest.raises(Invalid):
            Period(first, last)


def test_percentiles_take_the_nearest_rank() -> None:
    days = Counter({1: 5, 2: 4, 9: 1})
    assert [percentile(days, each) for each in (1, 50, 51, 90, 91, 100)] == [1, 1, 2, 2, 9, 9]
    assert percentile(Counter(), 50) == 0
