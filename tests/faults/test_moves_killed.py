"""Kill -9 whoever moves a case to another version of its diagram: it is wholly old or wholly new, and moved once."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.store import batches
from engine.store.tables import running
from engine.store.tables.batches import batch_items
from engine.store.tables.batches import batches as batch_rows
from tests.faults.nursery import Job, Nursery
from tests.faults.test_killed_at_every_event import assert_whole, footprint, start_and_appoint, url_of
from tests.small_models import LETTERS
from tests.worlds import World, open_world

POOL = 40
"""More cases than there are events at which one of them is killed."""
EVERY = 10
"""At which events a process is killed: each that has to do with a commit, and every tenth of the others."""
ANOTHER = (
    LETTERS.replace(b'id="visit"', b'id="see_child" name="See the child"')
    .replace(b'"visit"', b'"see_child"')
    .replace(b"P1D", b"P9D")
)


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url, models={"letters.bpmn": LETTERS}) as world:
        yield world


class Moves:
    """Cases on the old version, each to be moved by a batch of its own."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.pool = [start_and_appoint(world) for _ in range(POOL)]
        self.old = world.instance(self.pool[0], "letters").definition_id
        world.deploy({"letters.bpmn": ANOTHER})
        with world.engine.sessions.read() as connection:
            query = sa.select(running.definitions.c.id).where(running.definitions.c.version == 2)
            self.new = connection.execute(query).scalar_one()

    def prepare(self) -> tuple[UUID, Job]:
        """Begin a batch that moves the next case; return the case and the job of going on with it."""
        world, case_id = self.world, self.pool.pop()
        batch_id, now = world.engine.ids.new(), world.clock.now()
        common = {"authority_id": world.authority_id}
        particulars = {
            "instance": str(world.instance(case_id, "letters").id), "definition": str(self.new),
            "targets": {"letters": {"visit": "see_child"}},
        }  # fmt: skip
        batch = {
            **common, "id": batch_id, "account_id": world.accounts["cleo"], "kind": "versions", "undoes_id": None,
            "why": "", "state": "running", "planned_at": now, "begun_at": now,
        }  # fmt: skip
        item = {
            **common, "id": world.engine.ids.new(), "batch_id": batch_id, "number": 0, "case_id": case_id,
            "task_id": None, "from_id": None, "to_id": None, "version": 0, "state": "waiting", "said": "",
            "particulars": particulars,
        }  # fmt: skip
        with world.engine.sessions.act() as connection:
            batches.insert(connection, batch, [item])
        return case_id, Job("go_on", url_of(world), now.isoformat())

    def version(self, case_id: UUID) -> str:
        """Return `old` or `new`, having looked that all of the case is."""
        world = self.world
        row = world.instance(case_id, "letters")
        (task,), (alarm,) = world.tasks(case_id), world.timers(case_id)
        (event,) = world.history(case_id, "version_changed") or (None,)
        moved = row.definition_id == self.new
        assert row.definition_id in (self.old, self.new)
        assert (task.element_id, task.name) == (("see_child", "See the child") if moved else ("visit", "visit"))
        assert (b"see_child" in row.state) is moved and (event is not None) is moved
        assert (alarm.element_id, alarm.cancelled_at, alarm.fired_at) == ("late", None, None)
        (item,) = world.rows(sa.select(batch_items.c.state).where(batch_items.c.case_id == case_id))
        assert item.state == ("done" if moved else "waiting")
        return "new" if moved else "old"


def test_a_case_moves_once_and_whole_whenever_the_process_dies(world: World, nursery: Nursery) -> None:
    moves = Moves(world)
    case_id, job = moves.prepare()
    due = world.timers(case_id)[0].due_at
    done = nursery.run(job)[0]
    assert (done.how, done.error) == ("ended", ""), done
    after, found = footprint(world, case_id), []
    assert moves.version(case_id) == "new"
    for point, event in enumerate(done.events, start=1):
        if point % EVERY and "commit" not in event:
            continue
        case_id, job = moves.prepare()
        outcome = nursery.run(Job(job.name, job.url, job.at, fault=point))[0]
        assert outcome.how == "killed", f"{event}: {outcome}"
        found.append(moves.version(case_id))
        assert nursery.run(job)[0].error == "", event
        assert moves.version(case_id) == "new" and footprint(world, case_id) == after, event
        assert world.timers(case_id)[0].due_at == due
    assert {"old", "new"} == set(found)
    assert {row.state for row in world.rows(sa.select(batch_rows.c.state))} == {"done"}
    assert_whole(world)
