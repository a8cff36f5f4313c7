"""Slows down guessing of passwords: a few wrong tries, then a wait."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Lock

TRIES = 5
WAIT = timedelta(minutes=15)
REMEMBERED = 10_000


@dataclass(slots=True)
class Throttle:
    """Counts wrong tries per user name and per address, in this process.

    Kept in memory: with several server processes the limit is TRIES for each, which still stops guessing.
    Names are kept as hashes, so that a memory dump lists nobody.
    """

    _tries: OrderedDict[str, tuple[int, datetime]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def minutes_to_wait(self, *, who: str, now: datetime) -> int:
        """Return how many minutes `who` must wait before the next try; 0 when none."""
        with self._lock:
            count, since = self._tries.get(_key(who), (0, now))
        left = since + WAIT - now
        return 0 if count < TRIES or left <= timedelta(0) else int(left.total_seconds() // 60) + 1

    def failed(self, *, who: str, now: datetime) -> None:
        """Count one wrong try of `who`."""
        with self._lock:
            count, since = self._tries.pop(_key(who), (0, now))
            fresh = since + WAIT <= now
            self._tries[_key(who)] = (1, now) if fresh else (count + 1, now)
            while len(self._tries) > REMEMBERED:
                self._tries.popitem(last=False)

    def succeeded(self, *, who: str) -> None:
        """Forget the wrong tries of `who`."""
        with self._lock:
            self._tries.pop(_key(who), None)


def _key(who: str) -> str:
    return sha256(who.strip().casefold().encode()).hexdigest()
