"""What the poller needs to know, and its sign of life."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from engine.process_engine import ProcessEngine
from engine.store import due, verification
from engine.store.tables.people import authorities
from engine.store.tables.running import heartbeats

SWEEP_AT = time(2, 30)
"""When the night's sweep begins, on the authority's own clock."""
BEAT_EVERY = timedelta(seconds=30)


def next_due(engine: ProcessEngine) -> datetime | None:
    """Return the earliest instant (aware UTC) at which a timer is due, or None."""
    with engine.sessions.read() as connection:
        return due.next_due(connection)


def authorities_to_sweep(engine: ProcessEngine) -> list[UUID]:
    """Return the authorities whose sweep of today has not been run and whose time for it has come."""
    now = engine.clock.now()
    with engine.sessions.read() as connection:
        rows = connection.execute(sa.select(authorities.c.id, authorities.c.zone, authorities.c.swept_on)).all()
    return [row.id for row in rows if row.swept_on is None or row.swept_on < _night_of(now, row.zone)]


def swept(engine: ProcessEngine, authority_id: UUID) -> None:
    """Keep that an authority's sweep of today was run, and anchor the history of the day."""
    now = engine.clock.now()
    with engine.sessions.act() as connection:
        zone = connection.execute(sa.select(authorities.c.zone).where(authorities.c.id == authority_id)).scalar_one()
        connection.execute(
            sa.update(authorities).where(authorities.c.id == authority_id).values(swept_on=_night_of(now, zone))
        )
        verification.anchor(connection, at=now)


def beat(engine: ProcessEngine) -> None:
    """Leave a sign of life, at most every `BEAT_EVERY`, that health checks read."""
    now = engine.clock.now()
    with engine.sessions.read() as connection:
        last = connection.execute(sa.select(heartbeats.c.at).where(heartbeats.c.name == "poller")).scalar()
    if last is not None and timedelta(0) <= now - last < BEAT_EVERY:
        return
    with engine.sessions.act() as connection:
        changed = connection.execute(sa.update(heartbeats).where(heartbeats.c.name == "poller").values(at=now))
        if changed.rowcount == 0:
            connection.execute(sa.insert(heartbeats).values(name="poller", at=now))


def _night_of(now: datetime, zone: str) -> date:
    """Return the local day whose sweep is due at `now`: today from `SWEEP_AT` on, yesterday before."""
    local = now.astimezone(ZoneInfo(zone))
    return local.date() if local.time() >= SWEEP_AT else local.date() - timedelta(days=1)
