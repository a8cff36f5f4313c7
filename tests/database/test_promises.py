"""A database that would lose or mix up what people enter is refused when it is opened."""

from __future__ import annotations

import errno
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Event

import pytest
import sqlalchemy as sa

from engine.errors import Conflict, Invalid, NotFound, Unavailable
from engine.store import flushes, session
from engine.store.session import Sessions, open_sessions
from tests.postgres_cluster import PostgresCluster, database_name


def test_sqlite_keeps_its_promises_on_every_connection(sqlite_url: str) -> None:
    sessions = open_sessions(sqlite_url)
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}
    with sessions.read() as first, sessions.read() as second:
        for connection in (first, second):
            assert {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted} == wanted
    sessions.close()


@pytest.mark.parametrize(
    ("spoiled", "found"),
    [
        ("synchronous=NORMAL", "synchronous=1"),
        ("foreign_keys=OFF", "foreign_keys=0"),
        ("journal_mode=DELETE", "journal_mode=delete"),
    ],
)
def test_sqlite_is_refused_when_a_promise_does_not_hold(
    sqlite_url: str, spoiled: str, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = session._check

    def check_after_spoiling(sessions: Sessions, *, durable: bool) -> None:
        @sa.event.listens_for(sessions.engine, "connect")
        def spoil(connection: object, _record: object) -> None:
            connection.execute(f"PRAGMA {spoiled}")  # type: ignore[attr-defined]

        try:
            original(sessions, durable=durable)
        finally:
            sessions.close()

    monkeypatch.setattr(session, "_check", check_after_spoiling)
    with pytest.raises(Invalid, match=found):
        open_sessions(sqlite_url)


@pytest.mark.postgres
def test_postgresql_that_may_forget_commits_is_refused(postgres: PostgresCluster, postgresql_url: str) -> None:
    name = database_name(postgresql_url)
    postgres.admin.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')  # type: ignore[arg-type]
    with pytest.raises(Invalid, match="synchronous_commit"):
        open_sessions(postgresql_url)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://root@localhost/caf", "SQLite or PostgreSQL"),
        ("not an address", "cannot be read"),
        ("sqlite:////proc/no/such/folder/caf.db", "folder cannot be made"),
        ("postgresql://nobody@127.0.0.1:1/caf", "cannot be opened"),
    ],
)
def test_an_address_that_cannot_be_used_is_said_in_words(url: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        open_sessions(url)


def test_a_file_that_is_not_a_database_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "caf.db").write_bytes(b"Dear diary, this is not a database at all. " * 200)
    with pytest.raises(Invalid, match="cannot be opened"):
        open_sessions(f"sqlite:///{tmp_path / 'caf.db'}")


def test_an_act_inside_an_act_is_a_mistake_of_the_program(database_url: str) -> None:
    sessions = open_sessions(database_url)
    with sessions.act(), pytest.raises(RuntimeError, match="one act"), sessions.act():
        pass
    with sessions.act() as connection:
        assert connection.execute(sa.select(1)).scalar() == 1
    sessions.close()


def table() -> sa.Table:
    return sa.Table("numbers", sa.MetaData(), sa.Column("n", sa.Integer, primary_key=True))


