"""One read under way: who asks, on which connection, on which day of their authority."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.clock import local_day
from engine.errors import NotFound
from engine.process_engine import ProcessEngine
from engine.queries.due_states import Due, due_state
from engine.store.authorities import Authority
from engine.store.tables.people import authorities

_VERSION = sa.select(authorities.c.version).where(authorities.c.id == sa.bindparam("authority", type_=sa.Uuid))


@dataclass(frozen=True, slots=True)
class View:
    """What every query needs. `now` is aware UTC, `today` the authority's local day then."""

    engine: ProcessEngine
    connection: sa.Connection
    actor: Actor
    authority: Authority
    now: datetime
    today: date

    def due(self, due_on: date | None) -> Due:
        """Say how a promise for `due_on` stands today."""
        return due_state(due_on, today=self.today, calendar=self.authority.calendar)


@contextmanager
def viewing(engine: ProcessEngine, actor: Actor) -> Iterator[View]:
    """Give a view on a connection for reading."""
    with engine.sessions.read() as connection:
        yield view_on(engine, connection, actor)


def view_on(engine: ProcessEngine, connection: sa.Connection, actor: Actor) -> View:
    """Return a view on `connection`. Raises `NotFound` when the actor's authority is gone."""
    version = connection.execute(_VERSION, {"authority": actor.authority_id}).scalar()
    if version is None:
        raise NotFound("There is no such authority", authority_id=actor.authority_id)
    authority = engine.library.authority(connection, actor.authority_id, version)
    now = engine.clock.now()
    return View(engine, connection, actor, authority, now, local_day(now, authority.zone))
