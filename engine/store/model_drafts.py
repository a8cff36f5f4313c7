"""Read and write drafts of models, their revisions, and who has one open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.ids import IdSource
from engine.store.tables.modelling import model_draft_revisions, model_drafts, model_editors, model_originals
from engine.store.tables.people import accounts, practitioners

YOUNG: Final = timedelta(minutes=10)
"""How long what one person saves is one revision."""
OPEN_FOR: Final = timedelta(minutes=2)
"""How long after an editor was last heard of somebody still counts as having the model open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A model under work; `saved_by` is a name, None when that account is gone. Instants are aware UTC."""

    id: UUID
    file: str
    version: int
    content: bytes
    findings: tuple[str, ...]
    unkept: tuple[str, ...]
    account_id: UUID | None
    saved_by: str | None
    saved_at: datetime
    based_on: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What is saved of a draft, by whom and when (aware UTC); `original` once it is brought up to one."""

    content: bytes
    findings: Sequence[str]
    unkept: Sequence[str]
    account_id: UUID
    at: datetime
    original: bytes | None = None


@dataclass(frozen=True, slots=True)
class Presence:
    """Somebody who has a model open, and when their editor was last heard of (aware UTC)."""

    name: str
    seen_at: datetime


def load(connection: sa.Connection, authority_id: UUID, file: str) -> Draft | None:
    """Return the draft of a file, None when there is none."""
    row = connection.execute(_DRAFTS.where(_own(model_drafts, authority_id, file))).first()
    return None if row is None else _draft(row)


def load_all(connection: sa.Connection, authority_id: UUID) -> tuple[Draft, ...]:
    """Return every draft of an authority, by file."""
    rows = connection.execute(
        _DRAFTS.where(model_drafts.c.authority_id == authority_id).order_by(model_drafts.c.file)
    )
    return tuple(_draft(row) for row in rows)


def begin(
    connection: sa.Connection, authority_id: UUID, file: str, text: Text, *, based_on: UUID | None, ids: IdSource
) -> int:
    """Write the first text of a draft; return its version."""
    draft_id, version = ids.new(), _last_version(connection, authority_id, file) + 1
    connection.execute(
        sa.insert(model_drafts).values(
            id=draft_id, authority_id=authority_id, file=file, version=version, based_on_id=based_on, **_values(text)
        )
    )
    _add_revision(connection, authority_id, file, draft_id, version, text, ids)
    return version


def write(
    connection: sa.Connection, authority_id: UUID, draft: Draft, text: Text, *, ids: IdSource, step: bool = False
) -> tuple[int, bool]:
    """Write a draft's next text; return its version, and whether whoever saves it begins to work on it.

    A `step` is a revision of its own; else what one person saves while the last one of theirs is young is written
    over it.
    """
    version = draft.version + 1
    connection.execute(
        sa.update(model_drafts).where(model_drafts.c.id == draft.id).values(version=version, **_values(text))
    )
    same = (
        _own(model_draft_revisions, authority_id, draft.file)
        & (model_draft_revisions.c.version == draft.version)
        & (model_draft_revisions.c.account_id == text.account_id)
        & (model_draft_revisions.c.begun_at > text.at - YOUNG)
    )
    if step:
        goes_on = connection.execute(sa.select(model_draft_revisions.c.id).where(same)).first() is not None
    else:
        again = sa.update(model_draft_revisions).where(same)
        written = again.values(version=version, source=text.content, saved_at=text.at)
        goes_on = connection.execute(written).rowcount == 1
    if step or not goes_on:
        _add_revision(connection, authority_id, draft.file, draft.id, version, text, ids)
    return version, not goes_on


def goes_on_from(connection: sa.Connection, draft_id: UUID, based_on: UUID) -> None:
    """Keep that a draft goes on from another version than it was begun on."""
    connection.execute(sa.update(model_drafts).where(model_drafts.c.id == draft_id).values(based_on_id=based_on))


def drop(connection: sa.Connection, authority_id: UUID, file: str, *, content: bytes | None = None) -> bool:
    """Take a draft away, or only one that has exactly this `content`; tell whether there was one."""
    wanted = _own(model_drafts, authority_id, file)
    if content is not None:
        wanted &= model_drafts.c.source == content
    return connection.execute(sa.delete(model_drafts).where(wanted)).rowcount == 1


