"""Last days that are over, when carrying them out meets another writer or fails."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.commands import incidents, practitioners
from engine.guard import MOST_TRIES
from engine.store.tables import people, record, running
from tests.another_writer import meets_another_writer
from tests.worlds import World, build_world

ENDING = "BEFORE UPDATE OF left_on ON practitioners WHEN NEW.left_on IS NOT NULL"
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


def gone(world: World, who: str = "hana") -> bool:
    (row,) = world.rows(sa.select(people.practitioners).where(people.practitioners.c.id == world.ids[who]))
    return row.left_on is not None


def pass_night(world: World) -> None:
    world.clock.advance(timedelta(days=1))
    world.tick()


def test_one_that_meets_another_writer_is_done_at_the_next_try_without_an_incident(world: World) -> None:
    tries = meets_another_writer(world, ENDING, MOST_TRIES - 1)
    pass_night(world)
    assert gone(world) and not world.incidents()
    assert len(tries) == MOST_TRIES


def test_one_that_meets_other_writers_without_end_is_an_incident_and_waits_for_the_next_night(world: World) -> None:
    tries = meets_another_writer(world, ENDING, MOST_TRIES)
    pass_night(world)
    (incident,) = world.incidents()
    assert "Somebody else changed this first" in incident.message and not gone(world)
    for _ in range(3):
        world.clock.advance(timedelta(minutes=1))
        world.tick()
    assert len(tries) == MOST_TRIES, "not tried at every tick"
    pass_night(world)
    assert gone(world) and not world.incidents()


def test_a_defect_in_one_is_an_incident_and_the_rest_of_the_night_is_done(world: World) -> None:
    """A row that cannot be read is no error that the engine foresees."""
    spoilt, whole = world.start_case(), world.start_case(by="idris")
    on = world.today
    practitioners.record_leaving(
        world.engine, actor=world.actor("morgan"), practitioner_id=world.ids["idris"], last_day=on
    )
    tasks = running.user_tasks
    groups = {each.id: each.candidate_groups for each in world.tasks(spoilt)}
    world.write(sa.update(tasks).where(tasks.c.case_id == spoilt).values(candidate_groups=sa.JSON.NULL))
    pass_night(world)
    (incident,) = world.incidents()
    assert incident.message.endswith("could not be carried out: A defect of the service: TypeError")
    assert not gone(world) and gone(world, "idris")
    assert all(world.case(each).checked_version == world.case(each).version for each in (spoilt, whole))
    for id_, value in groups.items():
        world.write(sa.update(tasks).where(tasks.c.id == id_).values(candidate_groups=value))
    pass_night(world)
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
