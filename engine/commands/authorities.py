"""Change what an authority says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from engine.calendar import NATIONS
from engine.casework import retention
from engine.casework.permissions import Actor, may_keep_authority
from engine.casework.profiles import check_profile, renamed
from engine.errors import Conflict, Invalid, NotPermitted
from engine.leaving import open_staff_work
from engine.process_engine import ProcessEngine
from engine.store import authorities, mag_seats
from engine.store.tables.people import authorities as rows
from engine.work import Work


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
        whole = retention.dated(work.authority.profile, whole, today=work.today)
        values = {"name": name.strip(), "nation": nation, "profile": whole}
        connection.execute(sa.update(rows).where(rows.c.id == actor.authority_id).values(**values))
        mag_seats.rename(connection, actor.authority_id, renamed(work.authority.profile, whole))
        _changed(work)
        work.record("profile_changed", subject=actor.authority_id, detail=values)
        work.finish()


def _require_may(actor: Actor) -> None:
    if not may_keep_authority(actor):
        raise NotPermitted("An administrator changes the authority's settings")


def _changed(work: Work) -> None:
    authorities.touch(work.connection, work.authority.id)
