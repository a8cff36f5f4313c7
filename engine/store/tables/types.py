"""Column types and helpers that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa

METADATA = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(sa.types.TypeDecorator[datetime]):
    """An aware UTC instant; refuses a naive one."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Turn an aware instant into UTC (without a zone on SQLite, whose text has none)."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Give back an aware UTC instant."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def identifier() -> sa.Column[Any]:
    """Make the primary key of a row: an opaque UUID version 7 given by the engine."""
    return sa.Column("id", sa.Uuid, primary_key=True)


def authority() -> sa.Column[Any]:
    """Make the column that says whose row this is."""
    return sa.Column("authority_id", sa.Uuid, sa.ForeignKey("authorities.id"), nullable=False)


def refers(name: str, target: str, *, required: bool = True, index: bool = False) -> sa.Column[Any]:
    """Make a foreign key column `name` to `target` ("table.column")."""
    return sa.Column(name, sa.Uuid, sa.ForeignKey(target), nullable=not required, index=index)


WORDS: Final = {"words": True}
"""Marks a column that holds people's own words: what is erased when a record is past its time."""


def words(name: str, *, required: bool = False) -> sa.Column[Any]:
    """Make a text column; an empty string when not required and not given."""
    if required:
        return sa.Column(name, sa.Text, nullable=False, info=WORDS)
    return sa.Column(name, sa.Text, nullable=False, server_default="", default="", info=WORDS)


def instant(name: str, *, required: bool = False, index: bool = False) -> sa.Column[Any]:
    """Make a column for an aware UTC instant."""
    return sa.Column(name, Instant, nullable=not required, index=index)


def day(name: str, *, required: bool = False) -> sa.Column[Any]:
    """Make a column for a local calendar date."""
    return sa.Column(name, sa.Date, nullable=not required)


def span() -> tuple[sa.Column[Any], sa.Column[Any]]:
    """Make the pair `from_on`, `to_on` (None while it lasts; `to_on` is the last day)."""
    return day("from_on", required=True), day("to_on")


def one_of(name: str, column: str, *allowed: str) -> sa.CheckConstraint:
    """Make a CHECK that `column` is one of `allowed` (fixed words of ours, never input)."""
    listed = ", ".join(f"'{word}'" for word in allowed)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=name)


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> sa.Index:
    """Make an index over the rows that satisfy `where` (fixed SQL of ours, never input)."""
    condition = sa.text(where)
    return sa.Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def of_case() -> sa.Column[Any]:
    """Make the column that says to which case a row belongs."""
    return refers("case_id", "cases.id", index=True)


def one_current(table: str, where: str, column: str = "case_id") -> sa.Index:
    """Make the unique index that lets one row of a table be the current one (`where` is fixed SQL of ours)."""
    return partial_index(f"uq_{table}_current", column, where=where, unique=True)
