"""Kill -9 a real process at every database event of an act; afterwards the act has happened once or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.store import due, outbox
from engine.store.tables import METADATA, keeping, record, running
from tests.faults.jobs import as_arguments
from tests.faults.nursery import Job, Nursery, Outcome
from tests.small_models import LETTERS
from tests.worlds import World, open_world

Footprint = Counter[str]


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url, models={"letters.bpmn": LETTERS}) as world:
        yield world


def url_of(world: World) -> str:
    return world.engine.settings.database_url


def _counts(table: sa.Table, name: sa.ColumnElement[str]) -> sa.Select[tuple[str, int]]:
    return sa.select(name, sa.func.count()).where(table.c.case_id == sa.bindparam("case", type_=sa.Uuid)).group_by(name)


_TASKS, _TIMERS, _INSTANCES = running.user_tasks, running.timers, running.instances
_TIMER_STATE = sa.case(
    (_TIMERS.c.fired_at.is_not(None), " fired"), (_TIMERS.c.cancelled_at.is_not(None), " off"), else_=""
)
_FOOTPRINT = sa.union_all(
    *(_counts(table, sa.literal(table.name)) for table in METADATA.sorted_tables if "case_id" in table.c),
    _counts(_TASKS, _TASKS.c.element_id + " " + _TASKS.c.state),
    _counts(keeping.history, "event " + keeping.history.c.kind),
    sa.select("timer " + _TIMERS.c.element_id + _TIMER_STATE, sa.literal(1))
    .join(_INSTANCES, _INSTANCES.c.id == _TIMERS.c.instance_id)
    .where(_INSTANCES.c.case_id == sa.bindparam("case", type_=sa.Uuid)),
    sa.select(sa.literal("case version"), record.cases.c.version).where(
        record.cases.c.id == sa.bindparam("case", type_=sa.Uuid)
    ),
)


def footprint(world: World, case_id: UUID) -> Footprint:
    """Count everything that hangs on a case: the same act leaves the same footprint on every case."""
    return Counter({row[0]: row[1] for row in world.rows(_FOOTPRINT.params(case=case_id))})


def assert_whole(world: World) -> None:
    assert world.verified().findings == ()
    assert world.incidents() == []


class Rehearsal:
    """One act, rehearsed on a case of its own: how it was before, how after, and what happens between."""

    def __init__(self, world: World, nursery: Nursery, prepare: Callable[[World], tuple[UUID, Job]]) -> None:
        self.world, self.nursery, self.prepare = world, nursery, prepare
        case_id, job = prepare(world)
        self.before = footprint(world, case_id)
        done = nursery.run(job)[0]
        assert (done.how, done.error) == ("ended", ""), done
        self.events = done.events
        self.after = footprint(world, case_id)
        assert self.before != self.after
        assert "before commit" in self.events

    def killed_at(self, point: int) -> tuple[UUID, Job, Outcome]:
        """Do the act on a fresh case and kill it at event `point`; all or nothing of it is there."""
        case_id, job = self.prepare(self.world)
        assert footprint(self.world, case_id) == self.before
        outcome = self.nursery.run(Job(job.name, job.url, job.at, job.arguments, fault=point))[0]
        assert outcome.how == "killed", f"{self.events[point - 1]}: {outcome}"
        return case_id, job, outcome


def appoint(world: World, case_id: UUID) -> Job:
    """Return the job of completing the first task: it writes the record, a message, a task and a timer."""
    arguments = {
        "actor": as_arguments(world.actor("hana")),
        "task_id": str(world.task("appoint", case_id).id),
        "answers": {"lead_professional": str(world.ids["hana"]), "reasons": "Knows the family"},
        "request_key": f"first press {case_id}",
    }
    return Job("complete", url_of(world), world.clock.now().isoformat(), arguments)


def start_and_appoint(world: World) -> UUID:
    case_id = world.start_case(process_key="letters")
    world.do("appoint", "hana", case_id=case_id, lead_professional=str(world.ids["hana"]))
    return case_id


def test_completing_a_task_happens_once_whenever_the_process_dies(world: World, nursery: Nursery) -> None:
    def prepare(world: World) -> tuple[UUID, Job]:
        case_id = world.start_case(process_key="letters")
        return case_id, appoint(world, case_id)

    rehearsal = Rehearsal(world, nursery, prepare)
    assert rehearsal.after - rehearsal.before > Counter(["outbox", "visit open", "timer late"])
    kept = 0
    for point, event in enumerate(rehearsal.events, start=1):
        case_id, job, outcome = rehearsal.killed_at(point)
        found = footprint(world, case_id)
        assert found in (rehearsal.before, rehearsal.after), f"half of it was kept when killed at: {event}"
        kept += found == rehearsal.after
        assert outcome.result is None or found == rehearsal.after, f"acknowledged and lost when killed at: {event}"
        again = nursery.run(job)[0]
        assert (again.error, again.result["case_id"]) == ("", str(case_id)), event
        assert footprint(world, case_id) == rehearsal.after, f"not exactly once when killed at: {event}"
    assert 0 < kept < len(rehearsal.events)
    assert_whole(world)


def test_a_timer_fires_once_whenever_the_process_dies(world: World, nursery: Nursery) -> None:
    def prepare(world: World) -> tuple[UUID, Job]:
        case_id = start_and_appoint(world)
        world.clock.set(world.timers(case_id)[0].due_at)
        return case_id, Job("fire", url_of(world), world.clock.now().isoformat())

    rehearsal = Rehearsal(world, nursery, prepare)
    assert rehearsal.after - rehearsal.before > Counter(["outbox", "chase open", "timer late fired"])
    for point, event in enumerate(rehearsal.events, start=1):
        case_id, job, _ = rehearsal.killed_at(point)
        assert footprint(world, case_id) in (rehearsal.before, rehearsal.after), f"half when killed at: {event}"
        world.clock.advance(due.LEASE)
        later = Job(job.name, job.url, world.clock.now().isoformat())
        for _ in range(2):
            assert nursery.run(later)[0].error == "", event
        assert footprint(world, case_id) == rehearsal.after, f"not exactly once when killed at: {event}"
    assert_whole(world)


def test_a_message_goes_out_at_least_once_under_one_id_whenever_the_process_dies(
    world: World, nursery: Nursery, tmp_path: Path
) -> None:
    arrived = tmp_path / "arrived"

    def prepare(world: World) -> tuple[UUID, Job]:
        case_id = start_and_appoint(world)
        return case_id, Job("deliver", url_of(world), world.clock.now().isoformat(), {"path": str(arrived)})

    def messages(case_id: UUID) -> dict[str, str]:
        query = sa.select(keeping.outbox).where(keeping.outbox.c.case_id == case_id)
        return {str(row.id): row.state for row in world.rows(query)}

    first_case, job = prepare(world)
    done = nursery.run(job)[0]
    assert (done.how, done.error, *messages(first_case).values()) == ("ended", "", "sent")
    assert {"before sending", "after sending", "before commit"} < set(done.events)
    expected, repeated = set(messages(first_case)), 0
    for point, event in enumerate(done.events, start=1):
        case_id, job = prepare(world)
        queued = messages(case_id).keys()
        outcome = nursery.run(Job(job.name, job.url, job.at, job.arguments, fault=point))[0]
        assert outcome.how == "killed", f"{event}: {outcome}"
        world.clock.advance(outbox.LEASE)
        later = Job(job.name, job.url, world.clock.now().isoformat(), job.arguments)
        for _ in range(2):
            assert nursery.run(later)[0].error == "", event
        assert messages(case_id) == dict.fromkeys(queued, "sent"), event
        expected |= queued
        counts = Counter(arrived.read_text().split())
        assert counts.keys() == expected, f"lost or under another id when killed at: {event}"
        repeated += sum(counts[id_] for id_ in queued) - 1
    # Only between handing over and marking can a message go twice.
    window = done.events[done.events.index("after sending") :]
    assert 0 < repeated <= window.index("before commit") + 1
    assert_whole(world)
