"""A plan whose judgement always meets another writer: told, left for the next night, in nobody's way."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import escalation
from engine.guard import MOST_TRIES
from engine.store.tables import record, running
from tests.another_writer import meets_another_writer
from tests.worlds import World, build_world

BEGINNING = "BEFORE INSERT ON escalations WHEN NEW.case_id = '{}'"
HELD_ROW = "BEFORE INSERT ON incidents WHEN NEW.case_id IS NOT NULL"
FOR_EVER = 1_000
SILENT = 40


@pytest.fixture
def world() -> World:
    return build_world()


def two_silent_plans(world: World) -> tuple[UUID, UUID]:
    """Return two cases that nobody has touched for so long that the night has something to say of both.

    No timer of theirs runs: each that fires is an act of its own, after which the case is judged once more.
    """
    found = world.start_case(), world.start_case(given_name="Mo")
    world.tick()
    world.write(sa.update(running.timers).values(cancelled_at=world.clock.now()))
    world.clock.advance(timedelta(days=SILENT))
    return found


def reasons(world: World, case_id: UUID) -> int:
    return len(world.rows(sa.select(record.escalations.c.id).where(record.escalations.c.case_id == case_id)))


def test_it_is_tried_a_few_times_then_told_and_the_night_is_over(world: World) -> None:
    held, free = two_silent_plans(world)
    tries = meets_another_writer(world, BEGINNING.format(held.hex), FOR_EVER)
    world.tick()
    assert reasons(world, free) and not reasons(world, held)
    (incident,) = world.incidents()
    assert (incident.case_id, incident.kind) == (held, "effect")
    assert len(tries) == 1 + MOST_TRIES, "once together with the others, then alone"
    for _ in range(3):
        world.clock.advance(timedelta(minutes=1))
        world.tick()
    assert len(tries) == 1 + MOST_TRIES, "not at every tick"
    world.write(sa.text("DROP TRIGGER held"))
    world.pass_days(1)
    assert reasons(world, held) and not world.incidents()


def test_before_a_page_it_is_tried_once_and_left_to_the_next_tick(world: World) -> None:
    held, _ = two_silent_plans(world)
    tries = meets_another_writer(world, BEGINNING.format(held.hex), 1)
    world.write(sa.update(record.cases).where(record.cases.c.id == held).values(checked_version=-1))
    assert escalation.check_shown(world.engine).left == 1
    assert len(tries) == 1 and not world.incidents()
    world.tick()
    assert reasons(world, held) and not world.incidents()


def test_a_case_whose_own_row_is_held_is_named_by_its_reference(world: World) -> None:
    """On PostgreSQL a row that refers to a case waits for whoever holds the case."""
    held, free = two_silent_plans(world)
    world.write(
        sa.DDL(f"CREATE TEMP TRIGGER first {BEGINNING.format(held.hex)} BEGIN SELECT RAISE(ABORT, 'held'); END")
    )
    meets_another_writer(world, HELD_ROW, FOR_EVER)
    world.tick()
    assert reasons(world, free)
    (incident,) = world.incidents()
    assert incident.case_id is None and incident.authority_id == world.authority_id
    assert incident.message.startswith(f"{world.case(held).reference}: Escalation failed: Somebody else changed")
    world.write(sa.text("DROP TRIGGER held"), sa.text("DROP TRIGGER first"))
    world.pass_days(1)
    assert reasons(world, held) and not world.incidents()
