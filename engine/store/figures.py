"""Figures about the service as a whole, for whoever watches over it: counts alone, of nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from engine.store.tables.keeping import outbox
from engine.store.tables.people import authorities
from engine.store.tables.record import cases
from engine.store.tables.running import heartbeats, incidents, timers, user_tasks

_LAST_BEAT = sa.select(heartbeats.c.at).where(heartbeats.c.name == "poller")
_AUTHORITIES = sa.select(authorities.c.id, authorities.c.version)
_WAITING = timers.c.fired_at.is_(None) & timers.c.cancelled_at.is_(None)


@dataclass(frozen=True, slots=True)
class Timers:
    """How many timers wait, how many of them are past their time, and how many of those failed before."""

    waiting: int
    due: int
    failing: int


def last_beat(connection: sa.Connection) -> datetime | None:
    """Return when the poller was last heard (aware UTC), None when never."""
    return connection.execute(_LAST_BEAT).scalar()


def all_authorities(connection: sa.Connection) -> Iterator[tuple[UUID, int]]:
    """Give the id and version of every authority."""
    yield from ((row.id, row.version) for row in connection.execute(_AUTHORITIES).all())


def open_cases(connection: sa.Connection) -> int:
    """Count the open cases."""
    return _count(connection, cases, cases.c.closed_on.is_(None), cases.c.child_id.is_not(None))


def open_tasks(connection: sa.Connection, authority_id: UUID, *which: sa.ColumnElement[bool]) -> int:
    """Count an authority's open tasks that satisfy `which`, conditions on `user_tasks`."""
    own = [user_tasks.c.authority_id == authority_id, user_tasks.c.state == sa.literal_column("'open'")]
    return _count(connection, user_tasks, *own, *which)


def of_timers(connection: sa.Connection, *, now: datetime) -> Timers:
    """Count the timers that wait, those that are due at `now`, and those of them that failed."""
    due_now = (_WAITING, timers.c.due_at <= now)
    return Timers(
        _count(connection, timers, _WAITING),
        _count(connection, timers, *due_now),
        _count(connection, timers, *due_now, timers.c.retry_at.is_not(None)),
    )


def waiting_messages(connection: sa.Connection) -> int:
    """Count the messages that wait to be sent."""
    return _count(connection, outbox, outbox.c.state == sa.literal_column("'waiting'"))


def open_incidents(connection: sa.Connection) -> dict[str, int]:
    """Count what has stopped, by kind."""
    query = sa.select(incidents.c.kind, sa.func.count().label("number")).where(incidents.c.resolved_at.is_(None))
    return {row.kind: row.number for row in connection.execute(query.group_by(incidents.c.kind))}


def _count(connection: sa.Connection, table: sa.Table, *which: sa.ColumnElement[bool]) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(table).where(*which)).scalar_one()
