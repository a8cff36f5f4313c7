"""Two people or two processes do the same thing at the same moment: one wins, the other is told who and when."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import cases, practitioners, timers, user_tasks
from engine.commands.user_tasks import TaskChanged, TaskClosed
from engine.errors import EngineError
from engine.store.tables import keeping, record
from tests.faults.jobs import as_arguments
from tests.faults.nursery import Job, Nursery
from tests.small_models import PEERS, ask
from tests.unit.bpmn.diagrams import boundary, end, timer
from tests.worlds import World, model, open_world

RACES = 100
"""By threads, and as many again by processes."""
SEVERAL = "<multiInstanceLoopCharacteristics><loopCardinality>7</loopCardinality></multiInstanceLoopCharacteristics>"
SEVEN = model(ask("each", SEVERAL), way="start each; each end", key="seven")
REMINDERS = model(
    ask("work"), boundary("one", "work", timer("P1D"), interrupting=False), ask("asked"), end("end_one"),
    boundary("two", "work", timer("P2D"), interrupting=False), ask("asked_again"), end("end_two"),
    way="start work; work end; one asked; asked end_one; two asked_again; asked_again end_two", key="reminders",
)  # fmt: skip
MODELS = {"peers.bpmn": PEERS, "seven.bpmn": SEVEN, "reminders.bpmn": REMINDERS}


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url, models=MODELS) as world:
        yield world


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run acts in a thread each, begun together; return what each returned or raised."""
    barrier = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return act()
        except EngineError as error:
            return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def completing(world: World, who: str, task_id: UUID, **more: Any) -> Callable[[], Any]:
    actor = world.actor(who)
    return lambda: user_tasks.complete(
        world.engine, actor=actor, task_id=task_id, answers={"ok": True, "by": who}, **more
    )


def first_tasks(world: World, count: int) -> dict[UUID, UUID]:
    """Start cases; return each case's first task."""
    started = [world.start_case(process_key="peers") for _ in range(count)]
    return {case_id: world.task("a", case_id).id for case_id in started}


def assert_done_once(world: World, case_id: UUID, winner: str) -> None:
    (closed,) = world.tasks(case_id, state="completed")
    assert closed.closed_by == world.ids[winner]
    (event,) = world.history(case_id, "task_completed")
    assert event.practitioner_id == world.ids[winner]
    assert world.open_elements(case_id) == ["b"]
    (payload,) = world.rows(
        sa.select(keeping.history_payloads.c.body).where(keeping.history_payloads.c.event_id == event.id)
    )
    assert payload.body["by"] == winner, "somebody else's answers were kept"


def test_threads(world: World) -> None:
    winners: Counter[str] = Counter()
    names = {"hana": "Hana Verity", "idris": "Idris Cole"}
    for case_id, task_id in first_tasks(world, RACES).items():
        results = dict(zip(names, at_once(*(completing(world, who, task_id) for who in names)), strict=True))
        (loser,) = (who for who, result in results.items() if isinstance(result, EngineError))
        (winner,) = results.keys() - {loser}
        told = results[loser]
        assert isinstance(told, TaskClosed), told
        assert (told.details["by"], told.details["at"]) == (names[winner], world.clock.now())
        assert_done_once(world, case_id, winner)
        winners[winner] += 1
    assert world.verified().findings == ()
    assert world.incidents() == []


def test_processes(world: World, nursery: Nursery) -> None:
    tasks = first_tasks(world, RACES)
    pair = ("hana", "idris")
    jobs = [
        Job(
            "complete_many",
            world.engine.settings.database_url,
            world.clock.now().isoformat(),
            {
                "actor": as_arguments(world.actor(who)),
                "task_ids": [str(task_id) for task_id in tasks.values()],
                "answers": {"ok": True, "by": who},
            },
        )
        for who in pair
    ]
    outcomes = nursery.run(*jobs)
    assert [outcome.how for outcome in outcomes] == ["ended", "ended"]
    for case_id, first, second in zip(tasks, *(outcome.result for outcome in outcomes), strict=True):
        assert ("done" in first) != ("done" in second), (first, second)
        winner, told = (pair[0], second) if "done" in first else (pair[1], first)
        assert (told["error"], told["by"]) == ("TaskClosed", world.actor(winner).name)
        assert told["at"] == str(world.clock.now())
        assert_done_once(world, case_id, winner)
    assert world.verified().findings == ()


def test_one_request_sent_twice_at_once_gives_one_answer(world: World) -> None:
    for number, (case_id, task_id) in enumerate(first_tasks(world, 20).items()):
        press = completing(world, "hana", task_id, request_key=f"press {number}")
        one, other = at_once(press, press)
        assert one == other, "the second press was answered differently"
        assert one.opened == (world.task("b", case_id).id,)
        assert_done_once(world, case_id, "hana")


def test_a_repeated_request_is_answered_as_at_first_even_when_the_case_has_moved_on(world: World) -> None:
    ((case_id, task_id),) = first_tasks(world, 1).items()
    press = completing(world, "hana", task_id, request_key="press")
    first = press()
    world.do("b", "idris", case_id=case_id)
    assert press() == first
    with pytest.raises(TaskClosed):
        completing(world, "hana", task_id, request_key="another press")()
    with pytest.raises(TaskClosed):
        completing(world, "hana", task_id)()


