"""What a case waits for that comes from outside, for who may say that it has come."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from engine import awaited
from engine.awaited import Awaited
from engine.casework import permissions
from engine.casework.permissions import Actor, Relation
from engine.errors import NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries import visibility, words
from engine.queries.view import View, view_on
from engine.store.tables.record import cases, children


@dataclass(frozen=True, slots=True)
class MessagesPage:
    """What the case of a child waits for; empty when that is nothing."""

    case_id: UUID
    child_name: str
    awaited: tuple[Awaited, ...]


def read(engine: ProcessEngine, *, actor: Actor, case_id: UUID) -> MessagesPage:
    """Return what a case waits for, after keeping that its record was read. Raises `NotFound`, `NotPermitted`."""
    with engine.sessions.act() as connection:
        view = view_on(engine, connection, actor)
        relation = visibility.require_case(view, case_id)
        if not permissions.may_bring_message(actor, relation):
            raise NotPermitted("A line manager of who leads or assesses, or a coordinator, says what has come.")
        visibility.keep_read(view, case_id, "what it waits for")
        child = connection.execute(
            sa.select(children.c.given_name, children.c.family_name, children.c.known_as)
            .join(cases, cases.c.child_id == children.c.id)
            .where(cases.c.id == case_id)
        ).one()
        name = words.child_name(child.given_name, child.family_name, child.known_as)
        return MessagesPage(case_id, name, of_case(view, case_id, relation))


def of_case(view: View, case_id: UUID, relation: Relation) -> tuple[Awaited, ...]:
    """Return what the reader may tell a case; nothing for others."""
    if not permissions.may_bring_message(view.actor, relation):
        return ()
    found = awaited.from_outside(view.connection, view.engine.library, view.authority, case_id)
    return tuple(Awaited(each.name, view.said(each.words)) for each in found)
