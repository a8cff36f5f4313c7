"""The due table: who may fire a timer that is due, and that nobody else does."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import incidents, timers
from engine.guard import attempt
from engine.store import due, locking
from engine.store.tables.running import timer_leases
from tests.small_models import LETTERS
from tests.worlds import World, open_world

DAY = timedelta(days=1)


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url, models={"letters.bpmn": LETTERS}) as world:
        yield world


def armed(world: World) -> UUID:
    """Open a case on which a timer waits for a day; return the case's id."""
    case_id = world.start_case(process_key="letters")
    world.do("appoint", "hana", case_id=case_id, lead_professional=str(world.ids["hana"]))
    return case_id


def claim(world: World, *, limit: int = 100) -> tuple[UUID, list[UUID]]:
    """Claim what is due; return the claim's id and the ids of the timers."""
    claim_id = world.engine.ids.new()
    with world.engine.sessions.act() as connection:
        return claim_id, due.claim(connection, claim_id, now=world.clock.now(), limit=limit)


def may_fire(world: World, timer_id: UUID, claim_id: UUID) -> bool:
    with world.engine.sessions.act() as connection:
        return locking.timer(connection, timer_id, claim_id=claim_id) is not None


def leased(world: World) -> set[UUID]:
    return {row.timer_id for row in world.rows(sa.select(timer_leases.c.timer_id))}


def timer_of(world: World, case_id: UUID) -> UUID:
    return UUID(str(world.timers(case_id)[0].id))


def test_the_earliest_are_claimed_first_and_each_by_one_claim_only(world: World) -> None:
    cases = []
    for _ in range(3):
        cases.append(armed(world))
        world.clock.advance(timedelta(hours=1))
    first, second, third = (timer_of(world, case_id) for case_id in cases)
    world.clock.advance(DAY)
    _, claimed = claim(world, limit=2)
    assert claimed == [first, second]
    assert claim(world)[1] == [third]
    assert claim(world)[1] == []


def test_what_was_put_off_is_claimed_when_its_next_try_has_come(world: World) -> None:
    case_id = armed(world)
    timer_id = timer_of(world, case_id)
    world.clock.advance(2 * DAY)
    claim_id, _ = claim(world)
    with world.engine.sessions.act() as connection:
        kept = due.put_off(connection, timer_id, claim_id, now=world.clock.now())
    assert (kept.case_id, kept.tries) == (case_id, 1)
    assert claim(world)[1] == []
    world.clock.advance(timedelta(seconds=31))
    assert claim(world)[1] == [timer_id]


def test_a_lease_ends_with_the_firing(world: World) -> None:
    case_id = armed(world)
    world.clock.advance(2 * DAY)
    assert timers.fire_due(world.engine).fired == 1
    assert leased(world) == set()
    assert len(world.history(case_id, "timer_fired")) == 1


def test_whose_lease_ran_out_can_neither_fire_the_timer_nor_give_it_back(world: World) -> None:
    timer_id = timer_of(world, armed(world))
    world.clock.advance(2 * DAY)
    slow, _ = claim(world)
    world.clock.advance(due.LEASE)
    assert may_fire(world, timer_id, slow), "nobody else has claimed it yet"
    quick, claimed = claim(world)
    assert claimed == [timer_id]
    assert not may_fire(world, timer_id, slow)
    with world.engine.sessions.act() as connection:
        assert due.put_off(connection, timer_id, slow, now=world.clock.now()) is None
        assert due.release(connection, timer_id, slow) == 0
        due.give_up(connection, timer_id, slow, now=world.clock.now())
    assert may_fire(world, timer_id, quick)
    assert claim(world)[1] == []


def test_a_timer_that_is_moved_while_it_is_claimed_does_not_fire_until_then(world: World) -> None:
    timer_id = timer_of(world, armed(world))
    world.clock.advance(2 * DAY)
    claim_id, _ = claim(world)
    with world.engine.sessions.act() as connection:
        due.move(connection, timer_id, due_at=world.clock.now() + DAY)
    assert not may_fire(world, timer_id, claim_id)
    assert claim(world)[1] == []
    world.clock.advance(DAY)
    assert claim(world)[1] == [timer_id]


def test_a_timer_cancelled_after_it_was_claimed_does_not_fire_and_leaves_no_lease(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does one whose holder died, and that was cancelled before anybody claimed it anew."""
    cases = [armed(world), armed(world)]
    world.clock.advance(2 * DAY)
    claim(world, limit=1)
    world.do("visit", "hana", case_id=cases[0])
    world.clock.advance(due.LEASE)

    def completed_meanwhile(*given: Any) -> Any:
        world.do("visit", "hana", case_id=cases[1])
        return attempt(*given)

    monkeypatch.setattr(timers, "attempt", completed_meanwhile)
    done = timers.fire_due(world.engine)
    assert (done.fired, done.failed) == (0, 0)
    assert [world.history(case_id, "timer_fired") for case_id in cases] == [[], []]
    assert leased(world) == set()


def test_an_incident_that_is_tried_again_lets_its_timer_fire_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = armed(world)
    world.clock.advance(2 * DAY)
    with monkeypatch.context() as broken:
        broken.setattr(timers, "advance", _fail)
        assert timers.fire_due(world.engine).failed == 1
    assert timers.fire_due(world.engine).fired == 0
    (incident,) = world.incidents(case_id)
    incidents.retry(world.engine, actor=world.actor("cleo"), incident_id=incident.id)
    assert timers.fire_due(world.engine).fired == 1


def _fail(*_given: Any) -> None:
    raise KeyError("Sam Whitlock")


@pytest.mark.postgres
def test_two_claims_at_once_share_what_is_due(migrated_postgresql_url: str) -> None:
    with open_world(migrated_postgresql_url, models={"letters.bpmn": LETTERS}) as world:
        first, second = sorted(timer_of(world, armed(world)) for _ in range(2))
        world.clock.advance(2 * DAY)
        with world.engine.sessions.act() as connection:
            assert due.claim(connection, world.engine.ids.new(), now=world.clock.now(), limit=1) == [first]
            with ThreadPoolExecutor(1) as pool:
                assert pool.submit(claim, world).result(timeout=20)[1] == [second]


def test_a_claim_reads_its_index_and_no_row_of_the_timers_on_sqlite(tmp_path: Path) -> None:
    with open_world(f"sqlite:///{tmp_path / 'caf.db'}", models={"letters.bpmn": LETTERS}) as world:
        asked: list[tuple[str, Any]] = []
        listen = sa.event.listens_for(world.engine.sessions.engine, "before_cursor_execute")
        listen(lambda _c, _cursor, text, values, _context, _many: asked.append((text, values)))
        claim(world)
        (text, values) = next(each for each in asked if each[0].startswith("INSERT INTO timer_leases"))
        with world.engine.sessions.read() as connection:
            plan = [str(row) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)]
    assert "SEARCH timers USING COVERING INDEX ix_timers_waiting (due_at<?)" in plan[0]
    assert not any("TEMP B-TREE" in line for line in plan), "they come in order"
