"""The lists of work that somebody has saved by name, and those that their teams share."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.process_engine import ProcessEngine
from engine.store.tables.people import practitioners
from engine.store.tables.worklists import saved_lists


@dataclass(frozen=True, slots=True)
class SavedList:
    """A list by name; `query` is the end of its address. `owner` is empty when it is one's own."""

    list_id: UUID
    name: str
    query: str
    owner: str
    shared: bool


def read(engine: ProcessEngine, *, actor: Actor) -> tuple[SavedList, ...]:
    """Return one's own lists and those that one's teams share, by name."""
    mine = saved_lists.c.practitioner_id == actor.practitioner_id
    seen = sa.or_(mine, saved_lists.c.team_id.in_(sorted(actor.team_ids))) if actor.team_ids else mine
    with engine.sessions.read() as connection:
        rows = connection.execute(
            sa.select(saved_lists, practitioners.c.name.label("owner"))
            .join(practitioners, practitioners.c.id == saved_lists.c.practitioner_id)
            .where(seen, saved_lists.c.authority_id == actor.authority_id)
            .order_by(saved_lists.c.name, saved_lists.c.id)
        )
        return tuple(
            SavedList(
                row.id, row.name, row.query, "" if row.practitioner_id == actor.practitioner_id else row.owner,
                row.team_id is not None,
            )
            for row in rows
        )  # fmt: skip
