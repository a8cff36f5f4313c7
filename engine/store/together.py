"""Many ready-made selects asked as one statement, for a page that shows much of one case.

Each part of such a page asks for itself, by a cheap select; what costs is that there are fifty of them. `Together` is
one statement whose columns are the rows of each select, as JSON, and whose answer is a connection: whoever executes one
of those selects on it, with the same values, is given its rows, and everything else goes to the database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, Final, cast

import sqlalchemy as sa
from sqlalchemy.engine.result import IteratorResult, SimpleResultMetaData
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.visitors import InternalTraversal, replacement_traverse

from engine.store.tables.types import Instant
from engine.store.uuids import read_uuid

Query = sa.Select[Any] | sa.CompoundSelect[Any]
Reader = Callable[[Any], Any]


class Together:
    """One statement for `queries`: none with an array of bytes, a float, or a part of a JSON value as a column."""

    def __init__(self, *queries: Query) -> None:
        self.queries = queries
        self._statement = sa.select(*(_rows_of(query).label(f"rows_{at}") for at, query in enumerate(queries)))
        self._keys = [SimpleResultMetaData(query.selected_columns.keys()) for query in queries]
        self._readers: dict[str, list[dict[int, Reader]]] = {}

    def ask(self, connection: sa.Connection, values: Mapping[str, Any]) -> sa.Connection:
        """Ask all of it, with the `values` of the parameters; return a connection that has the answers.

        Good for as long as nothing is written: in a read, one moment is seen throughout.
        """
        answer = connection.execute(self._statement, values).one()
        readers = self._readers_for(connection.dialect)
        known = {
            query: _Known(keys, rows or [], read)
            for query, keys, rows, read in zip(self.queries, self._keys, answer, readers, strict=True)
        }
        return cast(sa.Connection, _Answered(connection, known, values))

    def _readers_for(self, dialect: sa.Dialect) -> list[dict[int, Reader]]:
        found = self._readers.get(dialect.name)
        if found is None:
            found = self._readers[dialect.name] = [_readers(query, dialect) for query in self.queries]
        return found


class _JsonRows(FunctionElement[Any]):
    """The rows of a subquery as one JSON array of arrays, in the subquery's order."""

    type = sa.JSON()
    inherit_cache = True


@compiles(_JsonRows)
def _on_sqlite(element: _JsonRows, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_group_array(json_array({compiler.process(element.clauses, **options)}))"


@compiles(_JsonRows, "postgresql")
def _on_postgresql(element: _JsonRows, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_agg(json_build_array({compiler.process(element.clauses, **options)}))"


def _rows_of(query: Query) -> sa.ScalarSelect[Any]:
    return sa.select(_JsonRows(*_written_out(query).subquery().c)).scalar_subquery()


def _written_out(query: Query) -> Query:
    """Return a query with our own words and numbers (`state = 'open'`, `LIMIT 10`) in its text, not as parameters.

    SQLite plans a statement anew at each execution where a parameter stands for what a partial index is about, and of
    all parameters after the thirtieth if one does; PostgreSQL does while it takes a limit that it does not know for a
    high one. Either takes longer than carrying it out.
    """

    def written(element: Any, **_: Any) -> Any:
        if not isinstance(element, sa.BindParameter):
            return None
        ours = isinstance(element.value, str | int) or (isinstance(element.value, list) and element.expanding)
        return _Written(element) if ours else None

    return cast(Query, replacement_traverse(query, {}, written))


class _Written(sa.ColumnElement[Any]):
    """A parameter with a value of its own, written into the statement when that is compiled."""

    _traverse_internals = [("said", InternalTraversal.dp_string)]  # noqa: RUF012 - an instance's, says SQLAlchemy

    def __init__(self, ours: sa.BindParameter[Any]) -> None:
        self.ours, self.said, self.type = ours, f"{ours.type!r} {ours.value!r}", ours.type


@compiles(_Written)
def _in_its_text(element: _Written, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.ours, **{**options, "literal_binds": True})


class _Known:
    """The rows of one select, put together when they are first asked for."""

    def __init__(self, keys: SimpleResultMetaData, rows: Sequence[list[Any]], readers: Mapping[int, Reader]) -> None:
        self._keys, self._raw, self._readers = keys, rows, readers
        self._rows: list[tuple[Any, ...]] | None = None

    def result(self) -> sa.Result[Any]:
        """Return the rows as the database would."""
        if self._rows is None:
            self._rows = [self._read(row) for row in self._raw]
        return IteratorResult(self._keys, iter(self._rows))

    def _read(self, row: list[Any]) -> tuple[Any, ...]:
        for at, read in self._readers.items():
            if row[at] is not None:
                row[at] = read(row[at])
        return tuple(row)


class _Answered:
    """A connection some of whose questions are answered already."""

    def __init__(self, connection: sa.Connection, known: Mapping[Any, _Known], values: Mapping[str, Any]) -> None:
        self._connection, self._known, self._values = connection, known, values

    def execute(self, statement: Any, parameters: Any = None, **options: Any) -> sa.Result[Any]:
        """Return the rows of a statement that was answered for the same parameters, else carry it out."""
        found = self._known.get(statement)
        if found is not None and (parameters or {}).items() <= self._values.items():
            return found.result()
        return self._connection.execute(statement, parameters, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def _readers(query: Query, dialect: sa.Dialect) -> dict[int, Reader]:
    """Return by column what reads its values from JSON; a column whose values are as they stand there has none."""
    found = {}
    for at, column in enumerate(query.selected_columns):
        read = _reader(column.type, dialect)
        if read is not None:
            found[at] = read
    return found


def _reader(kind: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> Reader | None:
    if dialect.name == "sqlite":  # whose JSON has the values as they are stored
        return kind.dialect_impl(dialect).result_processor(dialect, None)
    return next((read for its_class, read in _FROM_POSTGRESQL.items() if isinstance(kind, its_class)), None)


_FROM_POSTGRESQL: Final[Mapping[type[Any], Reader]] = {
    sa.Uuid: read_uuid,
    sa.Date: date.fromisoformat,
    sa.Time: time.fromisoformat,
    Instant: lambda text: datetime.fromisoformat(text).astimezone(UTC),
}
