"""An act on an SQLite file waits for the disk after its turn: who is next goes on meanwhile, and shares the wait.

SQLite's own `synchronous=FULL` waits inside COMMIT, with every other writer standing behind it: a disk that takes 4 ms
lets through 250 acts a second, whatever they are. What COMMIT writes goes to the end of one file, the write-ahead log,
and counts after a power cut as far as that file is whole. So an act is as safe once the file has reached the disk,
which for several acts in a row is done once. PostgreSQL's group commit is the same.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

_flush: Final[Callable[[int], None]] = getattr(os, "fdatasync", os.fsync)


@contextmanager
def flushed_after(cursor: Any, log: Path) -> Iterator[Callable[[], None]]:
    """Let COMMIT on the connection of a driver's `cursor` not wait for the disk in the block, which does so itself.

    Gives what waits until all that was committed before is on the disk: to be called after the turn, before anybody is
    told. `log` is the database's write-ahead log. Raises `sqlite3.OperationalError`, as COMMIT does, if it fails.
    """
    cursor.execute("PRAGMA synchronous=NORMAL")
    try:
        # Opened before anything is written: who opens it later may not be told that writing to the disk has failed.
        with log.open("rb") as file:
            yield partial(_wait, file.fileno())
    finally:
        cursor.execute("PRAGMA synchronous=FULL")


def keep_name(log: Path) -> None:
    """Wait until the disk has the name of a log that may be new: without it what the log holds is not found again."""
    folder = os.open(log.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _wait(file: int) -> None:
    try:
        _flush(file)
    except OSError as error:
        raise sqlite3.OperationalError(f"disk I/O error: {error.strerror}") from error
