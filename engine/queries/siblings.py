"""The brothers and sisters whose cases a person may see too: whom one concern may name besides the child."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.process_engine import ProcessEngine
from engine.queries import visibility, words
from engine.queries.view import View, viewing
from engine.store import siblings
from engine.store.tables.record import concerns


@dataclass(frozen=True, slots=True)
class Sibling:
    """A brother or sister with an open case; `born_on` is None before the birth."""

    case_id: UUID
    child_name: str
    born_on: date | None


def visible_siblings(engine: ProcessEngine, *, actor: Actor, case_id: UUID) -> tuple[Sibling, ...]:
    """Return the siblings whose open cases the actor may see, the oldest first; nobody where the child's is not theirs.

    Whoever may not see a case must not learn from this that it is there, nor whose brother or sister a child is.
    """
    with viewing(engine, actor) as view:
        return of_view(view, case_id)


def without_concern(view: View, case_id: UUID) -> tuple[Sibling, ...]:
    """Return the siblings whose open cases the reader may see and who have no concern that waits for an answer."""
    found = of_view(view, case_id)
    waiting = sa.select(concerns.c.case_id).where(
        concerns.c.case_id.in_([each.case_id for each in found]), concerns.c.ended_on.is_(None)
    )
    asked = set(view.connection.execute(waiting).scalars()) if found else set()
    return tuple(each for each in found if each.case_id not in asked)


def of_view(view: View, case_id: UUID) -> tuple[Sibling, ...]:
    """Return the siblings whose open cases the reader may see, the oldest first."""
    rows = siblings.with_names(view.connection, case_id)
    seen = visibility.visible(view, [case_id, *(row.id for row in rows)])
    if case_id not in seen:
        return ()
    return tuple(
        Sibling(row.id, words.child_name(row.given_name, row.family_name, row.known_as), row.born_on)
        for row in rows
        if row.id in seen
    )
