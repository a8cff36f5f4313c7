"""Read what an authority has decided: calendar, profile, and the latest of each definition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from engine.calendar import WorkingCalendar
from engine.casework import terms
from engine.casework.profiles import Contacts, contacts
from engine.errors import NotFound
from engine.store.definitions import NO_TEXT
from engine.store.tables.people import authorities, local_closures
from engine.store.tables.running import definitions


@dataclass(frozen=True, slots=True)
class Authority:
    """An authority as of `version`; every change of settings or deployment raises the version.

    `latest` maps (kind, key) to the id of the newest definition; kinds are `process`, `rules`, `form`, `examples`, and
    `decision`, whose key is a decision's id and whose value is the rules file that holds it, and `message`,
    whose key is the message that starts a process.
    """

    id: UUID
    key: str
    name: str
    version: int
    calendar: WorkingCalendar
    profile: Mapping[str, Any]
    latest: Mapping[tuple[str, str], UUID]

    @property
    def term(self) -> str:
        """What it calls a meeting of the team around the child."""
        return terms.term_of(self.profile)

    @property
    def contacts(self) -> Contacts:
        """How the team that coordinates is reached."""
        return contacts(self.name, self.profile)

    @property
    def zone(self) -> ZoneInfo:
        """The zone of its clocks."""
        return self.calendar.zone


_ZONE = sa.select(authorities.c.zone).where(authorities.c.id == sa.bindparam("id_"))


def zone_name(connection: sa.Connection, authority_id: UUID) -> str:
    """Return the name of the zone of an authority's clocks, as "Europe/London"."""
    name: str = connection.execute(_ZONE, {"id_": authority_id}).scalar_one()
    return name


def load(connection: sa.Connection, authority_id: UUID) -> Authority:
    """Read one authority. Raises `NotFound`."""
    row = connection.execute(sa.select(authorities).where(authorities.c.id == authority_id)).first()
    if row is None:
        raise NotFound("There is no such authority", authority_id=authority_id)
    closures = connection.execute(
        sa.select(local_closures.c.on_day).where(local_closures.c.authority_id == authority_id)
    ).scalars()
    return Authority(
        id=row.id,
        key=row.key,
        name=row.name,
        version=row.version,
        calendar=WorkingCalendar(nation=row.nation, closures=frozenset(closures), zone=ZoneInfo(row.zone)),
        profile=row.profile,
        latest=_latest(connection, authority_id),
    )


def touch(connection: sa.Connection, authority_id: UUID) -> None:
    """Raise an authority's version, so that every engine reads it anew."""
    connection.execute(
        sa.update(authorities).where(authorities.c.id == authority_id).values(version=authorities.c.version + 1)
    )


def _latest(connection: sa.Connection, authority_id: UUID) -> dict[tuple[str, str], UUID]:
    rows = connection.execute(
        sa.select(definitions.c.kind, definitions.c.key, definitions.c.id, definitions.c.uses, definitions.c.hash)
        .where(definitions.c.authority_id == authority_id)
        .order_by(definitions.c.version)
    )
    found = {(row.kind, row.key): row for row in rows}
    newest = {name: (row.id, row.uses) for name, row in found.items() if row.hash != NO_TEXT}
    latest = {name: id_ for name, (id_, _) in newest.items()}
    for (kind, _), (id_, uses) in newest.items():
        if kind == "rules":
            latest.update({("decision", decision): id_ for decision in uses.get("decisions", ())})
        if kind == "process":
            latest.update({("message", message): id_ for message in uses.get("messages", ())})
    return latest
