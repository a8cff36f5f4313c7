"""One writer at a time near an SQLite file, in turn."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from engine.errors import Conflict

TURN_SECONDS = 10.0
"""How long a writer waits for another that does not finish, as one whose process was stopped."""
BUSY = "The record is busy. Try again in a moment."


class WriteQueue:
    """Lets one writer at a time near an SQLite file, across threads and processes.

    SQLite's own busy wait is unfair (p99 540 ms at eight writers, 75 ms queued).
    """

    def __init__(self, path: Path) -> None:
        self._thread_lock = threading.Lock()
        self._path = path
        self._file: IO[str] | None = None
        self._pid = 0

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for one's turn and hold it for the block. Raises `Conflict` after `TURN_SECONDS`."""
        if not self._thread_lock.acquire(timeout=TURN_SECONDS):
            raise Conflict(BUSY, cause="another thread holds the write queue")
        try:
            handle = self._handle()
            if not _lock(handle):
                self._file, self._pid = None, 0  # the thread that still waits for it closes it
                raise Conflict(BUSY, cause="another process holds the lock file")
            try:
                yield
            finally:
                fcntl.flock(handle, fcntl.LOCK_UN)
        finally:
            self._thread_lock.release()

    def close(self) -> None:
        """Close the lock file; the next turn opens it again."""
        with self._thread_lock:
            if self._file is not None:
                self._file.close()
            self._file, self._pid = None, 0

    def _handle(self) -> IO[str]:
        if self._file is None or self._pid != os.getpid():  # a forked child must not share its parent's lock
            self._file = self._path.open("a")
            self._pid = os.getpid()
        return self._file


def _lock(handle: IO[str]) -> bool:
    """Take the lock on a file; False after `TURN_SECONDS`, when the file is no longer the caller's to use.

    Only the system's own wait is fair and quick (polling every millisecond halved the writes), and it has no
    end: a thread waits, and lets go at once if it is served too late.
    """
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pass
    else:
        return True
    decided, served, given_up = threading.Lock(), threading.Event(), threading.Event()

    def wait() -> None:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with decided:
            if given_up.is_set():
                handle.close()
            served.set()

    threading.Thread(target=wait, daemon=True, name="write-queue").start()
    served.wait(TURN_SECONDS)
    with decided:
        if not served.is_set():
            given_up.set()
    return not given_up.is_set()
