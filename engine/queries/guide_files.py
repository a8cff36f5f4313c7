"""An authority's own guidance that is a PDF or Word file: listed, searched by title and line, taken away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.errors import NotFound
from engine.process_engine import ProcessEngine
from engine.store import guide_files
from engine.store.tables.people import practitioners


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideFile:
    """A file: its title, a line `about` it, its own `name`; `kind` is PDF or Word, `size` in bytes, `beside` a key."""

    file_id: UUID
    title: str
    about: str
    name: str
    kind: str
    size: int
    beside: str
    added_by: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class FileBody:
    """A file to be taken away."""

    name: str
    media_type: str
    body: bytes


def listed(engine: ProcessEngine, *, actor: Actor, asked: str = "") -> tuple[GuideFile, ...]:
    """Return the files whose title and line hold every word of `asked`, whatever the case; all for none, by title."""
    words = asked.casefold().split()
    with engine.sessions.read() as connection:
        rows = guide_files.of_authority(connection, actor.authority_id)
        ids = {row.added_by for row in rows}
        query = sa.select(practitioners.c.id, practitioners.c.name).where(practitioners.c.id.in_(ids))
        names = dict(connection.execute(query).all()) if ids else {}
    return tuple(
        GuideFile(
            file_id=row.id, title=row.title, about=row.about, name=row.name, size=row.size, beside=row.beside,
            kind="PDF" if row.media_type == "application/pdf" else "Word", added_by=names[row.added_by],
            added_at=row.added_at,
        )
        for row in rows
        if all(word in f"{row.title} {row.about}".casefold() for word in words)
    )  # fmt: skip


def read(engine: ProcessEngine, *, actor: Actor, file_id: UUID) -> FileBody:
    """Return a file. Raises `NotFound`, `Unavailable` when it is damaged."""
    with engine.sessions.read() as connection:
        row = guide_files.find(connection, actor.authority_id, file_id)
        if row is None:
            raise NotFound("There is no such file", file_id=file_id)
        return FileBody(row.name, row.media_type, guide_files.content(connection, row))
