"""Who sits on which multi-agency group, and what of it each member sees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.casework.permissions import may_see_case
from engine.commands import authorities as settings
from engine.commands import mag_seats
from engine.errors import Invalid, NotFound, NotPermitted
from engine.queries import mag_queue, worklist
from engine.store import relations
from engine.store.tables.people import authorities
from engine.store.tables.record import mag_referrals
from tests.database.test_mag_referrals import referred
from tests.worlds import World, open_world

NORTH, SOUTH = "North", "South"


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as world:
        yield world


def two_groups(world: World) -> None:
    profile = sa.update(authorities).values(profile={"mags": [NORTH, SOUTH]}, version=authorities.c.version + 1)
    with world.engine.sessions.act() as connection:
        connection.execute(profile)
        connection.execute(sa.update(mag_referrals).values(mag=NORTH))


@pytest.fixture
def case_id(world: World) -> UUID:
    """A plan that waits for North, in a world of two groups."""
    case_id = referred(world)
    two_groups(world)
    return case_id


def seat(world: World, who: str, mags: Sequence[str], by: str = "cleo") -> None:
    mag_seats.set_seats(world.engine, actor=world.actor(by), practitioner_id=world.ids[who], mags=mags)


def sees(world: World, who: str, case_id: UUID, *, roles: frozenset[str] = frozenset()) -> tuple[bool, ...]:
    """Tell whether somebody sees the plan in the queue, its record, its task in a list, and that task's page."""
    actor, engine = replace(world.actor(who), roles=world.actor(who).roles | roles), world.engine
    queue = [row.case_id for row in mag_queue.waiting(engine, actor=actor)]
    with engine.sessions.read() as connection:
        record = may_see_case(actor, relations.of(connection, actor, case_id))
    (task,) = (row for row in world.tasks(case_id) if "mag_members" in row.candidate_groups)
    listed = [row.task_id for row in worklist.tasks(engine, actor=actor, whose="unclaimed").rows]
    try:
        worklist.task(engine, actor=actor, task_id=task.id)
    except NotFound:
        return case_id in queue, record, task.id in listed, False
    return case_id in queue, record, task.id in listed, True


def test_where_nobody_has_a_seat_every_member_sits_on_every_group(world: World, case_id: UUID) -> None:
    assert sees(world, "ada", case_id) == (True, True, True, True)


def test_a_member_sees_what_waits_for_their_own_group(world: World, case_id: UUID) -> None:
    seat(world, "ada", [NORTH])
    assert sees(world, "ada", case_id) == (True, True, True, True)


def test_a_member_sees_nothing_of_another_group_and_a_coordinator_everything(world: World, case_id: UUID) -> None:
    seat(world, "ada", [SOUTH])
    assert sees(world, "ada", case_id) == (False, False, False, False)
    assert sees(world, "cleo", case_id) == (True, True, True, True)


def test_what_waits_for_another_group_takes_nothing_from_a_member(world: World) -> None:
    case_id, other = referred(world), referred(world)
    two_groups(world)
    with world.engine.sessions.act() as connection:
        connection.execute(sa.update(mag_referrals).where(mag_referrals.c.case_id == other).values(mag=SOUTH))
    seat(world, "ada", [NORTH])
    with world.engine.sessions.read() as connection:
        found = relations.of_many(connection, world.actor("ada"), [case_id, other])
    assert (found[case_id].holds_task, found[case_id].mag_open, found[case_id].mag_elsewhere) == (True, True, False)
    assert (found[other].holds_task, found[other].mag_open, found[other].mag_elsewhere) == (False, False, True)


def test_a_member_without_a_seat_sees_nothing_once_seats_are_kept(world: World, case_id: UUID) -> None:
    member = frozenset({"mag_member"})
    assert sees(world, "piet", case_id, roles=member) == (True, True, True, True)
    seat(world, "ada", [NORTH])
    assert sees(world, "piet", case_id, roles=member) == (False, False, False, False)


def test_a_seat_that_was_taken_away_opens_nothing_and_is_kept_in_history(world: World, case_id: UUID) -> None:
    seat(world, "ada", [NORTH, SOUTH])
    seat(world, "ada", [SOUTH])
    assert not sees(world, "ada", case_id)[0]
    seat(world, "ada", [NORTH])
    assert sees(world, "ada", case_id)[0]
    assert [each.mags for each in mag_queue.seats(world.engine, actor=world.actor("cleo")).members] == [{NORTH}]
    assert not world.verified().findings


def test_the_same_seats_again_are_no_news(world: World) -> None:
    two_groups(world)
    seat(world, "ada", [NORTH])
    with world.engine.sessions.read() as connection:
        before = connection.execute(sa.text("SELECT count(*) FROM history")).scalar()
    seat(world, "ada", [NORTH])
    with world.engine.sessions.read() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM history")).scalar() == before


def test_who_says_it_and_of_whom(world: World) -> None:
    two_groups(world)
    with pytest.raises(NotPermitted):
        seat(world, "ada", [NORTH], by="ada")
    with pytest.raises(NotPermitted):
        mag_queue.seats(world.engine, actor=world.actor("ada"))
    with pytest.raises(Invalid, match="Choose groups"):
        seat(world, "ada", ["East"])
    with pytest.raises(Invalid, match="Choose a member"):
        seat(world, "hana", [NORTH])
    seat(world, "ada", [NORTH], by="piet")


def test_seats_and_referrals_follow_a_group_to_its_new_name(world: World, case_id: UUID) -> None:
    seat(world, "ada", [NORTH])
    assert sees(world, "ada", case_id) == (True, True, True, True)
    settings.change(
        world.engine, actor=world.actor("piet"), name="Northcombe", nation="england-and-wales",
        profile={"mags": [{"name": "North and West", "meetings": []}, SOUTH]},
    )  # fmt: skip
    assert sees(world, "ada", case_id) == (True, True, True, True)
    (found,) = (each for each in mag_queue.seats(world.engine, actor=world.actor("cleo")).members if each.mags)
    assert found.mags == {"North and West"}
