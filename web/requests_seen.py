"""How many requests were answered, and how long they took, counted over all processes of the server.

Each process counts in a small file of its own that every process can read, so that whichever is asked can say what all
of them did. A file outlives its process: the next one that begins takes a free file over and counts on, so that figures
never go back while the folder is there.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
import threading
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

BOUNDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""The longest seconds that each bucket holds; what took longer is in one more."""
CLASSES: Final = ("1xx", "2xx", "3xx", "4xx", "5xx")
"""Kinds of answers."""
_ROW: Final = len(BOUNDS) + 2
"""A bucket for each bound, one for what took longer, and the sum of seconds."""
_NUMBERS: Final = struct.Struct(f"={_ROW * len(CLASSES)}d")
_NUMBER: Final = struct.Struct("=d")


@dataclass(frozen=True, slots=True)
class Answered:
    """Requests answered with one class of status: how many per bucket of `BOUNDS` and beyond, and their seconds."""

    status: str
    buckets: tuple[int, ...]
    seconds: float


class RequestsSeen:
    """Counts the requests of this process in a file of `folder`, and reads the counts of all."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._lock = folder, threading.Lock()
        self._map: mmap.mmap | None = None
        self._pid = 0

    def add(self, status: int, seconds: float) -> None:
        """Count an answer with the HTTP `status` that took so many seconds."""
        row = _ROW * min(max(status // 100 - 1, 0), len(CLASSES) - 1)
        with self._lock:
            held = self._own()
            _raise(held, row + bisect_left(BOUNDS, seconds), 1)
            _raise(held, row + _ROW - 1, seconds)

    def read(self) -> list[Answered]:
        """Return what every process has counted, added up."""
        totals = [0.0] * (_ROW * len(CLASSES))
        for numbers in self._all():
            totals = [one + other for one, other in zip(totals, numbers, strict=True)]
        rows = [totals[start : start + _ROW] for start in range(0, len(totals), _ROW)]
        return [
            Answered(name, tuple(int(each) for each in row[:-1]), row[-1])
            for name, row in zip(CLASSES, rows, strict=True)
        ]

    def _all(self) -> Iterator[tuple[float, ...]]:
        for path in sorted(self._folder.glob("requests-*.bin")):
            held = path.read_bytes()
            if len(held) == _NUMBERS.size:
                yield _NUMBERS.unpack(held)

    def _own(self) -> mmap.mmap:
        if self._map is None or self._pid != os.getpid():  # a forked worker must not count in its parent's file
            self._map, self._pid = _take(self._folder), os.getpid()
        return self._map


def _raise(held: mmap.mmap, place: int, by: float) -> None:
    (was,) = _NUMBER.unpack_from(held, place * _NUMBER.size)
    _NUMBER.pack_into(held, place * _NUMBER.size, was + by)


def _take(folder: Path) -> mmap.mmap:
    """Return the first file that no living process holds, held from now on by this one until it ends."""
    folder.mkdir(parents=True, exist_ok=True)
    number = 0
    while True:
        file = os.open(folder / f"requests-{number}.bin", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            number += 1
            continue
        if os.fstat(file).st_size != _NUMBERS.size:
            os.ftruncate(file, _NUMBERS.size)
        held = mmap.mmap(file, _NUMBERS.size)
        os.close(file)  # the map has a descriptor of its own, and the lock goes with that
        return held
