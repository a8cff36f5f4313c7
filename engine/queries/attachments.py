"""The files of a case, for who may see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from engine.casework.permissions import Actor
from engine.errors import NotFound
from engine.process_engine import ProcessEngine
from engine.queries import visibility
from engine.queries.view import viewing
from engine.store import attachments


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file as a list shows it; `size` in bytes."""

    attachment_id: UUID
    name: str
    media_type: str
    size: int
    added_at: datetime
    added_by: UUID


@dataclass(frozen=True, slots=True)
class Content:
    """A file with its bytes."""

    name: str
    media_type: str
    body: bytes = field(repr=False)


def of_case(engine: ProcessEngine, *, actor: Actor, case_id: UUID) -> tuple[Attachment, ...]:
    """Return the files of a case, the oldest first. Raises `NotFound` when the actor may not see it."""
    with viewing(engine, actor) as view:
        visibility.require_case(view, case_id)
        rows = attachments.of_case(view.connection, case_id)
    return tuple(Attachment(row.id, row.name, row.media_type, row.size, row.added_at, row.added_by) for row in rows)


def read(engine: ProcessEngine, *, actor: Actor, attachment_id: UUID) -> Content:
    """Return a file, after keeping that it was read.

    Raises `NotFound` when the actor may not see its case, `Unavailable` when it is damaged.
    """
    with viewing(engine, actor) as view:
        row = attachments.find(view.connection, attachment_id)
    if row is None:
        raise NotFound("There is no such file", attachment_id=attachment_id)
    visibility.record_read(engine, actor, row.case_id, "a file")
    with viewing(engine, actor) as view:
        return Content(row.name, row.media_type, attachments.content(view.connection, row))
