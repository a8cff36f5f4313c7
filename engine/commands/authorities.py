"""Change what an authority says of itself, and the days its offices are closed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.calendar import NATIONS
from engine.casework.permissions import Actor, may_keep_authority
from engine.casework.profiles import check_profile, renamed
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.leaving import open_staff_work
from engine.process_engine import ProcessEngine
from engine.store import authorities, mag_seats
from engine.store.tables.people import authorities as rows
from engine.store.tables.people import local_closures
from engine.work import Work

FARTHEST: Final = timedelta(days=1096)
"""How far from today a closure may lie."""


def change(
    engine: ProcessEngine,
    *,
    actor: Actor,
    name: str,
    nation: str,
    profile: Mapping[str, Any],
    expected_version: int | None = None,
) -> None:
    """Set the authority's name, the nation whose bank holidays it keeps, and fields of its profile; others stay.

    Seats and waiting referrals follow a multi-agency group whose name changes. History keeps what the profile was
    changed to. Days already promised do not move. Raises `NotPermitted`, `Invalid`
    naming the field, `Conflict` when somebody changed it since `expected_version`.
    """
    _require_may(actor)
    if not name.strip():
        raise Invalid("Enter the authority's name", field="name")
    if nation not in NATIONS:
        raise Invalid("Choose the nation whose bank holidays count", field="nation")
    with engine.sessions.act() as connection:
        work = open_staff_work(engine, connection, actor.authority_id, actor)
        if expected_version is not None and expected_version != work.authority.version:
            raise Conflict("Somebody changed this a moment ago. Look again before you go on.")
        whole = {**work.authority.profile, **profile}
        check_profile(whole)
        values = {"name": name.strip(), "nation": nation, "profile": whole}
        connection.execute(sa.update(rows).where(rows.c.id == actor.authority_id).values(**values))
        mag_seats.rename(connection, actor.authority_id, renamed(work.authority.profile, whole))
        _changed(work)
        work.record("profile_changed", subject=actor.authority_id, detail=values)
        work.finish()


def add_closure(engine: ProcessEngine, *, actor: Actor, on_day: date, name: str) -> UUID:
    """Add a day on which the offices are closed: it counts as no working day from now on.

    Raises `NotPermitted`, `Invalid` naming the field, `Conflict` when the day is known already.
    """
    _require_may(actor)
    if not name.strip():
        raise Invalid("Say why the offices are closed", field="name")
    with engine.sessions.act() as connection:
        work = open_staff_work(engine, connection, actor.authority_id, actor)
        if abs(on_day - work.today) > FARTHEST:
            raise Invalid("Enter a day within three years of today", field="on_day")
        same = (local_closures.c.authority_id == actor.authority_id) & (local_closures.c.on_day == on_day)
        if connection.execute(sa.select(local_closures.c.id).where(same)).first() is not None:
            raise Conflict("This day is on the list already", field="on_day")
        id_ = engine.ids.new()
        kept = {"id": id_, "authority_id": actor.authority_id, "on_day": on_day, "name": name.strip()}
        connection.execute(sa.insert(local_closures).values(**kept))
        _changed(work)
        work.record("closure_added", subject=id_, detail={"on_day": on_day, "name": name.strip()})
        work.finish()
    return id_


def remove_closure(engine: ProcessEngine, *, actor: Actor, closure_id: UUID) -> None:
    """Take a closure off the list. Raises `NotPermitted`, `NotFound`."""
    _require_may(actor)
    with engine.sessions.act() as connection:
        work = open_staff_work(engine, connection, actor.authority_id, actor)
        own = (local_closures.c.id == closure_id) & (local_closures.c.authority_id == actor.authority_id)
        row = connection.execute(sa.select(local_closures).where(own)).first()
        if row is None:
            raise NotFound("There is no such closure", closure_id=closure_id)
        connection.execute(sa.delete(local_closures).where(own))
        _changed(work)
        work.record("closure_removed", subject=closure_id, detail={"on_day": row.on_day, "name": row.name})
        work.finish()


def _require_may(actor: Actor) -> None:
    if not may_keep_authority(actor):
        raise NotPermitted("An administrator changes the authority's settings")


def _changed(work: Work) -> None:
    authorities.touch(work.connection, work.authority.id)
