"""Acts on several cases queue on PostgreSQL, whichever cases they begin with: none is chosen as a deadlock's victim."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import case_processes, consents, escalation, practitioners
from engine.store import locking
from engine.store.tables import changes, people, record, running
from tests.episodes import start_and_walk_to
from tests.worlds import World, open_world

pytestmark = pytest.mark.postgres
WAITS = sa.text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
LONGEST = 20
BREATH = threading.Event()


@pytest.fixture
def world(migrated_postgresql_url: str) -> Iterator[World]:
    with open_world(migrated_postgresql_url) as world:
        yield world


def meeting(world: World, held: UUID, then: UUID, act: Callable[[], Any]) -> Any:
    """Lock a case; once `act`, begun meanwhile, waits for it, lock a second one too. Return what `act` gives.

    An act that holds `then` while it waits for `held` is a deadlock here.
    """
    with ThreadPoolExecutor(1) as pool:
        with world.engine.sessions.act() as connection:
            locking.case(connection, held)
            running = pool.submit(act)
            wait_for(lambda: running.done() or world.rows(WAITS)[0][0] > 0)
            assert not running.done(), "it did not need the first case"
            locking.case(connection, then)
        return running.result(LONGEST)


def wait_for(there: Callable[[], bool]) -> None:
    for _ in range(LONGEST * 100):
        if there():
            return
        BREATH.wait(0.01)
    raise AssertionError("nothing came to wait")


def two_cases(world: World) -> tuple[UUID, UUID]:
    """Return the smaller and the greater id of two cases of one child."""
    first, second = sorted(start_and_walk_to(world, "arrange_tac_meeting") for _ in range(2))
    return first, second


def test_a_merge_decided_on_the_later_case_waits_for_the_earlier_with_empty_hands(world: World) -> None:
    small, great = two_cases(world)
    cleo, idris = world.actor("cleo"), str(world.ids["idris"])
    other = {"other_case": str(small), "why": "Two began one each"}
    case_processes.start(world.engine, actor=cleo, case_id=great, process_key="merge_cafs", answers=other)
    world.do("ask_family", "hana", case_id=great, merge_agreed="yes", family_view="Yes")

    def decide() -> Any:
        return world.do("decide_merge", "cleo", case_id=great, continues="this", merged_lead=idris)

    meeting(world, small, great, decide)
    assert world.case(small).closure_reason == "merged"
    assert len(world.rows(sa.select(changes.case_links))) == 1
    assert not world.incidents() and not world.verified().findings


def test_a_harm_check_that_names_the_whole_family_too_and_one_answer_for_it(world: World) -> None:
    small, great = two_cases(world)
    family = sa.select(record.children.c.family_id).join(record.cases).where(record.cases.c.id == great)
    brother = sa.select(record.cases.c.child_id).where(record.cases.c.id == small)
    same = sa.update(record.children).values(family_id=family.scalar_subquery())
    world.write(same.where(record.children.c.id == brother.scalar_subquery()))
    consents.withdraw(world.engine, actor=world.actor("hana"), case_id=great, why="Mother, by telephone")

    def check() -> Any:
        found = {"finding": "concern", "note": "Both of them", "also_about": ["family"]}
        return world.do("check_for_harm", "morgan", case_id=great, **found)

    meeting(world, small, great, check)
    assert [len(world.history(each, "concern_raised")) for each in (small, great)] == [1, 1]
    theirs = world.task("acknowledge_concern", small)

    def answer() -> Any:
        said = {"acknowledged_on": world.today.isoformat(), "accepted": "no", "note": "Not for either of them"}
        return world.do("acknowledge_concern", "ada", case_id=great, **said, same_answer=[str(theirs.id)])

    meeting(world, small, great, answer)
    assert [len(world.history(each, "concern_acknowledged")) for each in (small, great)] == [1, 1]
    assert not world.incidents() and not world.verified().findings


def test_a_merge_proposed_on_the_later_case_too(world: World) -> None:
    small, great = two_cases(world)
    answers = {"other_case": str(small), "why": "Two began one each"}

    def propose() -> Any:
        return case_processes.start(
            world.engine, actor=world.actor("cleo"), case_id=great, process_key="merge_cafs", answers=answers
        )

    meeting(world, small, great, propose)
    assert len(world.history(great, "merge_proposed")) == 1


def test_a_leaving_locks_the_cases_of_whom_the_leaver_covers_among_their_own(world: World) -> None:
    small, great = two_cases(world)
    lead = record.lead_professionals
    world.write(
        sa.update(lead).where(lead.c.case_id == small).values(practitioner_id=world.ids["idris"]),
        sa.insert(people.absences).values(
            id=world.engine.ids.new(), authority_id=world.authority_id, practitioner_id=world.ids["idris"],
            covered_by=world.ids["hana"], reason="unplanned", from_on=world.today, begun_on=world.today,
        ),
        sa.update(record.case_members).where(record.case_members.c.case_id == small).values(to_on=world.today),
        sa.update(running.user_tasks)
        .where(running.user_tasks.c.case_id == small)
        .values(assignee_id=world.ids["idris"]),
    )  # fmt: skip
    world.clock.advance(timedelta(days=1))

    def leave() -> Any:
        return practitioners.record_leaving(
            world.engine, actor=world.actor("morgan"), practitioner_id=world.ids["hana"],
            last_day=world.today - timedelta(days=1),
        )  # fmt: skip

    assert meeting(world, small, great, leave).over
    assert len(world.history(small, "lead_uncovered")) == 1


def test_a_sweep_locks_the_plans_that_changed_among_the_others(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "caf.guard")
    small, great = two_cases(world)
    world.tick()
    spoil = sa.update(record.cases).where(record.cases.c.id == great)
    world.write(spoil.values(checked_version=-1), sa.update(record.cases).values(judge_on=None))

    def sweep() -> Any:
        return escalation.check_nightly(world.engine)

    assert meeting(world, small, great, sweep).failed == 0
    assert not caplog.messages, "it was in the way, and tried again"
    assert all(world.case(each).judge_on is not None for each in (small, great))
