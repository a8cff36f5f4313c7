"""The authority changes a time limit while two hundred cases run: what moves, what keeps its day, who is told."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.queries import limit_changes
from engine.queries.limit_words import LIMIT_WORDS
from engine.store.tables import keeping, record
from tests.unit.bpmn.diagrams import user
from tests.worlds import World, build_world, model, shipped_models

CASES = 200
DUE = 'add working days(today(), time limit("lead_days"))'
VISIT = model(
    user("visit", camunda_candidateGroups="case_workers", camunda_dueDate=DUE),
    way="start visit; visit end",
    key="visiting",
)


def changed(**limits: int) -> dict[str, bytes]:
    """Return the shipped table with other defaults."""
    source = shipped_models()["timescales.dmn"].decode()
    for name, amount in limits.items():
        source, found = re.subn(rf'(id="{name}_default_amount"><text>)\d+', rf"\g<1>{amount}", source)
        assert found == 1
    return {"timescales.dmn": source.encode()}


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[World, list[UUID]]]:
    """Give two hundred cases whose assessment was begun on Monday 2 March, on the morning of Tuesday 10 March."""
    world = build_world()
    cases = [world.start_case() for _ in range(CASES)]
    for case_id in cases:
        world.do("record_consent", "hana", case_id=case_id, consent="given", given_by="Jo Whitlock", scope="All",
                 signed_on=world.today.isoformat())  # fmt: skip
    world.pass_days(8)
    yield world, cases
    world.close()


def reasons(world: World) -> Counter[str]:
    table = record.escalations
    return Counter(row.reason for row in world.rows(sa.select(table.c.reason).where(table.c.ended_on.is_(None))))


def dates(world: World) -> dict[UUID, date]:
    return {task.id: task.due_on for task in world.tasks(element="complete_assessment")}


def test_a_changed_limit_reaches_every_running_case_in_the_night_and_moves_no_date(
    running: tuple[World, list[UUID]],
) -> None:
    world, cases = running
    promised, timers = dates(world), [(timer.id, timer.due_at) for timer in world.timers()]
    assert len(promised) == CASES and set(promised.values()) == {date(2026, 3, 16)}
    assert reasons(world) == {}
    world.deploy(changed(assessment_remind_days=4, assessment_manager_days=6))
    assert reasons(world) == {}
    world.pass_days(1)
    assert reasons(world) == {"assessment_very_late": CASES}
    assert dates(world) == promised
    assert [(timer.id, timer.due_at) for timer in world.timers()] == timers
    new = world.start_case(given_name="Mia")
    world.do("record_consent", "hana", case_id=new, consent="given", given_by="Jo Whitlock", scope="All",
             signed_on=world.today.isoformat())  # fmt: skip
    assert world.task("complete_assessment", new).due_on == date(2026, 3, 17)
    world.tick()
    letters = sa.select(keeping.outbox.c.practitioner_id).where(keeping.outbox.c.subject == "A case needs you")
    told = Counter(row.practitioner_id for row in world.rows(letters))
    assert told == {world.ids["morgan"]: CASES}
    world.deploy(changed(assessment_remind_days=30, assessment_manager_days=40))
    world.pass_days(1)
    assert reasons(world) == {}
    assert not world.incidents() and not world.verified().findings
    assert len(cases) == CASES


def test_managers_are_told_what_changed_for_four_weeks(running: tuple[World, list[UUID]]) -> None:
    world = running[0]
    world.deploy(shipped_models())
    world.clock.advance(timedelta(days=40))
    assert limit_changes.lately(world.engine, actor=world.actor("morgan")) == ()
    world.deploy(changed(review_manager_days=1, first_tac_weeks=4))
    world.deploy(changed(review_manager_days=1, first_tac_weeks=4, reviews_missed=3))
    found = limit_changes.lately(world.engine, actor=world.actor("morgan"))
    assert [change.said for change in found] == [
        "Reviews missed before the line manager hears: 3 instead of 2.",
        "To hold the first team meeting: 4 weeks instead of 6.",
        "Before the line manager hears of a late review: 1 working day instead of 10.",
    ]
    assert {change.since for change in found} == {world.today}
    assert limit_changes.lately(world.engine, actor=world.actor("cleo")) == found
    assert limit_changes.lately(world.engine, actor=world.actor("hana")) == ()
    world.clock.advance(timedelta(days=29))
    assert limit_changes.lately(world.engine, actor=world.actor("morgan")) == ()


def test_every_shipped_limit_has_words() -> None:
    names = set(re.findall(r'id="(\w+)_default_amount"', shipped_models()["timescales.dmn"].decode()))
    assert names - LIMIT_WORDS.keys() == set()


def test_a_timer_that_runs_keeps_its_day_and_the_next_one_takes_the_new_limit() -> None:
    world = build_world()
    world.deploy({"visit.bpmn": VISIT})
    first = world.start_case(process_key="visiting")
    world.deploy(changed(lead_days=2))
    second = world.start_case(process_key="visiting")
    due = [world.task("visit", case_id).due_on for case_id in (first, second)]
    assert due == [date(2026, 3, 9), date(2026, 3, 4)]
    world.close()
