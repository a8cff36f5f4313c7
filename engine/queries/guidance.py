"""Guidance as people read it: our guides, the authority's own beside them, and copies that were asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine import guidance
from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import NotFound, NotPermitted
from engine.guidance import Found, Guide, Section
from engine.process_engine import ProcessEngine
from engine.store import guidance as kept
from engine.store.tables.guidance import guide_copies
from engine.store.tables.people import practitioners


@dataclass(frozen=True, slots=True)
class OwnGuide:
    """A guide of the authority's own. `beside` is the key of one of ours or ""; `text` as it was written."""

    guide: Guide
    text: str
    beside: str
    version: int
    added_by: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class GuidePage:
    """One guide to read. `own` is set for the authority's; `versions` are of it, newest first, as (number, when).

    `beside` are the authority's own that stand beside one of ours. `newest` tells whether this is the one in force.
    """

    guide: Guide
    own: OwnGuide | None
    beside: tuple[OwnGuide, ...]
    versions: tuple[tuple[int, datetime], ...]
    newest: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where a task's guidance is: a guide of ours, its section or None for all of it, the authority's own beside it."""

    guide: Guide
    section: Section | None
    beside: tuple[OwnGuide, ...]


@dataclass(frozen=True, slots=True)
class Copies:
    """Printed copies that somebody asked for; `sent_at` None while they wait."""

    copies_id: UUID
    title: str
    copies: int
    send_to: str
    asked_by: str
    asked_at: datetime
    sent_at: datetime | None


def contents(engine: ProcessEngine, *, actor: Actor) -> tuple[tuple[Guide, ...], tuple[OwnGuide, ...]]:
    """Return our guides in order, and the authority's own by title."""
    return tuple(guidance.shipped().values()), _own(engine, actor)


def search(engine: ProcessEngine, *, actor: Actor, asked: str) -> list[Found]:
    """Return the sections of all guides that hold every word, the authority's own first."""
    own = [each.guide for each in _own(engine, actor)]
    return guidance.found([*own, *guidance.shipped().values()], asked[:200])


def read(engine: ProcessEngine, *, actor: Actor, key: str, version: int | None = None) -> GuidePage:
    """Return a guide, or an earlier `version` of an authority's own. Raises `NotFound`."""
    ours = guidance.shipped().get(key)
    if ours is not None and version is None:
        beside = tuple(each for each in _own(engine, actor) if each.beside == key)
        return GuidePage(ours, None, beside, (), True)
    with engine.sessions.read() as connection:
        rows = kept.versions(connection, actor.authority_id, key)
        names = _names(connection, {row.added_by for row in rows})
    wanted = [row for row in rows if version in (None, row.version)]
    if not wanted or (rows[0].withdrawn_at is not None and not permissions.may_keep_guidance(actor)):
        raise NotFound("There is no such guide", key=key)
    own = _read(wanted[0], names)
    numbers = tuple((row.version, row.added_at) for row in rows)
    return GuidePage(own.guide, own, (), numbers, wanted[0] is rows[0] and rows[0].withdrawn_at is None)


def at(engine: ProcessEngine, *, actor: Actor, place: str) -> Place | None:
    """Return what stands at a place that a diagram names ("steps#plan"); None when it names none of ours."""
    found = guidance.guide(place)
    if found is None:
        return None
    guide, anchor = found
    beside = tuple(each for each in _own(engine, actor) if each.beside == guide.key)
    return Place(guide, guide.section(anchor), beside)


def copies(engine: ProcessEngine, *, actor: Actor) -> tuple[Copies, ...]:
    """Return the printed copies asked for, those that wait first, then the latest. Raises `NotPermitted`."""
    if not permissions.may_keep_guidance(actor):
        raise NotPermitted("A coordinator or an administrator sends printed guidance")
    with engine.sessions.read() as connection:
        rows = connection.execute(
            sa.select(guide_copies, practitioners.c.name)
            .join(practitioners, practitioners.c.id == guide_copies.c.asked_by)
            .where(guide_copies.c.authority_id == actor.authority_id)
            .order_by(guide_copies.c.sent_at.is_not(None), guide_copies.c.asked_at.desc(), guide_copies.c.id)
            .limit(100)
        )
        return tuple(
            Copies(row.id, row.title, row.copies, row.send_to, row.name, row.asked_at, row.sent_at) for row in rows
        )


def waiting_copies(engine: ProcessEngine, *, actor: Actor) -> int:
    """Return how many requests for printed copies wait to be sent, for who sends them; 0 to everybody else."""
    if not permissions.may_keep_guidance(actor):
        return 0
    waits = (guide_copies.c.authority_id == actor.authority_id) & guide_copies.c.sent_at.is_(None)
    with engine.sessions.read() as connection:
        return connection.execute(sa.select(sa.func.count()).where(waits)).scalar_one()


def own_copies(engine: ProcessEngine, *, actor: Actor, key: str) -> tuple[Copies, ...]:
    """Return the printed copies of a guide that the actor asked for, the latest first."""
    own = (guide_copies.c.asked_by == actor.practitioner_id) & (guide_copies.c.guide_key == key)
    query = sa.select(guide_copies).where(own).order_by(guide_copies.c.asked_at.desc(), guide_copies.c.id).limit(5)
    with engine.sessions.read() as connection:
        rows = connection.execute(query)
        return tuple(
            Copies(row.id, row.title, row.copies, row.send_to, actor.name, row.asked_at, row.sent_at) for row in rows
        )


def _own(engine: ProcessEngine, actor: Actor) -> tuple[OwnGuide, ...]:
    with engine.sessions.read() as connection:
        rows = [row for row in kept.newest(connection, actor.authority_id).values() if row.withdrawn_at is None]
        names = _names(connection, {row.added_by for row in rows})
    return tuple(_read(row, names) for row in rows)


def _read(row: Any, names: Mapping[UUID, str]) -> OwnGuide:
    guide = guidance.read_guide(row.key, row.text, title=row.title)
    return OwnGuide(guide, row.text, row.beside, row.version, names[row.added_by], row.added_at)


def _names(connection: sa.Connection, ids: set[UUID]) -> Mapping[UUID, str]:
    query = sa.select(practitioners.c.id, practitioners.c.name).where(practitioners.c.id.in_(ids))
    return dict(connection.execute(query).all()) if ids else {}
