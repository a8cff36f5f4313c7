"""Who sits on which multi-agency group, and so which referrals are theirs to look at."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from engine.ids import IdSource
from engine.store.tables.people import mag_seats
from engine.store.tables.record import mag_referrals

_NOW = mag_seats.c.to_on.is_(None)


def theirs(practitioner_id: sa.ColumnElement[UUID], authority_id: sa.ColumnElement[UUID]) -> sa.ColumnElement[bool]:
    """Return the condition on `mag_referrals` that a member looks at them: those of the groups they sit on.

    Where an authority keeps no seats at all, every member sits on every group.
    """
    any_seat = mag_seats.alias("any_seat")
    kept = sa.exists().where(any_seat.c.authority_id == authority_id, any_seat.c.to_on.is_(None))
    own = sa.exists().where(
        mag_seats.c.practitioner_id == practitioner_id, mag_seats.c.mag == mag_referrals.c.mag, _NOW
    )
    return sa.or_(~kept.correlate_except(any_seat), own.correlate_except(mag_seats))


def elsewhere(
    case_id: sa.ColumnElement[UUID], practitioner_id: sa.ColumnElement[UUID], authority_id: sa.ColumnElement[UUID]
) -> sa.ColumnElement[bool]:
    """Return the condition that a case waits for a group that somebody does not sit on."""
    waits = (mag_referrals.c.case_id == case_id) & mag_referrals.c.ended_on.is_(None)
    return sa.exists().where(waits, ~theirs(practitioner_id, authority_id)).correlate_except(mag_referrals)


def of_authority(connection: sa.Connection, authority_id: UUID) -> dict[UUID, frozenset[str]]:
    """Return the groups that each person sits on, by practitioner; nobody who sits on none."""
    query = sa.select(mag_seats.c.practitioner_id, mag_seats.c.mag).where(
        mag_seats.c.authority_id == authority_id, _NOW
    )
    found: dict[UUID, set[str]] = {}
    for row in connection.execute(query):
        found.setdefault(row.practitioner_id, set()).add(row.mag)
    return {practitioner: frozenset(mags) for practitioner, mags in found.items()}


def rename(connection: sa.Connection, authority_id: UUID, names: Mapping[str, str]) -> None:
    """Let seats that are held and referrals that wait follow groups to their new names (old name -> new name)."""
    for table, open_ in ((mag_seats, _NOW), (mag_referrals, mag_referrals.c.ended_on.is_(None))):
        for was, now in names.items():
            mine = (table.c.authority_id == authority_id) & (table.c.mag == was) & open_
            connection.execute(sa.update(table).where(mine).values(mag=now))


def replace(
    connection: sa.Connection,
    authority_id: UUID,
    practitioner_id: UUID,
    mags: Collection[str],
    *,
    on: date,
    ids: IdSource,
) -> bool:
    """Let somebody sit on exactly `mags` from `on`; tell whether that changed anything."""
    before = of_authority(connection, authority_id).get(practitioner_id, frozenset())
    gone, new = sorted(before - set(mags)), sorted(set(mags) - before)
    mine = (mag_seats.c.practitioner_id == practitioner_id) & _NOW
    if gone:
        connection.execute(sa.update(mag_seats).where(mine, mag_seats.c.mag.in_(gone)).values(to_on=on))
    for mag in new:
        seat = {"id": ids.new(), "authority_id": authority_id, "practitioner_id": practitioner_id, "mag": mag}
        connection.execute(sa.insert(mag_seats).values(**seat, from_on=on))
    return bool(gone or new)
