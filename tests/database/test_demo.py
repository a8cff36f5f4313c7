"""The demo: a caseload played through the real engine, loaded once, never over what people entered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.bootstrap import build_engine, prepare_database, sandbox
from engine.clock import FakeClock
from engine.commands import cases, deployments, sessions, setup
from engine.demo.loading import SIGN_INS, load
from engine.demo.stories import STORIES
from engine.process_engine import ProcessEngine
from engine.queries import demo as demo_queries
from engine.settings import Settings
from engine.store.tables import keeping, people, record, running
from engine.store.verification import verify
from tests.worlds import build_world, shipped_models

# A Thursday, so that the last played day is a working day.
NOW = datetime(2026, 6, 4, 11, 0, tzinfo=UTC)


def furnish(engine: ProcessEngine) -> UUID:
    """Give an engine what the demo needs: an authority, which is returned, and the shipped models."""
    authority_id = setup.create_authority(engine, key="demo", name="Demo Council")
    deployments.deploy(engine, authority_id=authority_id, files=shipped_models())
    return authority_id


@pytest.fixture(scope="module")
def engine() -> Iterator[ProcessEngine]:
    """Give an engine with the demo loaded; no test of this module changes it."""
    engine = sandbox(clock=FakeClock(NOW))
    authority_id = furnish(engine)
    said: list[str] = []
    assert load(engine, authority_id=authority_id, say=said.append)
    assert said
    yield engine
    engine.sessions.close()


def rows(engine: ProcessEngine, query: sa.Select[tuple[object, ...]]) -> list[sa.Row[tuple[object, ...]]]:
    with engine.sessions.read() as connection:
        return list(connection.execute(query).all())


def real_cases(engine: ProcessEngine) -> list[sa.Row[tuple[object, ...]]]:
    return rows(engine, sa.select(record.cases).where(record.cases.c.child_id.is_not(None)))


def test_every_story_has_its_case_and_nothing_lies_in_the_future(engine: ProcessEngine) -> None:
    assert len(real_cases(engine)) == len(STORIES)
    latest = rows(engine, sa.select(sa.func.max(keeping.history.c.recorded_at)))[0][0]
    assert latest <= NOW


def test_its_history_is_whole(engine: ProcessEngine) -> None:
    with engine.sessions.read() as connection:
        found = verify(connection)
    assert found.findings == ()
    assert found.cases == len(STORIES) + 1
    assert found.anchor is not None


def test_the_stories_have_gone_as_they_were_told(engine: ProcessEngine) -> None:
    reasons = Counter(row.closure_reason for row in real_cases(engine))
    assert reasons == Counter({"": len(STORIES) - 2, "needs_met": 1, "consent_refused": 1})
    open_now = {row.element_id for row in rows(engine, sa.select(running.user_tasks).where(_open()))}
    assert open_now >= {story.stops_at for story in STORIES if story.stops_at}


def _open() -> sa.ColumnElement[bool]:
    return running.user_tasks.c.state == "open"


def test_nothing_failed_on_the_way_and_nobody_is_left_with_a_closed_case(engine: ProcessEngine) -> None:
    assert rows(engine, sa.select(running.incidents)) == []
    closed = sa.select(record.cases.c.id).where(record.cases.c.closed_on.is_not(None))
    assert rows(engine, sa.select(running.user_tasks).where(_open(), running.user_tasks.c.case_id.in_(closed))) == []


def test_some_plans_are_late_and_some_are_not(engine: ProcessEngine) -> None:
    late = {row.case_id for row in rows(engine, sa.select(record.escalations.c.case_id, record.escalations.c.ended_on))
            if row.ended_on is None}  # fmt: skip
    assert 2 <= len(late) < len(STORIES)


def test_nobody_was_written_to(engine: ProcessEngine) -> None:
    waiting = sa.select(sa.func.count()).select_from(keeping.outbox).where(keeping.outbox.c.state != "sent")
    assert rows(engine, waiting)[0][0] == 0


@pytest.mark.parametrize("who", [SIGN_INS[0], SIGN_INS[-1]], ids=lambda who: who.username)
def test_the_sign_ins_that_are_shown_work(engine: ProcessEngine, who: object) -> None:
    sign_in = who if hasattr(who, "username") else SIGN_INS[0]
    assert sessions.sign_in(engine, username=sign_in.username, password=sign_in.password).token


def test_loading_again_changes_nothing(engine: ProcessEngine) -> None:
    authority_id = setup.find_authority(engine)
    assert authority_id is not None
    before = rows(engine, sa.select(sa.func.count()).select_from(keeping.history))
    assert load(engine, authority_id=authority_id) is False
    assert rows(engine, sa.select(sa.func.count()).select_from(keeping.history)) == before


def test_it_is_never_loaded_over_people_who_are_there() -> None:
    world = build_world(models={})
    before = world.rows(sa.select(people.practitioners.c.id))
    assert load(world.engine, authority_id=world.authority_id) is False
    assert world.rows(sa.select(people.practitioners.c.id)) == before


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Give the settings of a database on disk on which the demo can be loaded."""
    made = Settings(database_url=f"sqlite:///{tmp_path / 'caf.db'}", variable_folder=tmp_path, secret_key="x" * 32)
    prepare_database(made)
    with opened(made) as engine:
        furnish(engine)
    return made


@contextmanager
def opened(settings: Settings) -> Iterator[ProcessEngine]:
    engine = build_engine(settings, clock=FakeClock(NOW), durable=False)
    try:
        yield engine
    finally:
        engine.sessions.close()


def load_until(settings: Settings, *, acts: int) -> None:
    """Load the demo until it has committed `acts` times, as if the process ended before the next."""
    done = Counter[str]()

    def end_there(connection: sa.Connection) -> None:
        done["acts"] += bool(connection.get_execution_options().get("caf_write"))
        if done["acts"] > acts:
            raise Killed

    with opened(settings) as engine:
        sa.event.listen(engine.sessions.engine, "commit", end_there)
        with pytest.raises(Killed):
            load_demo(engine)


def load_demo(engine: ProcessEngine) -> bool:
    authority_id = setup.find_authority(engine)
    assert authority_id is not None
    return load(engine, authority_id=authority_id)


def told(engine: ProcessEngine) -> Counter[str]:
    """Count the events of each kind; the profile may be set once more where the load was stopped just after it."""
    kinds = sa.select(keeping.history.c.kind).where(keeping.history.c.kind != "profile_changed")
    return Counter(row.kind for row in rows(engine, kinds))


def test_a_load_that_was_stopped_is_finished_by_the_next(engine: ProcessEngine, settings: Settings) -> None:
    for acts in (0, 1, 2, 60, 61, 250):
        load_until(settings, acts=acts)
    with opened(settings) as finished:
        assert load_demo(finished)
        assert told(finished) == told(engine)
        assert load_demo(finished) is False
        with finished.sessions.read() as connection:
            assert verify(connection).findings == ()


def test_it_is_not_played_over_a_case_that_somebody_has_entered_since(settings: Settings) -> None:
    load_until(settings, acts=60)
    with opened(settings) as engine:
        authority_id = setup.find_authority(engine)
        assert authority_id is not None
        hana = next(who for who in demo_queries.actors(engine, authority_id).values() if who.name == "Hana Vesely")
        child = cases.Child(given_name="Sam", family_name="Whitlock", born_on=date(2018, 3, 2))
        cases.start(engine, actor=hana, child=child)
        before = told(engine)
        assert load_demo(engine) is False
        assert told(engine) == before