def test_a_case_started_twice_by_one_request_is_one_case(world: World) -> None:
    child = cases.Child(given_name="Sam", family_name="Whitlock", born_on=world.today - timedelta(days=900))

    def start() -> Any:
        return cases.start(
            world.engine, actor=world.actor("hana"), child=child, process_key="peers", request_key="the same press"
        )

    results = at_once(start, start)
    started = [result for result in results if not isinstance(result, EngineError)]
    assert started
    assert len(world.tasks(element="a")) == 1
    assert start() == started[0]


def test_a_task_changed_since_it_was_shown_is_not_completed(world: World) -> None:
    ((_, task_id),) = first_tasks(world, 1).items()
    user_tasks.claim(world.engine, actor=world.actor("hana"), task_id=task_id)
    with pytest.raises(TaskChanged):
        completing(world, "hana", task_id, expected_version=1)()
    assert world.task("a").version == 2


def claiming(world: World, who: str, task_id: UUID) -> Callable[[], None]:
    actor = world.actor(who)
    return lambda: user_tasks.claim(world.engine, actor=actor, task_id=task_id)


def test_a_task_claimed_by_two_has_one_holder(world: World) -> None:
    for task_id in first_tasks(world, 20).values():
        names = ("hana", "idris")
        results = at_once(*(claiming(world, who, task_id) for who in names))
        (winner,) = (who for who, result in zip(names, results, strict=True) if result is None)
        (holder,) = (task.assignee_id for task in world.tasks() if task.id == task_id)
        assert holder == world.ids[winner]


def test_tasks_of_one_process_completed_at_once_are_all_kept(world: World) -> None:
    case_id = world.start_case(process_key="seven")
    tasks = world.tasks(case_id, element="each")
    results = at_once(*(completing(world, "hana", task.id) for task in tasks))
    assert not [result for result in results if isinstance(result, EngineError)]
    assert len(tasks) == len(world.history(case_id, "task_completed")) == 7
    assert world.instance(case_id, "seven").status == "ended"
    assert world.verified().findings == ()


def test_two_schedulers_at_once_fire_each_timer_once(world: World, nursery: Nursery) -> None:
    started = [world.start_case(process_key="reminders") for _ in range(40)]
    world.clock.advance(timedelta(days=3))
    at, url = world.clock.now().isoformat(), world.engine.settings.database_url
    outcomes = nursery.run(*(Job("fire_until_idle", url, at, {"limit": 7}) for _ in range(3)))
    assert [(outcome.how, outcome.error) for outcome in outcomes] == [("ended", "")] * 3
    assert sum(outcome.result["fired"] for outcome in outcomes) == 2 * len(started)
    for case_id in started:
        assert sorted(event.detail["element"] for event in world.history(case_id, "timer_fired")) == ["one", "two"]
        assert world.open_elements(case_id) == ["asked", "asked_again", "work"]
    assert world.incidents() == []
    assert timers.fire_due(world.engine).fired == 0


def test_one_request_to_open_a_case_sent_twice_at_once_opens_one_and_both_are_told_which(world: World) -> None:
    actor, child = world.actor("hana"), cases.Child(given_name="Sam", family_name="Whitlock", born_on=date(2019, 5, 1))
    for number in range(RACES // 4):

        def start(key: str = f"request {number}") -> cases.CaseStarted:
            return cases.start(world.engine, actor=actor, child=child, process_key="peers", request_key=key)

        first, second = at_once(start, start)
        assert isinstance(first, cases.CaseStarted), first
        assert first == second


def test_one_request_to_start_a_process_sent_twice_at_once_starts_one(world: World) -> None:
    actor, case_id = world.actor("hana"), world.start_case(process_key="peers")
    for number in range(RACES // 10):

        def start(key: str = f"request {number}") -> UUID:
            return cases.start_process_on(
                world.engine, actor=actor, case_id=case_id, process_key="seven", request_key=key
            )

        first, second = at_once(start, start)
        assert isinstance(first, UUID), first
        assert first == second


ABSENCES = 25
"""Recorded and ended beside drafts: enough that a wrong order of locks has met itself in every trial."""


def test_an_absence_recorded_while_the_person_saves_drafts_stands_in_nobody_s_way(world: World) -> None:
    case_id = world.start_case(process_key="peers")
    task, hana = world.task("a", case_id), world.ids["hana"]
    user_tasks.claim(world.engine, actor=world.actor("hana"), task_id=task.id)
    lead = {"id": world.engine.ids.new(), "authority_id": world.authority_id, "case_id": case_id}
    with world.engine.sessions.act() as connection:
        values = {**lead, "practitioner_id": hana, "from_on": world.today, "interim": False}
        connection.execute(sa.insert(record.lead_professionals).values(**values))
    by, morgan = world.actor("hana"), world.actor("morgan")
    over = threading.Event()

    def draft() -> int:
        saved = 0
        while not over.is_set():
            saved = user_tasks.save_draft(world.engine, actor=by, task_id=task.id, answers={"by": "hana"}).revision
        return saved

    def be_away() -> int:
        try:
            for _ in range(ABSENCES):
                away = practitioners.record_absence(
                    world.engine, actor=morgan, practitioner_id=hana, from_on=world.today
                )
                practitioners.end_absence(
                    world.engine, actor=morgan, absence_id=away, last_day=world.today - timedelta(days=1)
                )
        finally:
            over.set()
        return ABSENCES

    saved, recorded = at_once(draft, be_away)
    assert recorded == ABSENCES, recorded
    assert isinstance(saved, int) and saved > 0, saved
    assert world.verified().findings == ()