def test_an_act_on_sqlite_ends_when_the_disk_has_it_and_lets_the_next_one_on_before(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions, numbers = open_sessions(sqlite_url), table()
    with sessions.act() as connection:
        numbers.create(connection)
    on_its_way, reached, flush = Event(), Event(), flushes._flush

    def slowly(file: int) -> None:
        on_its_way.set()
        assert reached.wait(20)
        flush(file)

    def write(n: int) -> None:
        with sessions.act() as connection:
            connection.execute(sa.insert(numbers).values(n=n))

    monkeypatch.setattr(flushes, "_flush", slowly)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(write, 1)
        assert on_its_way.wait(20)
        monkeypatch.setattr(flushes, "_flush", flush)
        write(2)
        assert not first.done()
        reached.set()
        first.result()
    with sessions.read() as connection:
        assert connection.execute(sa.select(numbers.c.n).order_by(numbers.c.n)).scalars().all() == [1, 2]
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    sessions.close()


def test_nobody_is_told_that_an_act_is_kept_when_the_disk_fails(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions, numbers = open_sessions(sqlite_url), table()

    def fails(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(flushes, "_flush", fails)
    with pytest.raises(Unavailable), sessions.act() as connection:
        numbers.create(connection)
    sessions.close()


def test_an_act_that_fails_leaves_nothing(database_url: str) -> None:
    sessions, numbers = open_sessions(database_url), table()
    with sessions.act() as connection:
        numbers.create(connection)
    with pytest.raises(KeyError), sessions.act() as connection:
        connection.execute(sa.insert(numbers).values(n=1))
        raise KeyError
    with sessions.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(numbers)).scalar() == 0
    sessions.close()


def test_what_is_written_while_reading_is_not_kept(database_url: str) -> None:
    sessions, numbers = open_sessions(database_url), table()
    with sessions.act() as connection:
        numbers.create(connection)
    with suppress(Unavailable), sessions.read() as connection:  # PostgreSQL refuses it outright
        connection.execute(sa.insert(numbers).values(n=1))
    with sessions.read() as connection:
        assert connection.execute(sa.select(numbers)).all() == []
    sessions.close()


def test_rows_are_streamed_in_a_read_that_still_keeps_nothing(database_url: str) -> None:
    sessions, numbers = open_sessions(database_url), table()
    with sessions.act() as connection:
        numbers.create(connection)
        connection.execute(sa.insert(numbers), [{"n": n} for n in range(5)])
    with suppress(Unavailable), sessions.read() as connection:
        streamed = connection.execution_options(yield_per=2).execute(sa.select(numbers.c.n).order_by(numbers.c.n))
        assert streamed.scalars().all() == [0, 1, 2, 3, 4]
        connection.execute(sa.insert(numbers).values(n=5))
    with sessions.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(numbers)).scalar() == 5
    sessions.close()


def test_what_fails_only_at_commit_is_refused_whole(postgresql_url: str) -> None:
    sessions, numbers = open_sessions(postgresql_url), sa.Table("numbers", sa.MetaData(), sa.Column("n", sa.Integer))
    numbers.append_constraint(sa.UniqueConstraint("n", deferrable=True, initially="DEFERRED"))
    with sessions.act() as connection:
        numbers.create(connection)
    with pytest.raises(Conflict, match="Somebody else changed this first"), sessions.act() as connection:
        connection.execute(sa.insert(numbers), [{"n": n} for n in (1, 2, 1)])
    with sessions.act() as connection:
        connection.execute(sa.insert(numbers).values(n=3))
    with sessions.read() as connection:
        assert connection.execute(sa.select(numbers.c.n)).scalars().all() == [3]
    sessions.close()


def test_what_postgresql_has_prepared_outlives_a_read(postgresql_url: str) -> None:
    """A read that ended with a rollback would have every statement planned anew in the next."""
    sessions, question = open_sessions(postgresql_url), sa.text("SELECT statement FROM pg_prepared_statements")
    for _ in range(8):
        with suppress(NotFound), sessions.read() as connection:
            found = connection.execute(question).scalars().all()
            raise NotFound("There is nothing here")
    assert any("pg_prepared_statements" in statement for statement in found)
    sessions.close()


def test_refusals_come_in_the_engines_words(database_url: str) -> None:
    sessions, numbers = open_sessions(database_url), table()
    with sessions.act() as connection:
        numbers.create(connection)
        connection.execute(sa.insert(numbers).values(n=1))
    with pytest.raises(Conflict, match="Somebody else changed this first"), sessions.act() as connection:
        connection.execute(sa.insert(numbers).values(n=1))
    with pytest.raises(Unavailable) as caught, sessions.act() as connection:
        connection.execute(sa.text("SELECT * FROM no_such_table"))
    assert "no_such_table" not in str(caught.value)
    sessions.close()


def test_read_then_write_loses_no_update(database_url: str) -> None:
    """Four threads add one to a number a hundred times each: the fault that lost 646 of 1,000 by default."""
    sessions, numbers = open_sessions(database_url), table()
    with sessions.act() as connection:
        numbers.create(connection)
        connection.execute(sa.insert(numbers).values(n=0))

    def add(_: int) -> None:
        for _ in range(100):
            with sessions.act() as connection:
                number = connection.execute(sa.select(numbers.c.n).with_for_update()).scalar_one()
                connection.execute(sa.update(numbers).values(n=number + 1))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(4)))
    with sessions.read() as connection:
        assert connection.execute(sa.select(numbers.c.n)).scalar() == 400
    sessions.close()
