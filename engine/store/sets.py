"""Conditions and values given as whole sets, said to each database as it takes them best.

SQLAlchemy writes `IN` with one parameter for each value: on PostgreSQL a statement of five hundred is a new one each
time, to be written, read and planned again. There a set is one array.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

IDS: Final = "ids"
"""The name of the parameter of a set of ids: a list, which may be empty."""


class Among(FunctionElement[bool]):
    """True where a column is one of the values of the list parameter `name`."""

    type = sa.Boolean()
    inherit_cache = True

    def __init__(self, column: sa.ColumnElement[Any], name: str) -> None:
        listed: sa.BindParameter[Any] = sa.bindparam(name, expanding=True, type_=column.type)
        array: sa.BindParameter[Any] = sa.bindparam(name, type_=ARRAY(column.type))
        super().__init__(column.in_(listed), column == sa.any_(array))

    def self_group(self, against: Any = None) -> Any:
        """Stand in AND and OR as it is: `... = 1`, which SQLAlchemy would write, keeps SQLite from its indexes."""
        return self


def among(column: sa.ColumnElement[Any], name: str = IDS) -> sa.ColumnElement[bool]:
    """Return the condition that `column` is one of the list given at execution as `name`."""
    return Among(column, name)


@compiles(Among)
def _listed(element: Among, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses.clauses[0], **options)


@compiles(Among, "postgresql")
def _array(element: Among, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses.clauses[1], **options)


class Few(FunctionElement[bool]):
    """True where a column of ids or keys is one of the values of the short list parameter `name`."""

    type = sa.Boolean()
    inherit_cache = True

    def __init__(self, column: sa.ColumnElement[Any], name: str, always: Sequence[Any] | None) -> None:
        given: dict[str, Any] = {} if always is None else {"value": list(always)}
        text: sa.BindParameter[Any] = sa.bindparam(name, type_=_Listed(column.type), **given)
        array: sa.BindParameter[Any] = sa.bindparam(name, type_=ARRAY(column.type), **given)
        between: sa.ColumnClause[str] = sa.literal_column("','")
        nowhere: sa.ColumnClause[int] = sa.literal_column("0")
        # Not by `json_each`: SQLite 3.40 falls over it in a subquery of a query of several rows.
        listed = sa.func.instr(text, between.concat(sa.type_coerce(column, sa.Text)).concat(between)) > nowhere
        super().__init__(listed, column == sa.any_(array))

    def self_group(self, against: Any = None) -> Any:
        """Stand in AND and OR as it is, as `Among` does."""
        return self


def few(column: sa.ColumnElement[Any], name: str, always: Sequence[Any] | None = None) -> sa.ColumnElement[bool]:
    """Return the condition that `column` is one of the short list given at execution as `name`, or `always` the same.

    The statement is the same text for every list, so that it can be ready-made (`engine.store.writes.Question`). No
    index finds the rows by it on SQLite: another condition has to.
    """
    return Few(column, name, always)


class _Listed(sa.types.TypeDecorator[list[Any]]):
    """A list as one text, between commas, each value as a column of `kind` is written."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, kind: sa.types.TypeEngine[Any]) -> None:
        super().__init__()
        self.kind = kind

    def bind_processor(self, dialect: sa.Dialect) -> Callable[[Any], str]:
        """Return what writes a list."""
        write = self.kind.dialect_impl(dialect).bind_processor(dialect) or str
        return lambda values: ",".join(["", *map(write, values), ""])


@compiles(Few)
def _listed_as_text(element: Few, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses.clauses[0], **options)


@compiles(Few, "postgresql")
def _few_of_array(element: Few, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses.clauses[1], **options)
