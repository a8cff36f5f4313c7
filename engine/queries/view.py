"""One read under way: who asks, on which connection, on which day of their authority."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.bpmn import ProcessDefinition
from engine.casework.permissions import Actor
from engine.casework.terms import localised
from engine.clock import local_day
from engine.errors import NotFound
from engine.forms import Form
from engine.options import facts_for
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

    def form(self, definition_id: UUID) -> Form:
        """Return a deployed form in the authority's own words. Raises `NotFound`."""
        return self.engine.library.form(self.connection, definition_id, term=self.authority.term)

    def process(self, definition_id: UUID) -> ProcessDefinition:
        """Return a deployed process, named in the authority's own words. Raises `NotFound`."""
        return self.engine.library.process(self.connection, definition_id, term=self.authority.term)

    def way_to(self, definition_id: UUID, process_key: str) -> list[ProcessDefinition]:
        """Return the diagrams from a deployed one to the one that it calls, itself or through others, by its key."""
        definition = self.process(definition_id)
        if definition.key == process_key:
            return [definition]
        for called in self.engine.library.calls(self.connection, definition_id).values():
            if way := self.way_to(called, process_key):
                return [definition, *way]
        return []

    def called(self, definition_id: UUID, process_key: str) -> ProcessDefinition | None:
        """Return a diagram that a deployed one calls, itself or through others; None where it calls none such."""
        way = self.way_to(definition_id, process_key)
        return way[-1] if way else None

    def facts_for(self, form: Form, case_id: UUID) -> Mapping[str, Any]:
        """Return what the conditions of a form read of a case's record itself (`engine.options.FACTS`)."""
        host = self.engine.library.host(self.connection, self.authority)
        return facts_for(self.connection, form, case_id=case_id, host=host)

    def said(self, text: str) -> str:
        """Return a text from a diagram or a rule in the authority's own words; never for what a person typed."""
        return localised(text, self.authority.term)

    def due(self, due_on: date | None, *, protecting: bool = False) -> Due:
        """Say how a promise for `due_on` stands today; `protecting` when it protects a child."""
        return due_state(due_on, today=self.today, calendar=self.authority.calendar, protecting=protecting)


@contextmanager
def viewing(engine: ProcessEngine, actor: Actor) -> Iterator[View]:
    """Give a view on a connection for reading."""
    with engine.sessions.read() as connection:
        yield view_on(engine, connection, actor)


def view_on(engine: ProcessEngine, connection: sa.Connection, actor: Actor, *, version: int | None = None) -> View:
    """Return a view on `connection`; `version` is the authority's where it has just been read.

    Raises `NotFound` when the actor's authority is gone.
    """
    version = actor.authority_version if version is None else version
    if version is None:
        version = connection.execute(_VERSION, {"authority": actor.authority_id}).scalar()
    if version is None:
        raise NotFound("There is no such authority", authority_id=actor.authority_id)
    authority = engine.library.authority(connection, actor.authority_id, version)
    now = engine.clock.now()
    return View(engine, connection, actor, authority, now, local_day(now, authority.zone))
