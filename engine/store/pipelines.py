"""PostgreSQL acts as one pipeline: writes go out as they are made, and only a question waits for its answer.

A bare committed row is three round trips. An act of ten statements that waits for each answer would be twelve; in a
pipeline it is three: BEGIN with the first question, the writes (which the server does meanwhile), COMMIT.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, cast

import psycopg
import sqlalchemy as sa


class Connection(psycopg.Connection[Any]):
    """A connection that may carry an act as one pipeline."""

    pipeline_open: psycopg.Pipeline | None = None
    waits = True
    """Whether a statement's answer is waited for at once; outside a pipeline it always is."""

    def cursor(self, name: str = "", **options: Any) -> Any:
        """Return a cursor; one with a name is read piece by piece, and lives in a transaction."""
        if name and self.autocommit:
            self.autocommit = False
        return super().cursor(name, **options)


class Cursor(psycopg.RawCursor[Any]):
    """A cursor whose answers are there after `execute`, in a pipeline too, unless its connection does not wait.

    Parameters are `$1`, as the server has them: psycopg would look for its own in a long statement at each execution.
    """

    def execute(self, *given: Any, **options: Any) -> Cursor:
        """Send a statement, as psycopg does."""
        super().execute(*given, **options)
        self._await()
        return self

    def executemany(self, query: Any, params_seq: Iterable[Any], *, returning: bool = False) -> None:
        """Send a statement for each of many rows, as psycopg does."""
        super().executemany(query, params_seq, returning=returning)
        self._await()

    def _await(self) -> None:
        connection = self.connection
        if isinstance(connection, Connection) and connection.pipeline_open is not None and connection.waits:
            connection.pipeline_open.sync()


def connect(*given: Any, **options: Any) -> Connection:
    """Connect to PostgreSQL with connections and cursors of this module."""
    connection = Connection.connect(*given, cursor_factory=Cursor, **options)
    connection.server_cursor_factory = psycopg.RawServerCursor
    return connection


@contextmanager
def pipelined(connection: sa.Connection) -> Iterator[psycopg.Pipeline]:
    """Carry the statements of the block as one pipeline; all are answered when it ends well.

    Raises psycopg's error of the first statement that failed, where SQLAlchemy did not raise its own before.
    """
    driver = _driver(connection)
    with driver.pipeline() as pipeline:
        driver.pipeline_open, driver.waits = pipeline, True
        try:
            yield pipeline
        except BaseException:
            # What else went wrong is not asked: psycopg would log it, with what people entered.
            with suppress(psycopg.Error):
                pipeline.sync()
            raise
        finally:
            driver.pipeline_open, driver.waits = None, True


@contextmanager
def unanswered(connection: sa.Connection) -> Iterator[None]:
    """Send the statements of the block without waiting for their answers."""
    driver = _driver(connection)
    driver.waits = False
    try:
        yield
    finally:
        driver.waits = True


def say(connection: sa.Connection, words: str) -> None:
    """Send `words` of our own (BEGIN, COMMIT) in a pipeline, without waiting for the answer."""
    with unanswered(connection):
        _driver(connection).execute(words, prepare=False)


def insert_unanswered(engine: sa.Engine) -> None:
    """Let every INSERT that returns nothing go out without waiting, in acts that are a pipeline."""

    @sa.event.listens_for(engine, "before_cursor_execute")
    def before(_connection: Any, cursor: Any, _text: str, _values: Any, context: Any, _many: bool) -> None:
        if (
            context is not None
            and context.compiled is not None
            and context.isinsert
            and not context.compiled.effective_returning
        ):
            cursor.connection.waits = False

    @sa.event.listens_for(engine, "after_cursor_execute")
    def after(_connection: Any, cursor: Any, _text: str, _values: Any, _context: Any, _many: bool) -> None:
        cursor.connection.waits = True


def _driver(connection: sa.Connection) -> Connection:
    """Return psycopg's connection under SQLAlchemy's."""
    return cast(Connection, connection.connection.driver_connection)
