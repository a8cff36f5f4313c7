"""A whole database in memory, taken as bytes and put back: for sandboxes, which are copied more often than made."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import sqlalchemy as sa

from engine.store.session import Sessions


def take(sessions: Sessions) -> bytes:
    """Return everything in an SQLite database in memory."""
    with sessions.read() as connection:
        return _in_memory(connection).serialize()


def put(sessions: Sessions, image: bytes) -> None:
    """Let an SQLite database in memory hold what `image` holds, and nothing else."""
    with closing(sqlite3.connect(":memory:")) as source, sessions.engine.connect() as connection:
        source.deserialize(image)
        source.backup(_in_memory(connection))


def _in_memory(connection: sa.Connection) -> sqlite3.Connection:
    found = connection.connection.driver_connection
    assert isinstance(found, sqlite3.Connection)  # noqa: S101
    return found
