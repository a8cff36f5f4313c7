"""The due table: which timers wait, which are due, who is firing them. It is the truth about timers.

Who is to fire a timer holds a lease on it, a row of a table of its own, which goes when the timer is fired. A lease
that runs out, because its holder died, goes to the next claim. Each claim has an id of its own: who wakes up after its
lease has run out finds another's there, or none.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from engine.store.tables.running import instances, timer_leases, timers
from engine.store.writes import Change

LEASE = timedelta(seconds=60)
LONGEST_WAIT = timedelta(hours=1)

_INSTANT = timers.c.due_at.type
_WAITING = timers.c.fired_at.is_(None) & timers.c.cancelled_at.is_(None)
_NOW: sa.BindParameter[datetime] = sa.bindparam("now", type_=_INSTANT)
_NEXT = sa.select(timers.c.due_at).where(_WAITING).order_by(timers.c.due_at).limit(1)
_UNFIRED = (
    sa.select(timers.c.due_at)
    .where(_WAITING, timers.c.due_at <= _NOW, timers.c.retry_at.is_(None))
    .order_by(timers.c.due_at)
    .limit(1)
)
_DUE = (
    sa.select(
        timers.c.id,
        sa.bindparam("claim", type_=timer_leases.c.claim_id.type),
        timers.c.due_at,
        sa.bindparam("until", type_=_INSTANT),
    )
    .where(
        _WAITING,
        timers.c.due_at <= _NOW,
        sa.or_(timers.c.retry_at.is_(None), timers.c.retry_at <= _NOW),
        ~sa.exists().where(timer_leases.c.timer_id == timers.c.id, timer_leases.c.until > _NOW),
    )
    .order_by(timers.c.due_at, timers.c.id)
    .limit(sa.bindparam("limit"))
    .with_for_update(of=timers, skip_locked=True)
)


def _leasing(insertion: postgresql.Insert | sqlite.Insert) -> sa.Insert:
    """Return the statement that leases what is due, as a database with INSERT ON CONFLICT takes it."""
    new = insertion.from_select([column.name for column in timer_leases.c], _DUE)
    found = new.on_conflict_do_update(
        index_elements=[timer_leases.c.timer_id],
        set_={name: insertion.excluded[name] for name in ("claim_id", "due_at", "until")},
        where=timer_leases.c.until <= _NOW,
    )
    # The due time only puts them in order, for which the driver's own value will do.
    return found.returning(timer_leases.c.timer_id, sa.type_coerce(timer_leases.c.due_at, sa.types.NullType()))


_OF_CASE = (
    sa.select(timers.c.id, timers.c.instance_id, instances.c.definition_id, timers.c.element_id, timers.c.due_at)
    .join(instances, instances.c.id == timers.c.instance_id)
    .where(instances.c.case_id == sa.bindparam("case", type_=sa.Uuid), _WAITING)
    .order_by(timers.c.due_at, timers.c.id)
)
_LEASE = {"postgresql": _leasing(postgresql.insert(timer_leases)), "sqlite": _leasing(sqlite.insert(timer_leases))}
_OURS = timer_leases.c.claim_id == sa.bindparam("claim")
_HELD = sa.exists().where(timer_leases.c.timer_id == timers.c.id, _OURS)
_ANOTHERS = sa.exists().where(timer_leases.c.timer_id == timers.c.id, ~_OURS)
_MINE = (timer_leases.c.timer_id == sa.bindparam("id_")) & _OURS
_GIVE_BACK = Change(sa.delete(timer_leases).where(_MINE))
# One that is locked is still being used by who has held it so long.
_GIVE_UP = sa.delete(timer_leases).where(
    timer_leases.c.timer_id.in_(
        sa.select(timer_leases.c.timer_id)
        .where(sa.or_(_MINE, timer_leases.c.until <= _NOW))
        .with_for_update(skip_locked=True)
    )
)
_TAKE_AWAY = Change(sa.delete(timer_leases).where(timer_leases.c.timer_id == sa.bindparam("id_")))
_MOVE = Change(
    sa.update(timers)
    .where(timers.c.id == sa.bindparam("id_"), timers.c.fired_at.is_(None), timers.c.cancelled_at.is_(None))
    .values(due_at=sa.bindparam("due"))
)
# Whoever needs a timer and its lease locks the timer first.
_TRIED = (
    sa.update(timers)
    .where(timers.c.id == sa.bindparam("id_"), _HELD)
    .values(tries=timers.c.tries + 1)
    .returning(timers.c.tries)
)
_TRIED_IN_VAIN = (
    sa.select(timers.c.tries)
    .where(
        timers.c.id == sa.bindparam("id_"), timers.c.fired_at.is_(None), timers.c.cancelled_at.is_(None), ~_ANOTHERS
    )
    .with_for_update(of=timers)
)
_WHERE = (
    sa.select(timers, instances.c.case_id, instances.c.authority_id)
    .join(instances, instances.c.id == timers.c.instance_id)
    .where(timers.c.id == sa.bindparam("id_"))
)
_FIRED = Change(
    sa.update(timers)
    .where(timers.c.id == sa.bindparam("id_"))
    .values(fired_at=sa.bindparam("at_", type_=_INSTANT), late_seconds=sa.bindparam("late_"))
)


def next_due(connection: sa.Connection) -> datetime | None:
    """Return the earliest due instant (aware UTC) of all waiting timers, or None."""
    return connection.execute(_NEXT).scalar()


def waits_since(connection: sa.Connection, *, now: datetime) -> datetime | None:
    """Return when the timer was due that has waited longest for its turn at `now`; None when none waits.

    One that failed waits for its next try, and is not counted before that.
    """
    return connection.execute(_UNFIRED, {"now": now}).scalar()


def any_due(connection: sa.Connection, *, now: datetime) -> bool:
    """Tell whether some waiting timer is due at `now`."""
    first = next_due(connection)
    return first is not None and first <= now


def waiting(connection: sa.Connection, case_id: UUID) -> Sequence[Any]:
    """Return the waiting timers of a case, the earliest first: id, instance_id, definition_id, element_id, due_at."""
    return connection.execute(_OF_CASE, {"case": case_id}).all()


def claim(connection: sa.Connection, claim_id: UUID, *, now: datetime, limit: int) -> list[UUID]:
    """Lease up to `limit` due timers to the fresh `claim_id`; return their ids, the earliest first."""
    given = {"now": now, "limit": limit, "claim": claim_id, "until": now + LEASE}
    rows = connection.execute(_LEASE[connection.dialect.name], given).all()
    return [timer_id for timer_id, _ in sorted(rows, key=itemgetter(1, 0))]


def mark_fired(connection: sa.Connection, timer_id: UUID, *, at: datetime, late: timedelta) -> None:
    """Mark a timer fired at `at`, `late` after it was due, and end its lease."""
    _FIRED.each(connection, [{"id_": timer_id, "at_": at, "late_": max(0, int(late.total_seconds()))}])
    _TAKE_AWAY.each(connection, [{"id_": timer_id}])


def release(connection: sa.Connection, timer_id: UUID, claim_id: UUID) -> int:
    """Give back a claimed timer, to be fired at the next sweep; return its tries so far, 0 when it was not held."""
    tried = connection.execute(_TRIED, {"id_": timer_id, "claim": claim_id}).scalar()
    _GIVE_BACK.each(connection, [{"id_": timer_id, "claim": claim_id}])
    return tried or 0


def give_up(connection: sa.Connection, timer_id: UUID, claim_id: UUID, *, now: datetime) -> None:
    """Give back a claimed timer that no longer waits to be fired, and every lease besides that has run out."""
    connection.execute(_GIVE_UP, {"id_": timer_id, "claim": claim_id, "now": now})


def move(connection: sa.Connection, timer_id: UUID, *, due_at: datetime) -> None:
    """Set when a timer that waits is due; who is about to fire it does not."""
    _MOVE.each(connection, [{"id_": timer_id, "due": due_at}])
    _TAKE_AWAY.each(connection, [{"id_": timer_id}])


def hasten(connection: sa.Connection, timer_id: UUID, *, at: datetime) -> None:
    """Let a timer that was put off be tried again from `at` on."""
    connection.execute(sa.update(timers).where(timers.c.id == timer_id).values(retry_at=at))
    _TAKE_AWAY.each(connection, [{"id_": timer_id}])


def put_off(connection: sa.Connection, timer_id: UUID, claim_id: UUID, *, now: datetime) -> Any:
    """Give back a claimed timer that could not fire and set its next try; return its row.

    None when it has been fired or cancelled, or another claim holds it. The row has `case_id` and `authority_id` too.
    """
    row = connection.execute(_TRIED_IN_VAIN, {"id_": timer_id, "claim": claim_id}).first()
    _GIVE_BACK.each(connection, [{"id_": timer_id, "claim": claim_id}])
    if row is None:
        return None
    wait = min(timedelta(seconds=30) * 2**row.tries, LONGEST_WAIT)
    connection.execute(
        sa.update(timers).where(timers.c.id == timer_id).values(tries=row.tries + 1, retry_at=now + wait)
    )
    return connection.execute(_WHERE, {"id_": timer_id}).one()
