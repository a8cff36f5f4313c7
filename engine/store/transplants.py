"""Carry one authority's rows from one database to another, as they are: into a sandbox, and back in one act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

import engine.store.tables.keeping
import engine.store.tables.people
import engine.store.tables.record
import engine.store.tables.running  # noqa: F401 - all tables must be known before they are put in order
from engine.store.tables.keeping import history, history_payloads
from engine.store.tables.people import authorities
from engine.store.tables.types import METADATA
from engine.store.writes import Insertion

Rows = Mapping[str, Mapping[tuple[Any, ...], Mapping[str, Any]]]
"""The rows of each table by its name, each under its primary key."""

_BATCH: Final = 1_000
_THE_DATABASES_OWN: Final = frozenset(
    {"heartbeats", "history_anchors", "history_anchor_heads", "sessions", "sign_in_failures", "timer_leases"}
)
"""Tables that are about a database, not about an authority: they stay where they are."""
_ANCHORED: Final[Mapping[str, Any]] = {"anchored_count": 0, "anchor_seq": None}
"""What says how much this database's own anchors cover, and its value where they cover nothing yet."""


def everything(connection: sa.Connection) -> Rows:
    """Return every row of a database that holds one authority and no more."""
    return {table.name: _keyed(connection, table, sa.select(table)) for table in _tables()}


def administration_of(connection: sa.Connection, authority_id: UUID) -> Rows:
    """Return the rows of an authority on which no case has been opened: itself, its models and its own chain."""
    found = {}
    for table in _tables():
        if table is authorities:
            query = sa.select(table).where(table.c.id == authority_id)
        elif table is history_payloads:
            own = sa.select(history.c.id).where(history.c.authority_id == authority_id)
            query = sa.select(table).where(table.c.event_id.in_(own))
        elif "authority_id" in table.c:
            query = sa.select(table).where(table.c.authority_id == authority_id)
        else:
            continue
        found[table.name] = _keyed(connection, table, query)
    return found


def put(connection: sa.Connection, rows: Rows) -> None:
    """Write rows that a database does not have."""
    for table in _tables():
        _insert(connection, table, list(rows.get(table.name, {}).values()))


def put_changes(connection: sa.Connection, before: Rows, after: Rows) -> None:
    """Write what `after` has and `before` had not, or had otherwise, into the database that `before` was read from.

    Nothing in it is covered by the database's anchors yet. Rows that `after` lacks are left alone.
    """
    for table in _tables():
        known, rows = before.get(table.name, {}), after.get(table.name, {})
        _insert(connection, table, [_fresh(row) for key, row in rows.items() if key not in known])
        for key, row in rows.items():
            if key in known and _own(row) != _own(known[key]):
                columns = zip(table.primary_key.columns, key, strict=True)
                where = sa.and_(*(column == value for column, value in columns))
                connection.execute(sa.update(table).where(where).values(**_own(row)))


def _tables() -> list[sa.Table]:
    """Return the tables that are carried, those that others refer to first."""
    return [table for table in METADATA.sorted_tables if table.name not in _THE_DATABASES_OWN]


def _keyed(
    connection: sa.Connection, table: sa.Table, query: sa.Select[Any]
) -> dict[tuple[Any, ...], Mapping[str, Any]]:
    names = [column.name for column in table.columns]
    key = itemgetter(*(names.index(column.name) for column in table.primary_key.columns))
    one = len(table.primary_key.columns) == 1
    rows = connection.execute(query)
    return {((key(row),) if one else key(row)): dict(zip(names, row, strict=True)) for row in rows}


def _insert(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    insertion = Insertion(table)
    for start in range(0, len(rows), _BATCH):
        insertion.each(connection, rows[start : start + _BATCH])


def _fresh(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: _ANCHORED.get(name, value) for name, value in row.items()}


def _own(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in row.items() if name not in _ANCHORED}
