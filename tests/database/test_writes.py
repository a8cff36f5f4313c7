"""Writes that PostgreSQL answers later keep every promise that those answered at once keep."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import psycopg
import pytest
import sqlalchemy as sa

from engine.errors import Conflict, Unavailable
from engine.store.session import Sessions, open_sessions
from engine.store.sets import few
from engine.store.tables.types import instant, words
from engine.store.writes import Change, Insertion, Question

NOTES = sa.Table(
    "notes",
    sa.MetaData(),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("number", sa.Integer, unique=True),
    sa.Column("body", sa.JSON, nullable=False),
    words("why"),
    instant("at"),
)
INSERT = Insertion(NOTES)
RENUMBER = Change(
    sa.update(NOTES)
    .where(NOTES.c.id == sa.bindparam("id_"), NOTES.c.number == sa.bindparam("was"))
    .values(number=sa.bindparam("now_"), why="renumbered")
)
AMONG = Question(
    sa.select(NOTES.c.number)
    .where(few(NOTES.c.id, "wanted"), sa.or_(few(NOTES.c.why, "why_"), NOTES.c.why == "never"))
    .order_by(NOTES.c.number)
)
AT = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)
MOVED = Conflict("Moved")


@pytest.fixture
def sessions(database_url: str) -> Iterator[Sessions]:
    opened = open_sessions(database_url)
    NOTES.metadata.create_all(opened.engine)
    yield opened
    opened.close()


def note(number: int, id_: UUID | None = None) -> dict[str, object]:
    return {"id": id_ or uuid4(), "number": number, "body": {"said": ["é", 1, None]}, "at": AT}


def kept(sessions: Sessions) -> list[int]:
    with sessions.read() as connection:
        return list(connection.execute(sa.select(NOTES.c.number).order_by(NOTES.c.number)).scalars())


def test_what_is_written_is_read_back_with_every_type_and_default(sessions: Sessions) -> None:
    given = note(1)
    with sessions.act() as connection:
        INSERT.each(connection, [given])
    with sessions.read() as connection:
        assert dict(connection.execute(sa.select(NOTES)).one()._mapping) == {**given, "why": ""}


def test_a_read_in_the_act_sees_what_was_written_before_it(sessions: Sessions) -> None:
    with sessions.act() as connection:
        INSERT.each(connection, [note(1), note(2)])
        assert connection.execute(sa.select(sa.func.count()).select_from(NOTES)).scalar() == 2
        INSERT.each(connection, [note(3)])
        assert connection.execute(sa.delete(NOTES).where(NOTES.c.number > 1)).rowcount == 2
    assert kept(sessions) == [1]


def test_a_ready_made_question_asks_for_one_of_a_few_and_sees_what_its_act_wrote(sessions: Sessions) -> None:
    first, second = uuid4(), uuid4()
    for listed, found in (([], None), ([uuid4()], None), ([second], (2,)), ([uuid4(), first, second], (1,))):
        with sessions.act() as connection:
            connection.execute(sa.delete(NOTES))
            INSERT.each(connection, [note(1, first), note(2, second)])
            assert AMONG.first(connection, {"wanted": listed, "why_": ["", "renumbered"]}) == found
            assert AMONG.first(connection, {"wanted": listed, "why_": ["renumber"]}) is None


def test_a_change_that_finds_its_row(sessions: Sessions) -> None:
    first, second = uuid4(), uuid4()
    with sessions.act() as connection:
        INSERT.each(connection, [note(1, first), note(2, second)])
        rows = [{"id_": first, "was": 1, "now_": 10}, {"id_": second, "was": 2, "now_": 20}]
        RENUMBER.each(connection, rows, otherwise=MOVED)
    assert kept(sessions) == [10, 20]


@pytest.mark.parametrize("reads_after", [False, True])
def test_a_change_that_misses_its_row_undoes_the_whole_act(sessions: Sessions, *, reads_after: bool) -> None:
    first = uuid4()
    with sessions.act() as connection:
        INSERT.each(connection, [note(1, first)])
    with pytest.raises(Conflict, match="Moved"), sessions.act() as connection:
        INSERT.each(connection, [note(2)])
        rows = [{"id_": first, "was": 1, "now_": 10}, {"id_": uuid4(), "was": 1, "now_": 11}]
        RENUMBER.each(connection, rows, otherwise=MOVED)
        INSERT.each(connection, [note(3)])
        if reads_after:
            connection.execute(sa.select(NOTES.c.id)).all()
    assert kept(sessions) == [1]


def test_a_change_without_an_error_may_miss(sessions: Sessions) -> None:
    with sessions.act() as connection:
        RENUMBER.each(connection, [{"id_": uuid4(), "was": 1, "now_": 10}])
        RENUMBER.each(connection, [])
        INSERT.each(connection, [])
    assert kept(sessions) == []


@pytest.mark.parametrize("reads_after", [False, True])
def test_a_rule_of_the_record_broken_by_a_write_is_a_conflict(sessions: Sessions, *, reads_after: bool) -> None:
    with sessions.act() as connection:
        INSERT.each(connection, [note(1)])
    with pytest.raises(Conflict, match="Somebody else changed this first"), sessions.act() as connection:
        INSERT.each(connection, [note(2)])
        INSERT.each(connection, [note(1)])
        INSERT.each(connection, [note(3)])
        if reads_after:
            connection.execute(sa.select(NOTES.c.id)).all()
    assert kept(sessions) == [1]


@pytest.mark.postgres
def test_an_act_that_fails_on_its_own_keeps_nothing_and_says_its_own_error(
    postgresql_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    sessions = open_sessions(postgresql_url)
    NOTES.metadata.create_all(sessions.engine)
    with pytest.raises(LookupError, match="own"), sessions.act() as connection:
        INSERT.each(connection, [note(1)])
        INSERT.each(connection, [note(1)])  # would be refused, but nobody asks any more
        raise LookupError("own")
    assert not caplog.records, "what the database would have said may hold what people entered"
    with sessions.act() as connection:
        INSERT.each(connection, [note(4)])
    assert kept(sessions) == [4]
    sessions.close()


def test_a_column_that_is_worked_out_has_to_be_given() -> None:
    table = sa.Table("t", sa.MetaData(), sa.Column("id", sa.Integer), sa.Column("x", sa.Text, default=lambda: "y"))
    with sa.create_engine("sqlite://").connect() as connection, pytest.raises(TypeError, match="worked out"):
        Insertion(table).each(connection, [{"id": 1}])


@pytest.mark.postgres
def test_a_link_cut_before_the_commit_is_said(postgresql_url: str) -> None:
    sessions = open_sessions(postgresql_url)
    NOTES.metadata.create_all(sessions.engine)
    try:
        with pytest.raises(Unavailable), sessions.act() as connection:
            INSERT.each(connection, [note(1)])
            me = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            with psycopg.connect(postgresql_url.replace("+psycopg", ""), autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s)", [me])
            INSERT.each(connection, [note(2)])
        assert kept(sessions) == []
    finally:
        sessions.close()


@pytest.mark.postgres
def test_an_act_waits_for_its_answers_three_times_as_a_bare_row_does(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = open_sessions(postgresql_url)
    NOTES.metadata.create_all(sessions.engine)
    synced: list[psycopg.Pipeline] = []
    original = psycopg.Pipeline.sync

    def sync(self: psycopg.Pipeline) -> None:
        synced.append(self)
        original(self)

    monkeypatch.setattr(psycopg.Pipeline, "sync", sync)
    with sessions.act() as connection:
        connection.execute(sa.select(NOTES.c.id)).all()
        for number in range(6):
            INSERT.each(connection, [note(number)])
    sessions.close()
    assert len(synced) == 2, "the question with BEGIN, and the writes together; COMMIT is the third"
