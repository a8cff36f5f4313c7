"""The bytes of a case's files, in chunks: inside the act that adds them and inside every backup."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.errors import Unavailable
from engine.store.tables.files import attachment_chunks, attachments

CHUNK: Final = 256 * 1024
"""Bytes of one row: small enough that neither database has to hold a whole file in one value."""


def insert(connection: sa.Connection, row: dict[str, Any], content: bytes) -> None:
    """Write a file: `row` has everything of `attachments` but `size` and `digest`."""
    digest = hashlib.sha256(content).hexdigest()
    connection.execute(sa.insert(attachments).values(**row, size=len(content), digest=digest))
    for seq, start in enumerate(range(0, len(content), CHUNK)):
        part = {"attachment_id": row["id"], "seq": seq, "body": content[start : start + CHUNK]}
        connection.execute(_INSERT_CHUNK, part)


_INSERT_CHUNK = sa.insert(attachment_chunks)


def of_case(connection: sa.Connection, case_id: UUID) -> list[sa.Row[Any]]:
    """Return the rows of a case's files that are there, the oldest first."""
    return list(connection.execute(_OF_CASE, {"case": case_id}))


_OF_CASE = (
    sa.select(attachments)
    .where(attachments.c.case_id == sa.bindparam("case"), attachments.c.removed_at.is_(None))
    .order_by(attachments.c.added_at, attachments.c.id)
)
BY_CASE: Final = (_OF_CASE,)


def find(connection: sa.Connection, attachment_id: UUID) -> sa.Row[Any] | None:
    """Return the row of a file that is there."""
    return connection.execute(
        sa.select(attachments).where(attachments.c.id == attachment_id, attachments.c.removed_at.is_(None))
    ).first()


def content(connection: sa.Connection, row: sa.Row[Any]) -> bytes:
    """Return a file's bytes as they were added. Raises `Unavailable` when they are not whole any more."""
    whole = b"".join(_chunks(connection, row.id))
    if len(whole) != row.size or hashlib.sha256(whole).hexdigest() != row.digest:
        raise Unavailable("This file is damaged in the database. Restore it from a backup.", attachment_id=row.id)
    return whole


def _chunks(connection: sa.Connection, attachment_id: UUID) -> Iterator[bytes]:
    bodies = sa.select(attachment_chunks.c.body).where(attachment_chunks.c.attachment_id == attachment_id)
    yield from connection.execute(bodies.order_by(attachment_chunks.c.seq)).scalars()


def remove(connection: sa.Connection, attachment_id: UUID, *, at: Any) -> None:
    """Take a file's bytes out of the database for good; that it was there stays."""
    connection.execute(sa.delete(attachment_chunks).where(attachment_chunks.c.attachment_id == attachment_id))
    connection.execute(
        sa.update(attachments).where(attachments.c.id == attachment_id).values(removed_at=at, name="removed")
    )
