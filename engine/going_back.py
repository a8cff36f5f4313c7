"""To which version each case goes back that moved with a release, once that is taken back; the others stay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.bpmn import Targets
from engine.store import batches, definitions, rehearsals
from engine.store.authorities import Authority


@dataclass(frozen=True, slots=True)
class Goal:
    """The version to which an instance goes back, and which element is meant there instead of which."""

    definition_id: UUID
    targets: Targets


def goals(connection: sa.Connection, authority: Authority, row: Any) -> Mapping[UUID, Goal] | None:
    """Return where the instances go that a rehearsal takes back, by instance; None for a rehearsal of a release.

    One goes back to the version it was on, or to the newest where that has the same text.
    """
    if row.back_of is None:
        return None
    batch_id = rehearsals.read(connection, row.authority_id, row.back_of).batch_id
    done = [] if batch_id is None else batches.items(connection, batch_id, state="done")
    found: dict[UUID, Goal] = {}
    kept: dict[str, UUID] = {}
    for each in done:
        was = each.particulars["definition"]
        if was not in kept:
            kept[was] = _newest_of_same_text(connection, authority, UUID(was))
        found[UUID(each.particulars["instance"])] = Goal(kept[was], each.particulars.get("targets") or {})
    return found


def _newest_of_same_text(connection: sa.Connection, authority: Authority, definition_id: UUID) -> UUID:
    was = definitions.load(connection, definition_id)
    newest = authority.latest.get(("process", was.key))
    same = newest is not None and definitions.load(connection, newest).hash == was.hash
    return newest if newest is not None and same else definition_id
