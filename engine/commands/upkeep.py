"""What the poller needs to know, and its sign of life."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from engine.guard import Trouble, keep
from engine.process_engine import ProcessEngine
from engine.store import due, sign_in_tries, verification
from engine.store.authorities import zone_name
from engine.store.incidents import resolve_service
from engine.store.tables.people import authorities
from engine.store.tables.running import heartbeats

SWEEP_AT = time(2, 30)
"""When the night's sweep begins, on the authority's own clock."""
BEAT_EVERY = timedelta(seconds=30)
SAID: Final[Mapping[str, str]] = {
    "timers": "The timers that are due could not be fired",
    "nights": "Whose night's work is due could not be looked up",
    "last_days": "Leavings and absences that are over could not be looked through",
    "restrictions": "The coordinators could not be told which restrictions are to be looked at again",
    "publishing": "Changes approved for a time that has come could not be published",
    "case_messages": "What has happened could not be told to the diagrams of cases",
    "index_questions": "The coordinators could not be told who asked for restricted cases",
    "batches": "Work that was shared out in one go could not be gone on with",
    "rehearsals": "Running cases could not be tried on a release, or moved to it",
    "changed_plans": "Plans that changed could not be judged",
    "night": "The night's check of the plans could not be run",
    "retention": "What is past its time by the rules of how long records are kept could not be erased",
    "end_of_night": "The end of the night's work could not be kept",
    "digests": "The morning's messages of what presses could not be queued",
    "messages": "The messages that wait could not be sent",
    "sign_of_life": "The service could not leave its sign of life",
}
"""What it means for people when a part of a tick fails."""

_SWEPT = sa.select(authorities.c.id, authorities.c.zone, authorities.c.swept_on)
_SWEEP = sa.update(authorities).where(authorities.c.id == sa.bindparam("id_")).values(swept_on=sa.bindparam("night"))
_LAST_BEAT = sa.select(heartbeats.c.at).where(heartbeats.c.name == "poller")
_BEAT = sa.update(heartbeats).where(heartbeats.c.name == "poller").values(at=sa.bindparam("now"))


def next_due(engine: ProcessEngine) -> datetime | None:
    """Return the earliest instant (aware UTC) at which a timer is due, or None."""
    with engine.sessions.read() as connection:
        return due.next_due(connection)


def authorities_to_sweep(engine: ProcessEngine) -> list[UUID]:
    """Return the authorities whose sweep of today has not been run and whose time for it has come."""
    now = engine.clock.now()
    with engine.sessions.read() as connection:
        rows = connection.execute(_SWEPT).all()
    return [row.id for row in rows if row.swept_on is None or row.swept_on < _night_of(now, row.zone)]


def next_night(engine: ProcessEngine) -> datetime | None:
    """Return the earliest instant (aware UTC) after now at which a night's sweep begins, None without authorities."""
    now = engine.clock.now()
    with engine.sessions.read() as connection:
        zones = {ZoneInfo(row.zone) for row in connection.execute(_SWEPT)}
    return min((_night_after(now, zone) for zone in zones), default=None)


def swept(engine: ProcessEngine, authority_id: UUID) -> None:
    """Keep that an authority's sweep of today was run, anchor the history of the day, drop old tries to sign in."""
    now = engine.clock.now()
    with engine.sessions.act() as connection:
        zone = zone_name(connection, authority_id)
        connection.execute(_SWEEP, {"id_": authority_id, "night": _night_of(now, zone)})
        verification.anchor(connection, at=now)
        sign_in_tries.prune(connection, at=now)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a tick, a word of `SAID`; of one authority's night, or of all that the service does."""

    key: str
    authority_id: UUID | None = None


def beat(engine: ProcessEngine, *, well: Sequence[Part] = (), unwell: Mapping[Part, Trouble] | None = None) -> None:
    """Leave a sign of life, at most every `BEAT_EVERY`, that health checks read; keep which parts of a tick failed.

    A part that failed is an incident of its authority, of every authority when it is nobody's own, until it goes well.
    """
    now = engine.clock.now()
    defects = {part: trouble for part, trouble in (unwell or {}).items() if not trouble.down}
    with engine.sessions.read() as connection:
        last = connection.execute(_LAST_BEAT).scalar()
    beaten = last is not None and timedelta(0) <= now - last < BEAT_EVERY
    if beaten and not defects and all(part.authority_id is None for part in well):
        return
    with engine.sessions.act() as connection:
        for authority_id in dict.fromkeys(part.authority_id for part in well):
            parts = [part.key for part in well if part.authority_id == authority_id]
            resolve_service(connection, parts, authority_id=authority_id, at=now)
        for part, trouble in defects.items():
            _keep(engine, connection, part, trouble, at=now)
        if connection.execute(_BEAT, {"now": now}).rowcount == 0:
            connection.execute(sa.insert(heartbeats).values(name="poller", at=now))


def _keep(engine: ProcessEngine, connection: sa.Connection, part: Part, trouble: Trouble, *, at: datetime) -> None:
    everybody = connection.execute(sa.select(authorities.c.id).order_by(authorities.c.id)).scalars()
    for authority_id in everybody if part.authority_id is None else [part.authority_id]:
        keep(
            engine,
            connection,
            trouble,
            said=SAID[part.key],
            kind="service",
            at=at,
            authority_id=authority_id,
            element_id=part.key,
        )


def _night_of(now: datetime, zone: str) -> date:
    """Return the local day whose sweep is due at `now`: today from `SWEEP_AT` on, yesterday before."""
    local = now.astimezone(ZoneInfo(zone))
    return local.date() if local.time() >= SWEEP_AT else local.date() - timedelta(days=1)


def _night_after(now: datetime, zone: ZoneInfo) -> datetime:
    today = now.astimezone(zone).date()
    begins = (datetime.combine(today + timedelta(days=days), SWEEP_AT, tzinfo=zone).astimezone(UTC) for days in (0, 1))
    return next(night for night in begins if night > now)
