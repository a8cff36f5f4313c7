"""A process that is stopped in the middle and wakes up late finds its work taken over, and does not do it again."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.errors import Conflict
from engine.store import due, outbox, turns
from tests.faults.jobs import as_arguments
from tests.faults.nursery import Job, Nursery
from tests.small_models import LETTERS
from tests.worlds import World, open_world


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url, models={"letters.bpmn": LETTERS}) as world:
        yield world


def job(world: World, name: str, *, stop_at: int | None = None, **arguments: Any) -> Job:
    url, at = world.engine.settings.database_url, world.clock.now().isoformat()
    return Job(name, url, at, arguments, fault=stop_at, signal=signal.SIGSTOP)


def appointed(world: World) -> Any:
    case_id = world.start_case(process_key="letters")
    world.do("appoint", "hana", case_id=case_id, lead_professional=str(world.ids["hana"]))
    return case_id


def test_nobody_waits_for_ever_for_a_writer_that_was_stopped(
    database_url: str, nursery: Nursery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "TURN_SECONDS", 0.5)
    with open_world(database_url, models={"letters.bpmn": LETTERS}) as world:
        case_id = world.start_case(process_key="letters")
        answers = {"lead_professional": str(world.ids["hana"])}
        task = {
            "actor": as_arguments(world.actor("hana")),
            "task_id": str(world.task("appoint").id),
            "answers": answers,
        }
        rehearsed = nursery.run(job(world, "complete", **task))[0]
        case_id = world.start_case(process_key="letters")
        task["task_id"] = str(world.task("appoint", case_id).id)
        stop_at = rehearsed.events.index("before commit") + 1
        sleeper = nursery.run(job(world, "complete", stop_at=stop_at, **task))[0]
        assert sleeper.how == "stopped"
        with pytest.raises(Conflict, match="busy"):
            world.do("appoint", "idris", case_id=case_id, **answers)
        assert world.open_elements(case_id) == ["appoint"], "reading goes on meanwhile"
        assert nursery.go_on(sleeper)[0].error == ""
        assert world.open_elements(case_id) == ["visit"]
        assert world.verified().findings == ()


def test_a_timer_is_not_fired_again_by_one_who_wakes_after_its_lease(world: World, nursery: Nursery) -> None:
    def due_case() -> Any:
        case_id = appointed(world)
        world.clock.advance(timedelta(days=1))
        return case_id

    due_case()
    rehearsed = nursery.run(job(world, "fire"))[0]
    case_id = due_case()
    sleeper = nursery.run(job(world, "fire", stop_at=rehearsed.events.index("after an act") + 1))[0]
    assert sleeper.how == "stopped"
    assert world.history(case_id, "timer_fired") == []

    assert nursery.run(job(world, "fire"))[0].result == {"fired": 0, "failed": 0}, "the lease still holds"
    world.clock.advance(due.LEASE + timedelta(seconds=1))
    assert nursery.run(job(world, "fire"))[0].result == {"fired": 1, "failed": 0}

    woken = nursery.go_on(sleeper)[0]
    assert (woken.how, woken.result) == ("ended", {"fired": 0, "failed": 0})
    assert len(world.history(case_id, "timer_fired")) == 1
    assert world.open_elements(case_id) == ["chase", "visit"]
    assert world.incidents() == []
    assert world.verified().findings == ()


def test_a_message_is_marked_by_its_newest_holder_only(world: World, nursery: Nursery, tmp_path: Path) -> None:
    arrived = str(tmp_path / "arrived")
    appointed(world)
    rehearsed = nursery.run(job(world, "deliver", path=arrived))[0]
    appointed(world)
    stop_at = rehearsed.events.index("after sending") + 1
    sleeper = nursery.run(job(world, "deliver", path=arrived, stop_at=stop_at))[0]
    assert sleeper.how == "stopped"

    world.clock.advance(outbox.LEASE + timedelta(seconds=1))
    assert nursery.run(job(world, "deliver", path=arrived))[0].result == {"sent": 1, "failed": 0}
    assert nursery.go_on(sleeper)[0].how == "ended"
    counts = Counter(Path(arrived).read_text().split())
    assert sorted(counts.values()) == [1, 2], "once, and twice under one id for the message of the sleeper"
    assert nursery.run(job(world, "deliver", path=arrived))[0].result == {"sent": 0, "failed": 0}
