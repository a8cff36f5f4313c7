"""Keep the record safe: verify its history, copy it away, put it back."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from engine.process_engine import ProcessEngine
from engine.settings import Settings
from engine.store import copies, verification
from engine.store.verification import Anchor, Verification

__all__ = ["Anchor", "Verification", "anchor", "backup", "restore", "verify"]


def verify(engine: ProcessEngine, *, expected_anchor: str | None = None) -> Verification:
    """Check the whole history; `findings` is empty when it is as it was written.

    `expected_anchor` is the hash of an anchor that was kept elsewhere.
    """
    with engine.sessions.read() as connection:
        return verification.verify(connection, expected_anchor=expected_anchor)


def anchor(engine: ProcessEngine) -> tuple[str, datetime] | None:
    """Fix the present end of the history in a new anchor, as every night does, unless nothing is new.

    Returns the hash of the newest anchor and when (aware UTC) it was made; None while there is nothing to fix.
    """
    with engine.sessions.act() as connection:
        verification.anchor(connection, at=engine.clock.now())
        return verification.newest(connection)


def backup(settings: Settings, target: Path) -> None:
    """Write a whole copy of the database to `target`, while it is in use. Raises `Invalid`."""
    copies.backup(settings.database_url, target)


def restore(settings: Settings, source: Path) -> None:
    """Put a copy in place of an empty database. Raises `Invalid`."""
    copies.restore(settings.database_url, source)
