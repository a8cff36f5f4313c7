"""Open databases and carry acts: the only place that commits.

An act is `with sessions.act() as connection:`; it commits when the block ends well and rolls back
otherwise. A read is `with sessions.read() as connection:`.
"""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, StatementError

from engine.errors import Conflict, EngineError, Invalid, Unavailable
from engine.store import turns
from engine.store.flushes import flushed_after, keep_name
from engine.store.json import dumps_text, loads
from engine.store.pipelines import connect, insert_unanswered, pipelined, say
from engine.store.statements import compile_once
from engine.store.turns import BUSY, WriteQueue
from engine.store.uuids import read_quickly
from engine.store.writes import PENDING, Pending

BUSY_SECONDS = 5
PAGE_CACHE_KIB = 16 * 1024
"""For each connection, of which a process may have 32: SQLite's own 2 MB is too little for a large inbox."""

PAGE_COST = "1.1"
"""What PostgreSQL is told that a page out of order costs, beside one in order. Its own 4 is a spinning disk's: to find
a manager's 2,500 cases it would read all 250,000 that there are."""

_READS_ONLY = {"default_transaction_read_only": "on"}
"""PostgreSQL refuses every write that does not stand in a transaction begun for writing."""

STATEMENTS_KEPT = 800
"""How many statements a connection to SQLite keeps ready: all that there are. The driver's own 128 are fewer than a
day's work needs, and each that is not kept is read and planned anew: an eighth of the time of a simulated year."""


