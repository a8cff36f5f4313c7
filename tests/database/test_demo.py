"""The demo: a simulated caseload, loaded in one act or not at all, never over what people entered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.bootstrap import sandbox
from engine.casework.profiles import groups
from engine.clock import FakeClock
from engine.commands import deployments, sessions, setup
from engine.demo import SIGN_INS, SignIn, load
from engine.demo.loading import RECENT
from engine.errors import Conflict, Invalid
from engine.process_engine import ProcessEngine
from engine.queries import milestones, supervision, worklist, workload
from engine.queries.sessions import actor_of
from engine.scheduler import tick
from engine.store.tables import changes, keeping, people, record, running
from engine.store.tables.oversight import oversight_notes
from engine.store.tables.types import METADATA
from engine.store.verification import verify
from tests.engine_copies import copy_of, read_all
from tests.worlds import Mailbox, build_world, shipped_models

# A Thursday, so that the last simulated day is a working day.
NOW = datetime(2026, 6, 4, 11, 0, tzinfo=UTC)
CASES, DAYS = 36, 240


def furnish(engine: ProcessEngine, key: str = "demo") -> UUID:
    """Give an engine what the demo needs: an authority, which is returned, and the shipped models."""
    authority_id = setup.create_authority(engine, key=key, name="Demo Council")
    deployments.deploy(engine, authority_id=authority_id, files=shipped_models())
    return authority_id


@cache
def _furnished_once() -> tuple[ProcessEngine, UUID]:
    engine = sandbox(clock=FakeClock(NOW))
    authority_id = furnish(engine)
    read_all(engine)
    return engine, authority_id


def furnished(url: str | None = None) -> tuple[ProcessEngine, UUID]:
    """Give an engine that was furnished once and its authority, in memory or in the empty database at `url`."""
    made, authority_id = _furnished_once()
    return copy_of(made, clock=FakeClock(NOW), url=url), authority_id


def load_some(engine: ProcessEngine, authority_id: UUID, say: Callable[[str], None] = lambda _: None) -> bool:
    """Load a smaller demo."""
    return load(engine, authority_id=authority_id, say=say, cases=CASES, days=DAYS)


@pytest.fixture(scope="module")
def loaded() -> Iterator[ProcessEngine]:
    """Give an engine with the demo loaded; no test of this module changes it."""
    engine, authority_id = furnished()
    said: list[str] = []
    assert load_some(engine, authority_id, said.append)
    assert len(said) > DAYS // 7
    yield engine
    engine.sessions.close()


def rows(engine: ProcessEngine, query: sa.Select[Any]) -> list[Any]:
    with engine.sessions.read() as connection:
        return list(connection.execute(query).all())


def contents(engine: ProcessEngine) -> dict[str, list[Any]]:
    """Return every row of every table."""
    return {table.name: sorted(map(repr, rows(engine, sa.select(table)))) for table in METADATA.sorted_tables}


def test_every_case_is_there_and_nothing_lies_in_the_future(loaded: ProcessEngine) -> None:
    assert len(rows(loaded, sa.select(record.cases).where(record.cases.c.child_id.is_not(None)))) == CASES
    latest = rows(loaded, sa.select(sa.func.max(keeping.history.c.recorded_at)))[0][0]
    assert latest == NOW
    assert rows(loaded, sa.select(sa.func.max(keeping.history.c.effective_on)))[0][0] == NOW.date()


def test_its_history_is_whole_and_anchored(loaded: ProcessEngine) -> None:
    with loaded.sessions.read() as connection:
        found = verify(connection)
    assert found.findings == ()
    assert found.cases == CASES + 1
    assert found.anchor is not None


def test_nothing_failed_on_the_way_and_nobody_is_left_with_a_closed_case(loaded: ProcessEngine) -> None:
    assert rows(loaded, sa.select(running.incidents)) == []
    closed = sa.select(record.cases.c.id).where(record.cases.c.closed_on.is_not(None))
    still = sa.select(running.user_tasks).where(running.user_tasks.c.state == "open")
    assert rows(loaded, still.where(running.user_tasks.c.case_id.in_(closed))) == []


def test_the_cases_are_at_many_stages(loaded: ProcessEngine) -> None:
    still = sa.select(running.user_tasks.c.element_id).where(running.user_tasks.c.state == "open").distinct()
    assert len(rows(loaded, still)) >= 6
    closed = sa.select(record.cases).where(record.cases.c.closed_on.is_not(None), record.cases.c.child_id.is_not(None))
    assert 0 < len(rows(loaded, closed)) < CASES


def test_something_has_just_begun_for_everybody(loaded: ProcessEngine) -> None:
    running_now = sa.select(running.instances.c.process_key).where(running.instances.c.status != "ended").distinct()
    keys = {row.process_key for row in rows(loaded, running_now)}
    assert keys >= {"caf_episode", "stalled_plan", "safeguarding_concern", "consent_withdrawn"}


def test_most_cases_are_of_the_last_months_and_some_are_older(loaded: ProcessEngine) -> None:
    opened = sa.select(record.cases.c.opened_on).where(record.cases.c.child_id.is_not(None))
    ages = [(NOW.date() - row.opened_on).days for row in rows(loaded, opened)]
    assert 0 < sum(age > RECENT for age in ages) <= CASES // 8


def test_something_of_every_kind_is_found(loaded: ProcessEngine) -> None:
    begun = {row.process_key for row in rows(loaded, sa.select(running.instances.c.process_key).distinct())}
    assert begun >= {"merge_cafs", "transfer", "pause", "handover", "family_not_found", "consent_withdrawn"}
    paused = sa.select(changes.case_pauses).where(changes.case_pauses.c.ended_on.is_(None))
    assert rows(loaded, paused)


def test_who_has_cases_has_said_for_how_many_hours(loaded: ProcessEngine) -> None:
    token = sessions.sign_in(loaded, username="carys", password="try-it-out").token
    coordinator = actor_of(loaded, token)
    assert coordinator is not None
    hours = [row.weekly_hours for row in workload.read(loaded, actor=coordinator).rows if row.leads]
    assert None not in hours and len(set(hours)) > 2


def test_managers_have_talked_over_some_of_the_cases_and_their_notes_are_of_those_days(loaded: ProcessEngine) -> None:
    notes = rows(loaded, sa.select(oversight_notes))
    assert len(notes) >= 10 and len({note.written_by for note in notes}) > 1
    assert all(note.discussed_with not in (None, note.written_by) for note in notes)
    assert len({note.discussed_on for note in notes}) > 4
    token = sessions.sign_in(loaded, username="maureen", password="try-it-out").token
    maureen = actor_of(loaded, token)
    assert maureen is not None
    found = supervision.board(loaded, actor=maureen)
    assert found.limit and 0 < sum(row.last_on is not None for row in found.rows) < found.total
    noted = sa.select(keeping.history, keeping.history_payloads.c.body).join(
        keeping.history_payloads, keeping.history_payloads.c.event_id == keeping.history.c.id
    )
    told = rows(loaded, noted.where(keeping.history.c.kind == "oversight_noted"))
    assert len(told) == len(notes)
    assert all(row.recorded_at.date() == row.effective_on for row in told)
    assert all(row.body["discussed"] and "{" not in row.body["discussed"] + row.body["why"] for row in told)


def test_nobody_was_written_to(loaded: ProcessEngine) -> None:
    assert rows(loaded, sa.select(keeping.outbox).where(keeping.outbox.c.state != "sent")) == []


@pytest.mark.parametrize("who", SIGN_INS, ids=lambda who: who.username)
def test_the_sign_ins_that_are_shown_work(loaded: ProcessEngine, who: SignIn) -> None:
    assert sessions.sign_in(loaded, username=who.username, password=who.password).token


def test_who_signs_in_finds_work(loaded: ProcessEngine) -> None:
    token = sessions.sign_in(loaded, username="hana", password="try-it-out").token
    actor = actor_of(loaded, token)
    assert actor is not None
    assert worklist.tasks(loaded, actor=actor).rows


def test_the_service_goes_on_from_there(sqlite_url: str) -> None:
    """The clock of the record, its timers and its sweep take over where the simulation ended."""
    engine, authority_id = furnished(sqlite_url)
    assert load(engine, authority_id=authority_id, cases=6, days=40)
    before = len(rows(engine, sa.select(keeping.history)))
    assert isinstance(engine.clock, FakeClock)
    engine.clock.set(NOW.replace(month=8))
    tick(engine, Mailbox())
    assert len(rows(engine, sa.select(keeping.history))) > before
    with engine.sessions.read() as connection:
        assert verify(connection).findings == ()
    engine.sessions.close()


def test_loading_again_changes_nothing(loaded: ProcessEngine) -> None:
    authority_id = setup.find_authority(loaded)
    assert authority_id is not None
    assert milestones.reached(loaded, "demo_loaded", authority_id=authority_id) == NOW
    before = rows(loaded, sa.select(sa.func.count()).select_from(keeping.history))
    assert load_some(loaded, authority_id) is False
    assert rows(loaded, sa.select(sa.func.count()).select_from(keeping.history)) == before


def test_it_is_loaded_into_either_kind_of_database(database_url: str) -> None:
    engine, authority_id = furnished(database_url)
    try:
        assert load(engine, authority_id=authority_id, cases=4, days=30)
        with engine.sessions.read() as connection:
            found = verify(connection)
        assert (found.findings, found.cases) == ((), 5)
        assert sessions.sign_in(engine, username="carys", password="try-it-out").token
    finally:
        engine.sessions.close()


class Stopped(Exception):
    """The machine goes down."""


def test_a_load_that_is_stopped_leaves_nothing_and_can_be_done_again(sqlite_url: str) -> None:
    engine, authority_id = furnished(sqlite_url)
    before = contents(engine)

    def stop(_line: str) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        load_some(engine, authority_id, stop)
    assert contents(engine) == before
    assert load(engine, authority_id=authority_id, cases=3, days=20)
    assert len(rows(engine, sa.select(record.cases).where(record.cases.c.child_id.is_not(None)))) == 3
    engine.sessions.close()


def test_what_is_entered_while_it_is_loaded_stays_and_the_demo_is_not_loaded() -> None:
    engine, authority_id = furnished()
    somebody = setup.Person(name="Ada Real", job_title="Nurse", agency="Health")
    entered: list[UUID] = []

    def enter(_line: str) -> None:
        if not entered:
            entered.extend(setup.add_people(engine, authority_id=authority_id, new=[somebody]).values())

    with pytest.raises(Conflict):
        load(engine, authority_id=authority_id, say=enter, cases=3, days=20)
    assert [row.id for row in rows(engine, sa.select(people.practitioners))] == entered
    engine.sessions.close()


def test_it_is_never_loaded_over_people_who_are_there() -> None:
    world = build_world(models={})
    before = contents(world.engine)
    assert load(world.engine, authority_id=world.authority_id) is False
    assert contents(world.engine) == before


def test_without_the_diagrams_it_says_what_to_do() -> None:
    engine = sandbox(clock=FakeClock(NOW))
    authority_id = setup.create_authority(engine, key="demo", name="Demo Council")
    with pytest.raises(Invalid, match="caf deploy processes rules"):
        load(engine, authority_id=authority_id)
    engine.sessions.close()


def test_an_authority_keeps_the_profile_that_it_has_and_another_authority_all_of_its_own() -> None:
    engine = sandbox(clock=FakeClock(NOW))
    other = setup.create_authority(engine, key="other", name="Other Council")
    setup.add_people(engine, authority_id=other, new=[setup.Person(name="Ada", job_title="Nurse", agency="Health")])
    authority_id = furnish(engine)
    profile = {"meeting_term": "TAF"}
    setup.set_profile(engine, authority_id=authority_id, profile=profile)
    assert load(engine, authority_id=authority_id, cases=2, days=10)
    kept = {row.id: row.profile for row in rows(engine, sa.select(people.authorities))}
    assert kept == {authority_id: profile, other: {}}
    of_other = people.practitioners.c.authority_id == other
    assert [row.name for row in rows(engine, sa.select(people.practitioners).where(of_other))] == ["Ada"]
    with pytest.raises(Conflict, match="user name"):
        load(engine, authority_id=furnish(engine, "third"), cases=2, days=10)
    engine.sessions.close()


def test_the_groups_have_members_and_days_on_which_they_meet(loaded: ProcessEngine) -> None:
    (profile,) = [row.profile for row in rows(loaded, sa.select(people.authorities.c.profile))]
    found = groups(profile)
    assert len(found) == 2 and all(group.area for group in found)
    for group in found:
        assert all(day.weekday() < 5 and day >= NOW.date() for day in group.meetings)
        assert len(group.meetings) >= 5
    of_groups = people.account_roles.c.role == "mag_member"
    assert len(rows(loaded, sa.select(people.account_roles.c.id).where(of_groups))) >= 3
    table = record.mag_referrals
    booked = rows(loaded, sa.select(table.c.mag, table.c.meeting_on).where(table.c.meeting_on.is_not(None)))
    assert {row.mag for row in booked} <= {group.name for group in found}


def test_an_authority_fresh_from_init_is_given_the_demos_numbers_to_ring() -> None:
    engine, authority_id = furnished()
    setup.set_profile(engine, authority_id=authority_id, profile={"digest_hour": "7"})
    assert load(engine, authority_id=authority_id, cases=2, days=10)
    (profile,) = [row.profile for row in rows(engine, sa.select(people.authorities.c.profile))]
    assert [each["phone"] for each in profile["safeguarding"]] == ["01632 960101", "01632 960102"]
    assert profile["digest_hour"] == "7"
    engine.sessions.close()
