"""The due table: which timers wait, which are due, who is firing them. It is the truth about timers."""

from __future__ import annotations

from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.store.tables.running import instances, timers

LEASE = timedelta(seconds=60)
LONGEST_WAIT = timedelta(hours=1)

_WAITING = timers.c.fired_at.is_(None) & timers.c.cancelled_at.is_(None) & timers.c.paused_at.is_(None)
_NOW: sa.BindParameter[datetime] = sa.bindparam("now", type_=timers.c.due_at.type)
_FREE = sa.or_(timers.c.lease_until.is_(None), timers.c.lease_until <= _NOW) & sa.or_(
    timers.c.retry_at.is_(None), timers.c.retry_at <= _NOW
)
_NEXT = sa.select(timers.c.due_at).where(_WAITING).order_by(timers.c.due_at).limit(1)
# A common table expression, not a plain subquery: PostgreSQL evaluates one that locks rows exactly once.
_DUE = (
    sa.select(timers.c.id)
    .where(_WAITING, timers.c.due_at <= _NOW, _FREE)
    .order_by(timers.c.due_at)
    .limit(sa.bindparam("limit"))
    .with_for_update(skip_locked=True)
    .cte("due")
)
_LEASE = (
    sa.update(timers)
    .where(timers.c.id.in_(sa.select(_DUE.c.id)))
    .values(lease_until=sa.bindparam("until", type_=timers.c.due_at.type), epoch=timers.c.epoch + 1)
    # The due time only puts them in order, for which the driver's own value will do.
    .returning(timers.c.id, timers.c.epoch, sa.type_coerce(timers.c.due_at, sa.types.NullType()).label("due"))
)
_WHERE = (
    sa.select(timers, instances.c.case_id, instances.c.authority_id)
    .join(instances, instances.c.id == timers.c.instance_id)
    .where(timers.c.id == sa.bindparam("id_"))
)
_FIRED = (
    sa.update(timers)
    .where(timers.c.id == sa.bindparam("id_"))
    .values(
        fired_at=sa.bindparam("at_", type_=timers.c.due_at.type), late_seconds=sa.bindparam("late_"), lease_until=None
    )
)


def next_due(connection: sa.Connection) -> datetime | None:
    """Return the earliest due instant (aware UTC) of all waiting timers, or None."""
    return connection.execute(_NEXT).scalar()


def any_due(connection: sa.Connection, *, now: datetime) -> bool:
    """Tell whether some waiting timer is due at `now`."""
    first = next_due(connection)
    return first is not None and first <= now


def claim(connection: sa.Connection, *, now: datetime, limit: int) -> list[tuple[UUID, int]]:
    """Lease up to `limit` due timers, earliest first; return their ids with the epoch that fences each."""
    rows = connection.execute(_LEASE, {"now": now, "limit": limit, "until": now + LEASE}).all()
    return [(timer_id, epoch) for timer_id, epoch, _ in sorted(rows, key=itemgetter(2))]


def mark_fired(connection: sa.Connection, timer_id: UUID, *, at: datetime, late: timedelta) -> None:
    """Mark a timer fired at `at`, `late` after it was due."""
    connection.execute(_FIRED, {"id_": timer_id, "at_": at, "late_": max(0, int(late.total_seconds()))})


def release(connection: sa.Connection, timer_id: UUID, *, epoch: int) -> int:
    """Give back a timer that was claimed under `epoch`, to be fired at the next sweep; return its tries so far."""
    mine = (timers.c.id == timer_id) & (timers.c.epoch == epoch)
    connection.execute(sa.update(timers).where(mine).values(lease_until=None, tries=timers.c.tries + 1))
    return connection.execute(sa.select(timers.c.tries).where(mine)).scalar() or 0


def move(connection: sa.Connection, timer_id: UUID, *, due_at: datetime) -> None:
    """Set when a timer that waits is due."""
    waiting = (timers.c.id == timer_id) & timers.c.fired_at.is_(None) & timers.c.cancelled_at.is_(None)
    connection.execute(sa.update(timers).where(waiting).values(due_at=due_at))


def put_off(connection: sa.Connection, timer_id: UUID, *, now: datetime) -> Any:
    """Release a timer that could not fire and set its next try; return its row, or None when it is gone.

    The row has its `case_id` and `authority_id` too.
    """
    row = connection.execute(sa.select(timers).where(timers.c.id == timer_id)).first()
    if row is None or row.fired_at is not None or row.cancelled_at is not None:
        return None
    wait = min(timedelta(seconds=30) * 2**row.tries, LONGEST_WAIT)
    connection.execute(
        sa.update(timers)
        .where(timers.c.id == timer_id)
        .values(lease_until=None, tries=row.tries + 1, retry_at=now + wait)
    )
    return connection.execute(_WHERE, {"id_": timer_id}).one()
