"""The rows and bytes of an authority's own guidance files, in chunks: inside every backup."""

from __future__ import annotations

import hashlib
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.errors import Unavailable
from engine.store.tables.guidance import guide_file_chunks, guide_files

CHUNK: Final = 256 * 1024
"""Bytes of one row: small enough that neither database has to hold a whole file in one value."""


def insert(connection: sa.Connection, row: dict[str, Any], content: bytes) -> None:
    """Write a file: `row` has everything of `guide_files` but `size` and `digest`."""
    digest = hashlib.sha256(content).hexdigest()
    connection.execute(sa.insert(guide_files).values(**row, size=len(content), digest=digest))
    for seq, start in enumerate(range(0, len(content), CHUNK)):
        part = {"file_id": row["id"], "seq": seq, "body": content[start : start + CHUNK]}
        connection.execute(sa.insert(guide_file_chunks).values(**part))


def of_authority(connection: sa.Connection, authority_id: UUID) -> list[sa.Row[Any]]:
    """Return the rows of the files that are not withdrawn, by title."""
    own = (guide_files.c.authority_id == authority_id) & guide_files.c.withdrawn_at.is_(None)
    rows = connection.execute(sa.select(guide_files).where(own))
    return sorted(rows, key=lambda row: (row.title.casefold(), row.id))


def find(connection: sa.Connection, authority_id: UUID, file_id: UUID) -> Any:
    """Return the row of a file that is not withdrawn, or None."""
    return next((row for row in of_authority(connection, authority_id) if row.id == file_id), None)


def content(connection: sa.Connection, row: Any) -> bytes:
    """Return a file's bytes as they were added. Raises `Unavailable` when they are not whole any more."""
    bodies = sa.select(guide_file_chunks.c.body).where(guide_file_chunks.c.file_id == row.id)
    whole = b"".join(connection.execute(bodies.order_by(guide_file_chunks.c.seq)).scalars())
    if len(whole) != row.size or hashlib.sha256(whole).hexdigest() != row.digest:
        raise Unavailable("This file is damaged in the database. Restore it from a backup.", file_id=row.id)
    return whole