def settle_original(connection: sa.Connection, authority_id: UUID, file: str, content: bytes, *, at: datetime) -> None:
    """Keep up to which original a draft with exactly this `content` was brought, as it comes into force."""
    own = _own(model_drafts, authority_id, file) & (model_drafts.c.source == content)
    row = connection.execute(sa.select(model_drafts.c.original, model_drafts.c.id).where(own)).first()
    if row is not None and row.original is not None:
        keep_original(connection, authority_id, file, bytes(row.original), id_=row.id, at=at)


def keep_original(
    connection: sa.Connection, authority_id: UUID, file: str, original: bytes, *, id_: UUID, at: datetime
) -> None:
    """Keep up to which original what is in force under a file's name was brought; `id_` is the row's if it is new."""
    own, values = _own(model_originals, authority_id, file), {"source": original, "at": at}
    if connection.execute(sa.update(model_originals).where(own).values(**values)).rowcount == 0:
        new = {"id": id_, "authority_id": authority_id, "file": file, **values}
        connection.execute(sa.insert(model_originals).values(**new))


def originals_kept(connection: sa.Connection, authority_id: UUID) -> dict[str, tuple[bytes, datetime]]:
    """Return up to which original each file was brought, and when, for those that were."""
    rows = connection.execute(sa.select(model_originals).where(model_originals.c.authority_id == authority_id))
    return {row.file: (bytes(row.source), row.at) for row in rows}


def authors(connection: sa.Connection, draft_id: UUID) -> frozenset[UUID]:
    """Return the accounts of everybody who has saved any text of a draft."""
    rows = connection.execute(
        sa.select(model_draft_revisions.c.account_id).where(model_draft_revisions.c.draft_id == draft_id)
    )
    return frozenset(row.account_id for row in rows if row.account_id is not None)


def mark_open(
    connection: sa.Connection, authority_id: UUID, file: str, account_id: UUID, *, at: datetime, ids: IdSource
) -> tuple[Presence, ...]:
    """Mark that an account has a file open; return who else had it open lately, by name."""
    own = _own(model_editors, authority_id, file) & (model_editors.c.account_id == account_id)
    if connection.execute(sa.update(model_editors).where(own).values(seen_at=at)).rowcount == 0:
        connection.execute(
            sa.insert(model_editors).values(
                id=ids.new(), authority_id=authority_id, file=file, account_id=account_id, seen_at=at
            )
        )
    others = (
        sa.select(practitioners.c.name, model_editors.c.seen_at)
        .join(accounts, accounts.c.id == model_editors.c.account_id)
        .join(practitioners, practitioners.c.id == accounts.c.practitioner_id)
        .where(_own(model_editors, authority_id, file), model_editors.c.account_id != account_id)
        .where(model_editors.c.seen_at > at - OPEN_FOR)
        .order_by(practitioners.c.name)
    )
    return tuple(Presence(row.name, row.seen_at) for row in connection.execute(others))


def _own(table: sa.Table, authority_id: UUID, file: str) -> sa.ColumnElement[bool]:
    return (table.c.authority_id == authority_id) & (table.c.file == file)


def _last_version(connection: sa.Connection, authority_id: UUID, file: str) -> int:
    table = model_draft_revisions
    found = connection.execute(sa.select(sa.func.max(table.c.version)).where(_own(table, authority_id, file)))
    return found.scalar() or 0


def _values(text: Text) -> dict[str, Any]:
    return {
        "source": text.content,
        "findings": list(text.findings),
        "unkept": list(text.unkept),
        "account_id": text.account_id,
        "saved_at": text.at,
        **({"original": text.original} if text.original is not None else {}),
    }


def _add_revision(
    connection: sa.Connection, authority_id: UUID, file: str, draft_id: UUID, version: int, text: Text, ids: IdSource
) -> None:
    connection.execute(
        sa.insert(model_draft_revisions).values(
            id=ids.new(), authority_id=authority_id, draft_id=draft_id, file=file, version=version,
            source=text.content, account_id=text.account_id, begun_at=text.at, saved_at=text.at,
        )
    )  # fmt: skip


_DRAFTS = (
    sa.select(model_drafts, practitioners.c.name.label("who"))
    .outerjoin(accounts, accounts.c.id == model_drafts.c.account_id)
    .outerjoin(practitioners, practitioners.c.id == accounts.c.practitioner_id)
)


def _draft(row: Any) -> Draft:
    return Draft(
        id=row.id,
        file=row.file,
        version=row.version,
        content=bytes(row.source),
        findings=tuple(row.findings),
        unkept=tuple(row.unkept),
        account_id=row.account_id,
        saved_by=row.who,
        saved_at=row.saved_at,
        based_on=row.based_on_id,
    )
