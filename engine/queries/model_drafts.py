"""Drafts of models, what they were, and what they are drafts of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.errors import NotFound
from engine.process_engine import ProcessEngine
from engine.queries.definitions import require_designer
from engine.queries.view import viewing
from engine.store import model_drafts as stored
from engine.store.definitions import NO_TEXT
from engine.store.model_drafts import Draft
from engine.store.tables.running import definitions, deployments

__all__ = ["Draft", "InForce", "draft", "in_force", "in_force_on", "text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """The newest version of what a file holds; `since` is aware UTC."""

    id: UUID
    kind: str
    key: str
    name: str
    version: int
    file: str
    content: bytes
    since: datetime


def draft(engine: ProcessEngine, *, actor: Actor, file: str) -> Draft | None:
    """Return the draft of a file, None when there is none. Raises `NotPermitted`."""
    require_designer(actor)
    with viewing(engine, actor) as view:
        return stored.load(view.connection, actor.authority_id, file)


def in_force(engine: ProcessEngine, *, actor: Actor, file: str) -> InForce | None:
    """Return what was last deployed from a file of this name, None when nothing ever was. Raises `NotPermitted`."""
    require_designer(actor)
    with viewing(engine, actor) as view:
        return in_force_on(view.connection, actor.authority_id, file)


def text(engine: ProcessEngine, *, actor: Actor, file: str) -> bytes:
    """Return a file's draft, or without one its text in force. Raises `NotPermitted`, `NotFound`."""
    require_designer(actor)
    with viewing(engine, actor) as view:
        found = stored.load(view.connection, actor.authority_id, file) or in_force_on(
            view.connection, actor.authority_id, file
        )
    if found is None:
        raise NotFound("There is no such file", file=file)
    return found.content


def in_force_on(
    connection: sa.Connection, authority_id: UUID, file: str, *, digest: str | None = None
) -> InForce | None:
    """Return what was last deployed from a file of this name, with the text of SHA-256 `digest` where one is given.

    Without one, nothing for a file that was taken out of force or is called something else since.
    """
    own = (definitions.c.authority_id == authority_id) & (definitions.c.file == file)
    if digest is not None:
        own &= definitions.c.hash == digest
    else:
        own &= ~sa.exists().where(
            _LATER.c.authority_id == definitions.c.authority_id, _LATER.c.kind == definitions.c.kind,
            _LATER.c.key == definitions.c.key, _LATER.c.version >= definitions.c.version,
            (_LATER.c.hash == NO_TEXT) | (_LATER.c.file != definitions.c.file),
        )  # fmt: skip
    row = connection.execute(
        sa.select(definitions, deployments.c.at)
        .join(deployments, deployments.c.id == definitions.c.deployment_id)
        .where(own)
        .order_by(deployments.c.at.desc(), definitions.c.kind, definitions.c.key, definitions.c.version.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    return InForce(
        id=row.id, kind=row.kind, key=row.key, name=row.name or row.key, version=row.version, file=row.file,
        content=bytes(row.source), since=row.at,
    )  # fmt: skip


_LATER = definitions.alias("later")
