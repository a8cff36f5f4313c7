"""What a draft was before: its revisions, so that one of them may be put in its place again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.errors import NotFound
from engine.process_engine import ProcessEngine
from engine.queries.definitions import require_designer
from engine.queries.view import viewing
from engine.store.tables.modelling import model_draft_revisions as table
from engine.store.tables.people import accounts, practitioners

MOST = 20


@dataclass(frozen=True, slots=True)
class Revision:
    """A text that was saved: the version it had, by whom (None: that account is gone) and when (aware UTC)."""

    version: int
    saved_by: str | None
    saved_at: datetime


def revisions(engine: ProcessEngine, *, actor: Actor, file: str) -> tuple[Revision, ...]:
    """Return the newest revisions of a file's draft, at most twenty. Raises `NotPermitted`."""
    require_designer(actor)
    query = (
        sa.select(table.c.version, practitioners.c.name, table.c.saved_at)
        .outerjoin(accounts, accounts.c.id == table.c.account_id)
        .outerjoin(practitioners, practitioners.c.id == accounts.c.practitioner_id)
        .where(table.c.authority_id == actor.authority_id, table.c.file == file)
        .order_by(table.c.version.desc())
        .limit(MOST)
    )
    with viewing(engine, actor) as view:
        return tuple(Revision(row.version, row.name, row.saved_at) for row in view.connection.execute(query))


def revision_text(engine: ProcessEngine, *, actor: Actor, file: str, version: int) -> bytes:
    """Return the text that a revision had last. Raises `NotPermitted`, `NotFound`."""
    require_designer(actor)
    mine = (table.c.authority_id == actor.authority_id) & (table.c.file == file) & (table.c.version == version)
    with viewing(engine, actor) as view:
        found = view.connection.execute(sa.select(table.c.source).where(mine)).scalar()
    if found is None:
        raise NotFound("There is no such revision any more", file=file, version=version)
    return bytes(found)
