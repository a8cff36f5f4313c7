"""The files of a case, for who may see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import NotFound
from engine.process_engine import ProcessEngine
from engine.queries import consent_limits, people, visibility
from engine.queries.view import View, viewing
from engine.store import attachments


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file as a list shows it; `size` in bytes. `may_remove`: the reader may take it away again.

    `action_id` is of the action of the plan that it shows something about.
    """

    attachment_id: UUID
    name: str
    media_type: str
    size: int
    added_at: datetime
    added_by: UUID
    added_by_name: str
    may_remove: bool
    action_id: UUID | None = None


BY_CASE: Final = attachments.BY_CASE


@dataclass(frozen=True, slots=True)
class Content:
    """A file with its bytes."""

    name: str
    media_type: str
    body: bytes = field(repr=False)


def of_case(engine: ProcessEngine, *, actor: Actor, case_id: UUID) -> tuple[Attachment, ...]:
    """Return the files of a case, the oldest first. Raises `NotFound` when the actor may not see it.

    None to whom the family's consent keeps a part of the case from: nobody can say of a file which part it holds.
    """
    with viewing(engine, actor) as view:
        visibility.require_case(view, case_id)
        if consent_limits.is_partly_kept(view, case_id):
            return ()
        return listed(view, case_id)


def listed(view: View, case_id: UUID) -> tuple[Attachment, ...]:
    """Return the same in a view that is open already, to a reader from whom nothing of the case is kept."""
    rows = attachments.of_case(view.connection, case_id)
    names = people.names_in(view, {row.added_by for row in rows})
    return tuple(
        Attachment(
            attachment_id=row.id,
            name=row.name,
            media_type=row.media_type,
            size=row.size,
            added_at=row.added_at,
            added_by=row.added_by,
            added_by_name=names.get(row.added_by, ""),
            may_remove=permissions.may_remove_file(view.actor, added_by=row.added_by),
            action_id=row.action_id,
        )
        for row in rows
    )


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
        if consent_limits.is_partly_kept(view, row.case_id):
            raise NotFound("There is no such file", attachment_id=attachment_id)
        return Content(row.name, row.media_type, attachments.content(view.connection, row))