class Sessions:
    """The database of one engine, with the rules under which it may be used."""

    def __init__(self, engine: sa.Engine, *, write_queue: WriteQueue | None, log: Path | None = None) -> None:
        self.engine = engine
        self._write_queue = write_queue
        self._log = log
        self._depth = threading.local()
        # From Python 3.13 on, a connection that is collected open is a warning: one forgotten is closed here.
        weakref.finalize(self, engine.dispose).atexit = False
        if write_queue is not None:
            weakref.finalize(self, write_queue.close).atexit = False

    @property
    def dialect(self) -> str:
        """Name the database: `sqlite` or `postgresql`."""
        return self.engine.dialect.name

    @contextmanager
    def act(self) -> Iterator[sa.Connection]:
        """Give a connection in a write transaction; commit when the block ends well.

        Raises `Conflict` when a unique rule of the record or another writer refuses what was done,
        `Unavailable` when the database fails.
        """
        if getattr(self._depth, "inside", False):
            raise RuntimeError("an act may not open another act: one act, one transaction")
        self._depth.inside = True
        try:
            with self.engine.connect() as connection, self._flushed(connection) as wait_for_disk:
                with self._in_turn(connection):
                    self._begin(connection, "BEGIN IMMEDIATE")
                    if self.dialect == "postgresql":
                        with _in_one_pipeline(connection):
                            yield connection
                    else:
                        yield connection
                    connection.commit()
                wait_for_disk()
        except (StatementError, psycopg.Error, sqlite3.Error) as error:
            raise _translated(error) from error
        finally:
            self._depth.inside = False

    @contextmanager
    def _flushed(self, connection: sa.Connection) -> Iterator[Callable[[], None]]:
        """Give what waits until what was committed is on the disk, where COMMIT does not do so itself."""
        if self._log is None:
            yield lambda: None
            return
        with flushed_after(connection.connection.cursor(), self._log) as wait:
            yield wait

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Give a connection for reading: PostgreSQL refuses a write, SQLite keeps none. Raises `Unavailable`."""
        try:
            with self.engine.connect() as connection:
                self._begin(connection, "BEGIN", reads=True)
                try:
                    yield connection
                except EngineError:
                    self._end_read(connection)
                    raise
                self._end_read(connection)
        except (StatementError, sqlite3.Error) as error:
            raise _translated(error) from error

    def _end_read(self, connection: sa.Connection) -> None:
        """End a read that went well, or found that something is not there or not allowed.

        On PostgreSQL only one that streamed rows has a transaction. psycopg 3.3 forgets every statement it had prepared
        when one rolls back: all would be planned anew, which for a page of a list takes longer than carrying them out.
        """
        if self.dialect == "postgresql":
            connection.commit()

    def _begin(self, connection: sa.Connection, words: str, *, reads: bool = False) -> None:
        """Begin a transaction, on SQLite with its own `words`: the driver is told to leave that to us.

        Said to the driver, not by a listener of SQLAlchemy's: with one, every statement asks who else listens.
        On PostgreSQL each statement of a read stands for itself, and may only read, as a session's default says: at its
        level of isolation one transaction around them would see no more of one moment, and take two round trips. An act
        says BEGIN itself, together with its first statement.
        """
        if self.dialect == "postgresql":  # both until it goes back to the pool
            connection.execution_options(isolation_level="AUTOCOMMIT", postgresql_readonly=reads)
        connection.begin()
        if self.dialect == "sqlite":
            connection.connection.cursor().execute(words)

    @contextmanager
    def _in_turn(self, connection: sa.Connection) -> Iterator[None]:
        """Let one writer at a time near an SQLite file, for as long as its transaction lasts."""
        if self._write_queue is None:
            yield
            return
        with self._write_queue.turn():
            try:
                yield
            except BaseException:
                connection.rollback()
                raise

    def close(self) -> None:
        """Give back every connection, and the lock file of the write queue."""
        self.engine.dispose()
        if self._write_queue is not None:
            self._write_queue.close()


@contextmanager
def _in_one_pipeline(connection: sa.Connection) -> Iterator[None]:
    """Carry an act as one pipeline; when the block ends well its writes are answered, checked and committed."""
    info = connection.info  # asked once: when the link is lost, SQLAlchemy no longer gives it
    pending = info[PENDING] = Pending()
    try:
        with pipelined(connection) as pipeline:
            say(connection, "BEGIN READ WRITE")
            yield
            pipeline.sync()
            pending.check()
            say(connection, "COMMIT")  # answered as the pipeline ends
    finally:
        del info[PENDING]


def open_sessions(url: str, *, durable: bool = True) -> Sessions:
    """Open the database at the SQLAlchemy `url` (SQLite or PostgreSQL) and check that it keeps its promises.

    `durable=False` is for simulation only: it lets SQLite skip waiting for the disk. Raises `Invalid`
    when the URL cannot be read, names another kind of database, or the database lacks a needed setting.
    """
    parsed = address(url)
    if parsed.get_backend_name() == "sqlite":
        sessions = _open_sqlite(parsed, durable=durable)
    else:
        sessions = _open_postgresql(parsed)
    try:
        _check(sessions, durable=durable)
    except Invalid:
        sessions.close()
        raise
    return sessions


def address(url: str) -> sa.URL:
    """Read the address of a database. Raises `Invalid` for one that cannot be read, or of another kind of database."""
    try:
        parsed = sa.make_url(url)
        backend = parsed.get_backend_name()
    except sa.exc.ArgumentError as error:
        raise Invalid(
            "The database address cannot be read; write sqlite:///file.db or postgresql://user@host/name",
            field="database",
        ) from error
    if backend not in ("sqlite", "postgresql"):
        raise Invalid(f"The database must be SQLite or PostgreSQL, not {backend}", field="database")
    return parsed


def require_there(url: str) -> None:
    """Raise `Invalid` when `url` names an SQLite file that is not there: opening it would make an empty one."""
    parsed = address(url)
    file = parsed.database or ":memory:"
    if parsed.get_backend_name() != "sqlite" or file == ":memory:" or file.startswith("file:"):
        return
    if not Path(file).exists():
        raise Invalid(f"{file}: there is no such database. Run `caf init` first, or name another.", field="database")


# What people entered must not stand in the words of an error, which may be logged.
_OPTIONS: dict[str, Any] = {"json_serializer": dumps_text, "json_deserializer": loads, "hide_parameters": True}


def _open_sqlite(url: sa.URL, *, durable: bool) -> Sessions:
    in_memory = url.database in (None, "", ":memory:")
    log = Path(f"{url.database}-wal") if durable and not in_memory else None
    if in_memory:
        own: dict[str, Any] = {"check_same_thread": False, "cached_statements": STATEMENTS_KEPT}
        engine = sa.create_engine(url, poolclass=sa.StaticPool, connect_args=own, **_OPTIONS)
    else:
        _make_folder(Path(str(url.database)).parent)
        own = {"timeout": BUSY_SECONDS, "cached_statements": STATEMENTS_KEPT}
        engine = sa.create_engine(
            url, pool_size=16, max_overflow=16, connect_args=own, **_OPTIONS
        )
    read_quickly(engine)
    compile_once(engine)

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={'FULL' if durable else 'OFF'}",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_SECONDS * 1000}",
            f"cache_size=-{PAGE_CACHE_KIB}",
        ):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("SELECT 1 FROM sqlite_schema")  # so that the log of a new database is there
        if log is not None:
            keep_name(log)

    if in_memory:
        return Sessions(engine, write_queue=None)
    return Sessions(engine, write_queue=WriteQueue(Path(f"{url.database}.lock")), log=log)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Invalid(f"The database's folder cannot be made: {error.strerror}", field="database") from error


def _open_postgresql(url: sa.URL) -> Sessions:
    engine = sa.create_engine(
        url.set(drivername="postgresql+psycopg"),
        paramstyle="numeric_dollar",
        pool_size=8,
        max_overflow=8,
        pool_pre_ping=False,
        **_OPTIONS,
    )

    @sa.event.listens_for(engine, "do_connect")
    def open_connection(_dialect: Any, _record: Any, given: Any, options: Any) -> Any:
        return connect(*given, **options)

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.autocommit = True
        milliseconds = int(turns.TURN_SECONDS * 1000)
        settings = {"lock_timeout": f"{milliseconds}ms", "random_page_cost": PAGE_COST} | _READS_ONLY
        asked = "SELECT set_config(name, value, false) FROM unnest($1::text[], $2::text[]) AS given (name, value)"
        connection.execute(asked, [list(settings), list(settings.values())])
        connection.autocommit, connection.read_only = False, False  # so that every BEGIN says READ WRITE

    insert_unanswered(engine)
    compile_once(engine)
    return Sessions(engine, write_queue=None)


def _check(sessions: Sessions, *, durable: bool) -> None:
    try:
        with sessions.read() as connection:
            if sessions.dialect == "sqlite":
                _check_sqlite(connection, durable=durable)
            elif connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "off":
                raise Invalid(
                    "PostgreSQL runs with synchronous_commit=off: what people enter could be lost", field="database"
                )
    except Unavailable as error:
        raise Invalid(f"The database cannot be opened: {error.details['cause']}", field="database") from error


def _check_sqlite(connection: sa.Connection, *, durable: bool) -> None:
    in_memory = connection.engine.url.database in (None, "", ":memory:")
    wanted = {"foreign_keys": 1, "synchronous": 2 if durable else 0, "journal_mode": "memory" if in_memory else "wal"}
    for pragma, value in wanted.items():
        found = connection.exec_driver_sql(f"PRAGMA {pragma}").scalar()
        if found != value:
            raise Invalid(
                f"SQLite has {pragma}={found} where {value} is needed; is the file on a network drive?",
                field="database",
            )


_BUSY_WORDS = ("locked", "busy", "deadlock", "could not serialize", "lock timeout")


def _translated(error: StatementError | psycopg.Error | sqlite3.Error) -> EngineError:
    """Say a database's refusal in the engine's words; the cause goes into `details`, never to a page."""
    orig = error.orig if isinstance(error, StatementError) else error
    if isinstance(orig, EngineError):
        return orig  # a value that the store itself refused to write
    cause = str(orig)
    if isinstance(error, IntegrityError | psycopg.IntegrityError | sqlite3.IntegrityError):
        return Conflict("Somebody else changed this first. Look again before you go on.", cause=cause)
    if any(word in cause.lower() for word in _BUSY_WORDS):
        return Conflict(BUSY, cause=cause)
    return Unavailable("The database cannot do this now. Nothing was kept; try again in a moment.", cause=cause)
