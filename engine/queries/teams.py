"""Agencies and their teams: who is in each since when, who was, who joins and who leaves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor, may_keep_authority
from engine.errors import NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries.view import viewing
from engine.store.tables.people import agencies, practitioners, team_memberships, teams

LATELY: Final = timedelta(days=31)
"""For how long after a day somebody counts as having come or gone lately."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Somebody's place in a team; `to_on` is its last day, None while it lasts. `leaves_on` is their last day here."""

    practitioner_id: UUID
    name: str
    job_title: str
    from_on: date
    to_on: date | None
    leaves_on: date | None
    new: bool


@dataclass(frozen=True, slots=True)
class Team:
    """A team with who is in it, by name, and who was in it until not long ago; `closed_on` None while it is open."""

    team_id: UUID
    name: str
    closed_on: date | None
    current: tuple[Place, ...]
    past: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency, its teams by name, and how many people work for it; `closed_on` None while it is open."""

    agency_id: UUID
    name: str
    closed_on: date | None
    people: int
    teams: tuple[Team, ...]


def agencies_with_teams(engine: ProcessEngine, *, actor: Actor) -> tuple[Agency, ...]:
    """Return every agency of the authority, by name. Raises `NotPermitted`."""
    if not may_keep_authority(actor):
        raise NotPermitted("An administrator keeps the teams")
    with viewing(engine, actor) as view:
        own = actor.authority_id
        rows = view.connection.execute(_PLACES.where(team_memberships.c.authority_id == own)).all()
        places: dict[UUID, list[Place]] = defaultdict(list)
        for row in rows:
            if row.to_on is None or view.today - row.to_on <= LATELY:
                places[row.team_id].append(_place(row, view.today))
        held: dict[UUID, list[Team]] = defaultdict(list)
        for row in view.connection.execute(_by_name(teams, own)):
            held[row.agency_id].append(_team(row, places[row.id]))
        people = view.connection.execute(_PEOPLE.where(practitioners.c.authority_id == own))
        counted: dict[UUID, int] = {row.agency_id: row.people for row in people}
        found = view.connection.execute(_by_name(agencies, own)).all()
    return tuple(Agency(row.id, row.name, row.closed_on, counted.get(row.id, 0), tuple(held[row.id])) for row in found)


_PLACES = (
    sa.select(team_memberships, practitioners.c.name, practitioners.c.job_title, practitioners.c.leaves_on)
    .join(practitioners, practitioners.c.id == team_memberships.c.practitioner_id)
    .order_by(practitioners.c.name, team_memberships.c.from_on, team_memberships.c.id)
)
_PEOPLE = (
    sa.select(practitioners.c.agency_id, sa.func.count().label("people"))
    .where(practitioners.c.left_on.is_(None), practitioners.c.agency_id.is_not(None))
    .group_by(practitioners.c.agency_id)
)


def _by_name(table: sa.Table, authority_id: UUID) -> sa.Select[Any]:
    return sa.select(table).where(table.c.authority_id == authority_id).order_by(table.c.name, table.c.id)


def _team(row: Any, places: Iterable[Place]) -> Team:
    given = list(places)
    current = tuple(each for each in given if each.to_on is None)
    return Team(row.id, row.name, row.closed_on, current, tuple(each for each in given if each.to_on is not None))


def _place(row: Any, today: date) -> Place:
    return Place(
        practitioner_id=row.practitioner_id,
        name=row.name,
        job_title=row.job_title,
        from_on=row.from_on,
        to_on=row.to_on,
        leaves_on=row.leaves_on,
        new=row.to_on is None and today - row.from_on <= LATELY,
    )
