"""The lists of work that somebody has saved by name, and those that their teams share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.queries.view import View
from engine.store.sets import among
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


def of_actor(view: View, *, place: str = "tasks") -> tuple[SavedList, ...]:
    """Return one's own lists of a page (`tasks`, `overdue`) and those that one's teams share, by name."""
    me, teams = view.actor.practitioner_id, sorted(view.actor.team_ids)
    rows = view.connection.execute(_SEEN, _values(view, place, teams))
    return tuple(
        SavedList(row.id, row.name, row.query, "" if row.practitioner_id == me else row.owner, row.team_id is not None)
        for row in rows
    )


def _values(view: View, place: str, teams: list[UUID]) -> dict[str, Any]:
    return {"me": view.actor.practitioner_id, "authority": view.actor.authority_id, "place": place, "ids": teams}


_SEEN = (
    sa.select(saved_lists, practitioners.c.name.label("owner"))
    .join(practitioners, practitioners.c.id == saved_lists.c.practitioner_id)
    .where(
        sa.or_(
            saved_lists.c.practitioner_id == sa.bindparam("me", type_=sa.Uuid), among(saved_lists.c.team_id)
        ),
        saved_lists.c.authority_id == sa.bindparam("authority", type_=sa.Uuid),
        saved_lists.c.place == sa.bindparam("place"),
    )
    .order_by(saved_lists.c.name, saved_lists.c.id)
)
