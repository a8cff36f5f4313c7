"""Last days that are over, when carrying them out meets another writer or fails."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.commands import incidents, practitioners
from engine.store.tables import people, record
from tests.worlds import World, build_world

HELD = sa.text("CREATE TRIGGER held BEFORE UPDATE OF left_on ON practitioners BEGIN SELECT RAISE(ABORT, 'held'); END")
FREE = sa.text("DROP TRIGGER held")
CHAIN = sa.update(record.cases).where(record.cases.c.child_id.is_(None))


@pytest.fixture
def world() -> World:
    world = build_world()
    on = world.today + timedelta(days=1)
    practitioners.record_leaving(
        world.engine, actor=world.actor("morgan"), practitioner_id=world.ids["hana"], last_day=on
    )
    world.pass_days(1)
    return world


def gone(world: World) -> bool:
    (row,) = world.rows(sa.select(people.practitioners).where(people.practitioners.c.id == world.ids["hana"]))
    return row.left_on is not None


def pass_night(world: World) -> None:
    world.clock.advance(timedelta(days=1))
    world.tick()


def test_one_that_meets_another_writer_is_done_at_the_next_tick_without_an_incident(world: World) -> None:
    world.write(HELD)
    pass_night(world)
    assert not gone(world) and not world.incidents()
    world.write(FREE)
    world.clock.advance(timedelta(seconds=1))
    world.tick()
    assert gone(world) and not world.incidents()


def test_one_that_fails_is_an_incident_that_closes_when_the_next_night_does_it(world: World) -> None:
    world.write(CHAIN.values(reference="LOST"))
    pass_night(world)
    (incident,) = world.incidents()
    assert "could not be carried out" in incident.message and not gone(world)
    world.write(CHAIN.values(reference="ADMINISTRATION"))
    world.tick()
    assert not gone(world), "it waits for the next night, or for somebody who has it tried again"
    pass_night(world)
    assert gone(world) and not world.incidents()


def test_somebody_may_have_it_tried_again_at_once(world: World) -> None:
    world.write(CHAIN.values(reference="LOST"))
    pass_night(world)
    world.write(CHAIN.values(reference="ADMINISTRATION"))
    incidents.retry(world.engine, actor=world.actor("cleo"), incident_id=world.incidents()[0].id)
    world.tick()
    assert gone(world) and not world.incidents()
