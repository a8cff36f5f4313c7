"""Statements of the hot path: compiled once for each database; writes in an act on PostgreSQL go out without waiting.

SQLAlchemy says what a statement is and how values are written; what it would work out again at each execution is kept
here, most of what an execution costs. Every statement still runs in its connection's transaction, and whoever listens
to the connection hears of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql.compiler import SQLCompiler

from engine.errors import EngineError
from engine.store.pipelines import unanswered

Row = Mapping[str, Any]
PENDING: Final = "caf_pending"
"""Under this name a connection's `info` holds the `Pending` of its act, while it is a pipeline."""


class Pending:
    """The writes sent so far that must each have touched exactly one row."""

    def __init__(self) -> None:
        self._expected: list[tuple[Any, EngineError]] = []
        self._shared: Any = None

    def shared(self, connection: sa.Connection) -> Any:
        """Return the cursor of writes whose count nobody asks: psycopg's are dear to make."""
        if self._shared is None:
            self._shared = connection.connection.cursor()
        return self._shared

    def expect(self, cursor: Any, otherwise: EngineError) -> None:
        """Keep that the statement of the driver's `cursor` must touch one row."""
        self._expected.append((cursor, otherwise))

    def check(self) -> None:
        """Raise the error of the first write that touched no row or several; all must have been answered."""
        for cursor, otherwise in self._expected:
            if cursor.rowcount != 1:
                raise otherwise


class Change:
    """An UPDATE, DELETE or special INSERT whose values are bound parameters, none of them a list."""

    def __init__(self, statement: sa.Update | sa.Delete | sa.Insert) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def each(self, connection: sa.Connection, rows: Sequence[Row], *, otherwise: EngineError | None = None) -> None:
        """Execute for each of `rows` (parameters by name).

        Raises `otherwise`, now or before the act commits, unless each touches exactly one row of the table.
        """
        compiled = self._for(connection.dialect)
        if otherwise is None:
            _send(connection, compiled, rows)
            return
        for row in rows:  # many rows sent as one statement would only say later how many were touched in all
            _require_one(connection, _send(connection, compiled, [row], own=True), otherwise)

    def _for(self, dialect: Dialect) -> _Compiled:
        if dialect.name not in self._compiled:
            self._compiled[dialect.name] = _compile(self._statement, dialect)
        return self._compiled[dialect.name]


class Question:
    """A SELECT whose values are bound parameters, none of them a list but by `engine.store.sets.few`.

    What SQLAlchemy does for each execution grows with the number of parameters: of forty, five times the query's own.
    """

    def __init__(self, statement: sa.Select[*tuple[Any, ...]]) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def first(self, connection: sa.Connection, values: Row) -> tuple[Any, ...] | None:
        """Return the first row as the driver gives it: an id may be text, a truth value a number. None for no row."""
        name = connection.dialect.name
        if name not in self._compiled:
            self._compiled[name] = _compile(self._statement, connection.dialect)
        found: tuple[Any, ...] | None = _send(connection, self._compiled[name], [values], waits=True).fetchone()
        return found


class Insertion:
    """An INSERT into one table."""

    def __init__(self, table: sa.Table) -> None:
        self._table = table
        self._compiled: dict[tuple[str, ...], _Compiled] = {}

    def each(self, connection: sa.Connection, rows: Sequence[Row]) -> None:
        """Insert `rows`, all with the same columns; the rest get the table's defaults."""
        if rows:
            _send(connection, self._for(connection.dialect, rows[0]), rows)

    def _for(self, dialect: Dialect, row: Row) -> _Compiled:
        key = (dialect.name, *row)
        if key not in self._compiled:
            defaults = {
                column.name: column.default.arg  # type: ignore[attr-defined]
                for column in self._table.columns
                if column.default is not None and column.name not in row
            }
            if any(callable(value) for value in defaults.values()):
                raise TypeError(f"{self._table.name}: a column that is worked out must be given")
            self._compiled[key] = _compile(sa.insert(self._table), dialect, [*row, *defaults], defaults)
        return self._compiled[key]


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A statement's text; how each of its parameters is written; those with a value of their own."""

    text: str
    names: tuple[str, ...]
    fixed: Mapping[str, Any]
    written: tuple[tuple[str, Callable[[Any], Any]], ...]
    positional: bool

    def values(self, row: Row) -> Any:
        """Return a row's values as the driver takes them."""
        found = {**self.fixed, **row}
        for name, write in self.written:
            found[name] = write(found[name])
        return tuple([found[name] for name in self.names]) if self.positional else found


def _compile(statement: Any, dialect: Dialect, columns: list[str] | None = None, fixed: Row | None = None) -> _Compiled:
    compiled: SQLCompiler = statement.compile(dialect=dialect, column_keys=columns)
    known = {name: bind.value for name, bind in compiled.binds.items() if not bind.required} | dict(fixed or {})
    processes = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in compiled.binds.items()}
    return _Compiled(
        text=str(compiled),
        names=tuple(compiled.positiontup or compiled.binds),
        fixed=known,
        written=tuple((name, process) for name, process in processes.items() if process is not None),
        positional=compiled.positional,
    )


def _send(
    connection: sa.Connection, compiled: _Compiled, rows: Sequence[Row], *, own: bool = False, waits: bool = False
) -> Any:
    """Execute for each of `rows` and return the driver's cursor, the statement's `own` or one shared by many.

    One that `waits` has its answer then. Who listens to the connection's statements hears of this one too. Raises the
    driver's errors.
    """
    values = [compiled.values(row) for row in rows]
    if not values:
        return None
    if not connection.in_transaction():
        connection.begin()
    many, pending = len(values) > 1, connection.info.get(PENDING)
    cursor = connection.connection.cursor() if own or waits or pending is None else pending.shared(connection)
    heard = (connection, cursor, compiled.text, values if many else values[0], None, many)
    for tell in connection.dispatch.before_cursor_execute:
        tell(*heard)
    with unanswered(connection) if pending is not None and not waits else nullcontext():
        (cursor.executemany if many else cursor.execute)(compiled.text, heard[3])
    for tell in connection.dispatch.after_cursor_execute:
        tell(*heard)
    return cursor


def _require_one(connection: sa.Connection, cursor: Any, otherwise: EngineError) -> None:
    pending = connection.info.get(PENDING)
    if pending is not None:
        pending.expect(cursor, otherwise)
    elif cursor.rowcount != 1:
        raise otherwise
