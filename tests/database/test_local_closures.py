"""A changed calendar moves the open promises that were reckoned by it, in one act; what is late stays late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import local_closures, restrictions
from engine.commands.local_closures import Moved
from engine.errors import Conflict, Invalid, NotFound
from engine.queries import calendar_changes
from engine.queries.calendar_changes import Foreseen
from engine.redating import Wanted, period
from engine.store.tables import people
from engine.store.tables.running import user_tasks
from tests.worlds import World, open_world

DAY = timedelta(days=1)
PATHWAY = "agree_to_support"
"""A way for a case to begin whose first step has a due date and reminders."""


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as world:
        yield world


def close(world: World, first: date, last: date | None = None, **more: Any) -> Moved:
    given = {"name": "Training", "why": "The director said so", **more}
    return local_closures.close(world.engine, actor=world.actor("piet"), first_on=first, last_on=last, **given)


def closures(world: World) -> dict[date, UUID]:
    rows = world.rows(sa.select(people.local_closures.c.on_day, people.local_closures.c.id))
    return {row.on_day: row.id for row in rows}


def foreseen(world: World, first: date, by: str = "piet", *roles: str) -> Foreseen:
    wanted = period(first, None, "Training")
    return calendar_changes.foreseen(world.engine, actor=world.actor(by, *roles), wanted=wanted)


def promises(world: World) -> dict[UUID, Any]:
    return {task.id: task.due_on for task in world.tasks()} | {timer.id: timer.due_at for timer in world.timers()}


def test_due_dates_and_timers_move_with_a_closure_and_back_with_its_end(world: World) -> None:
    case_id = world.start_case(process_key=PATHWAY, identified=False)
    (task,), before = world.tasks(case_id), promises(world)
    assert task.due_on == date(2026, 3, 4) and len(before) > 1  # reckoned from Monday 2 March
    looked = foreseen(world, date(2026, 3, 3))
    assert promises(world) == before
    assert (looked.tasks, looked.later, looked.timers, looked.cases) == (1, 1, len(before) - 1, 1)
    assert looked.rows == ()  # who keeps the calendar reads no case
    done = close(world, date(2026, 3, 3))
    assert done == Moved(1, len(before) - 1, 1)
    assert promises(world) == {id_: promised + DAY for id_, promised in before.items()}
    (event,) = world.history(case_id, "calendar_moved_dates")
    assert event.practitioner_id == world.ids["piet"] and event.detail["number"] == len(before)
    (id_,) = closures(world).values()
    local_closures.end(world.engine, actor=world.actor("piet"), closure_id=id_, why="It was called off")
    assert promises(world) == before and closures(world) == {}
    told = calendar_changes.days(world.engine, actor=world.actor("piet")).changes
    assert [(each.closed, each.on_day, each.why, each.tasks) for each in told] == [
        (False, date(2026, 3, 3), "It was called off", 1),
        (True, date(2026, 3, 3), "The director said so", 1),
    ]
    assert not world.verified().findings
    with pytest.raises(NotFound):
        local_closures.end(world.engine, actor=world.actor("piet"), closure_id=id_, why="Again")


def test_what_is_late_stays_late_and_what_somebody_moved_stays_where_it_is(world: World) -> None:
    late, by_hand = (world.start_case(process_key=PATHWAY, identified=False, given_name=name) for name in ("Ada", "Bo"))
    moved_by_hand = date(2026, 3, 13)
    world.write(sa.update(user_tasks).where(user_tasks.c.case_id == by_hand).values(due_on=moved_by_hand))
    world.clock.advance(timedelta(days=3))  # Thursday: the first was due yesterday
    looked = foreseen(world, date(2026, 3, 4))
    assert (looked.tasks, looked.forgiven) == (0, 1)
    assert close(world, date(2026, 3, 4)).tasks == 0
    assert world.tasks(late)[0].due_on == date(2026, 3, 4)
    assert world.tasks(by_hand)[0].due_on == moved_by_hand
    assert foreseen(world, date(2026, 3, 5)).forgiven == 0


def test_a_period_leaves_out_days_that_are_off_already(world: World) -> None:
    close(world, date(2026, 4, 1))
    close(world, date(2026, 4, 1), date(2026, 4, 8))  # with Easter, from Friday 3 to Monday 6 April
    assert sorted(closures(world)) == [date(2026, 4, day) for day in (1, 2, 7, 8)]
    for first, last, error, said in (
        (date(2026, 4, 1), None, Conflict, "on the list already"),
        (date(2026, 4, 3), None, Conflict, "a bank holiday"),
        (date(2026, 4, 4), date(2026, 4, 5), Conflict, "Nobody works"),
        (date(2026, 5, 6), date(2026, 5, 5), Invalid, "before the first"),
        (date(2026, 5, 5), date(2026, 7, 5), Invalid, "at most 31 days"),
        (date(2036, 5, 5), None, Invalid, "three years"),
    ):
        with pytest.raises(error, match=said):
            close(world, first, last)
    with pytest.raises(Invalid, match="why"):
        close(world, date(2026, 5, 5), why=" ")
    with pytest.raises(Conflict, match="a moment ago"):
        close(world, date(2026, 5, 5), expected_version=1)
    sent_twice = [close(world, date(2026, 5, 5), request_key="k" * 20) for _ in range(2)]
    assert sent_twice[0] == sent_twice[1] and date(2026, 5, 5) in closures(world)


def test_a_closure_moves_to_another_day_in_one_act(world: World) -> None:
    case_id = world.start_case(process_key=PATHWAY, identified=False)
    due_on = world.tasks(case_id)[0].due_on
    close(world, date(2026, 3, 3))
    (id_,) = closures(world).values()
    other = Wanted(close={date(2026, 6, 1): "Training"}, end=frozenset({id_}))
    local_closures.carry_out(world.engine, actor=world.actor("piet"), wanted=other, why="It is in June")
    assert list(closures(world)) == [date(2026, 6, 1)]
    assert world.tasks(case_id)[0].due_on == due_on


def test_a_restricted_case_moves_too_and_is_counted_for_coordinators_alone(world: World) -> None:
    case_id = world.start_case(process_key=PATHWAY, identified=False)
    restrictions.restrict(world.engine, actor=world.actor("cleo"), case_id=case_id, reason="A parent works here")
    assert (foreseen(world, date(2026, 3, 3)).tasks, foreseen(world, date(2026, 3, 3)).teams) == (0, ())
    both = foreseen(world, date(2026, 3, 3), "cleo", "coordinator", "administrator")
    assert both.tasks == 1 and [row.case_id for row in both.rows] == [case_id]
    assert close(world, date(2026, 3, 3)).tasks == 1


def test_five_thousand_due_dates_move_in_one_act() -> None:
    with open_world() as world:
        case_id = world.start_case(process_key=PATHWAY, identified=False)
        (task,) = world.tasks(case_id)
        like = {name: value for name, value in task._mapping.items() if name != "id"}
        world.write(sa.insert(user_tasks).values([like | {"id": world.engine.ids.new()} for _ in range(999)]))
        for _ in range(4):
            world.write(sa.insert(user_tasks).values([like | {"id": world.engine.ids.new()} for _ in range(1000)]))
        looked = foreseen(world, date(2026, 3, 3))
        assert (looked.tasks, looked.teams[0][1]) == (5000, 5000)
        assert close(world, date(2026, 3, 3)).tasks == 5000
        assert {each.due_on for each in world.tasks(case_id)} == {task.due_on + DAY}
