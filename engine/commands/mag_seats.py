"""Say who sits on which multi-agency group."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from engine.casework import permissions, profiles
from engine.casework.permissions import Actor
from engine.errors import Invalid, NotPermitted
from engine.process_engine import ProcessEngine
from engine.store import administration, mag_seats, people
from engine.work import open_work


def set_seats(engine: ProcessEngine, *, actor: Actor, practitioner_id: UUID, mags: Collection[str]) -> None:
    """Let a member sit on exactly `mags` (names of the profile) from today; none takes every seat away.

    Once an authority keeps seats, a member sees what waits for their own groups alone. Raises `NotPermitted`,
    `Invalid` for a group that the authority does not have, or for who is no member of multi-agency groups.
    """
    if not permissions.may_keep_mag_seats(actor):
        raise NotPermitted("A coordinator or an administrator says who sits on which group")
    with engine.sessions.act() as connection:
        case = administration.lock(connection, actor.authority_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now())
        known = {group.name for group in profiles.groups(work.authority.profile)}
        if not set(mags) <= known:
            raise Invalid("Choose groups from the list", field="mags")
        if practitioner_id not in people.with_role(connection, actor.authority_id, "mag_member"):
            raise Invalid("Choose a member of the multi-agency groups", field="practitioner_id")
        moved = mag_seats.replace(connection, actor.authority_id, practitioner_id, mags, on=work.today, ids=engine.ids)
        if moved:
            work.record("mag_seats_set", subject=practitioner_id, detail={"mags": sorted(set(mags))})
        work.finish()
