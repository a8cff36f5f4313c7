"""Conditions and values given as whole sets, said to each database as it takes them best.

SQLAlchemy writes `IN` with one parameter for each value: on PostgreSQL a statement of five hundred is a new one each
time, to be written, read and planned again. There a set is one array.
"""

from __future__ import annotations

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
