"""Keep the record safe: verify its history, copy it away, put it back."""

from __future__ import annotations

from pathlib import Path

from engine.process_engine import ProcessEngine
from engine.settings import Settings
from engine.store import copies, verification
from engine.store.verification import Verification

__all__ = ["Verification", "backup", "restore", "verify"]


def verify(engine: ProcessEngine, *, expected_anchor: str | None = None) -> Verification:
    """Check the whole history; `findings` is empty when it is as it was written.

    `expected_anchor` is the hash of an anchor that was kept elsewhere.
    """
    with engine.sessions.read() as connection:
        return verification.verify(connection, expected_anchor=expected_anchor)


def backup(settings: Settings, target: Path) -> None:
    """Write a whole copy of the database to `target`, while it is in use. Raises `Invalid`."""
    copies.backup(settings.database_url, target)


def restore(settings: Settings, source: Path) -> None:
    """Put a copy in place of an empty database. Raises `Invalid`."""
    copies.restore(settings.database_url, source)
