"""One definition of late: every list, count and message says of the same tasks that they are, days off or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.casework.lateness import PROTECTING, days_late
from engine.commands import digest
from engine.queries import metrics, my_work, overdue, shareable, where_cases_stand, worklist, workload
from engine.queries.choice import LATE, Choice
from engine.queries.view import viewing
from engine.store.tables import people, record, running
from tests.worlds import World, build_world, open_copy

DAYS = {
    "a Saturday": date(2026, 3, 7),
    "a Sunday": date(2026, 3, 8),
    "a Monday": date(2026, 3, 9),
    "a Tuesday": date(2026, 3, 10),
    "Easter Sunday": date(2026, 4, 5),
    "Easter Monday": date(2026, 4, 6),
    "the Tuesday after Easter": date(2026, 4, 7),
}
BACK = 6
"""Days before today on which something is due: over the longest run of days off and past it."""


@pytest.fixture(params=DAYS)
def world(database_url: str, request: pytest.FixtureRequest) -> Iterator[World]:
    """Give a world on that day: two tasks were due on each day of late, and one of the two protects a child."""
    with open_copy(WORLDS[request.param], database_url) as world:
        yield world


def _world_on(day: date) -> World:
    world = build_world()
    world.clock.set(datetime.combine(day, time(9), tzinfo=UTC))
    for ago in range(BACK + 1):
        for process_key in ("", sorted(PROTECTING)[ago % len(PROTECTING)]):
            own = running.user_tasks.c.case_id == world.start_case(given_name=f"Ash{ago}")
            said = {"process_key": process_key} if process_key else {}
            due_on = world.today - timedelta(days=ago)
            world.write(sa.update(running.user_tasks).where(own).values(due_on=due_on, **said))
    return world


WORLDS = {name: partial(_world_on, day) for name, day in DAYS.items()}


def late_by_definition(world: World) -> Mapping[UUID, UUID]:
    """Return the case of each task that is late, out of the raw rows."""
    with viewing(world.engine, world.actor("cleo")) as view:
        calendar = view.authority.calendar
    found = {}
    for row in world.tasks():
        protecting = row.process_key in PROTECTING
        if days_late(row.due_on, today=world.today, calendar=calendar, protecting=protecting):
            found[row.id] = row.case_id
    return found


def test_lists_counts_and_boards_agree(world: World) -> None:
    late, cleo = late_by_definition(world), world.actor("cleo")
    assert 0 < len(late) < len(world.tasks())
    asked = {"actor": cleo, "limit": 50}
    assert {row.task_id for row in worklist.tasks(world.engine, **asked, whose="overdue").rows} == set(late)
    chosen = my_work.Choice(whose="overdue", what="tasks")
    assert {row.task_id for row in my_work.read(world.engine, **asked, choice=chosen).rows} == set(late)
    found = shareable.read(world.engine, actor=cleo, choice=Choice(), due="late")
    assert set(found.ids) == set(late)
    assert {row.due_state for row in found.rows} == {"overdue"}
    loads = workload.read(world.engine, actor=cleo).rows
    assert {row.name: row.late for row in loads if row.late} == {"Hana Verity": len(late)}
    assert metrics.count(world.engine).tasks_overdue == len(late)
    now = where_cases_stand.now(world.engine, actor=cleo)
    assert sum(each.overdue for each in now.activities) == len(late)


@pytest.mark.parametrize("judged", [False, True], ids=["worked out at the look", "kept"])
def test_the_board_and_the_stages_say_the_same_of_cases(world: World, judged: bool) -> None:
    late, cleo = set(late_by_definition(world).values()), world.actor("cleo")
    if judged:
        world.write(sa.update(record.cases).values(judge_on=None))
        world.tick()
        assert not world.rows(sa.select(record.cases.c.id).where(moved()))
    else:
        world.write(sa.update(record.cases).values(version=record.cases.c.version + 1))
    board = overdue.board(world.engine, actor=cleo, choice=Choice())
    assert {row.case_id for row in board.rows if row.state == "overdue"} == late
    assert {group.state: group.number for group in board.groups}["overdue"] == len(late)
    assert {row.case_id for row in overdue.board(world.engine, actor=cleo, choice=Choice(only=LATE)).rows} == late
    assert sum(each.overdue for each in where_cases_stand.now(world.engine, actor=cleo).stages) == len(late)
    assert all("was due" in " ".join(row.reasons) for row in board.rows if row.case_id in late)
    alone = {case_id: overdue.one(world.engine, actor=cleo, case_id=case_id).state for case_id in late}
    assert set(alone.values()) == {"overdue"}


def moved() -> sa.ColumnElement[bool]:
    return (record.cases.c.checked_version != record.cases.c.version) & record.cases.c.child_id.is_not(None)


def test_the_mornings_message_counts_them_on_a_working_day(world: World) -> None:
    late, table = late_by_definition(world), people.authorities
    world.write(sa.update(table).values(profile={"digest_hour": "7"}, version=table.c.version + 1))
    world.tick()
    sent = [each.body for each in world.mailbox.messages if each.subject == digest.SUBJECT]
    with viewing(world.engine, world.actor("cleo")) as view:
        works = view.authority.calendar.is_working_day(world.today)
    assert len(sent) == works
    assert all(f"\n{len(late)} overdue" in body for body in sent)
