"""The frozen bundle that every command and query is given: database, clock, ids, parsed definitions."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.clock import Clock
from engine.ids import IdSource
from engine.library import Library
from engine.settings import Settings
from engine.store.session import Sessions


@dataclass(frozen=True, slots=True)
class Limits:
    """What one act may ask for at most."""

    operations: int = 200


class Kept:
    """Figures over very many cases that a process keeps for a little while, each under what was asked."""

    MOST = 200

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: dict[Hashable, tuple[datetime, Any]] = {}
        self._renewing: dict[Hashable, threading.Thread] = {}

    def latest(self, key: Hashable, *, now: datetime) -> tuple[float, Any] | None:
        """Return how many seconds before `now` (aware UTC) a value was kept, and the value; None when none is."""
        with self._lock:
            at, value = self._values.get(key, (None, None))
        return None if at is None or at > now else ((now - at).total_seconds(), value)

    def renew(self, key: Hashable, make: Callable[[], object]) -> None:
        """Call `make`, which puts a value and raises nothing, on a thread of its own; not while that is under way."""

        def run() -> None:
            try:
                make()
            finally:
                with self._lock:
                    del self._renewing[key]

        with self._lock:
            if key in self._renewing:
                return
            self._renewing[key] = thread = threading.Thread(target=run, daemon=True, name="figures")
        thread.start()

    def finish(self) -> None:
        """Wait until what is being renewed is kept."""
        with self._lock:
            under_way = list(self._renewing.values())
        for thread in under_way:
            thread.join()

    def put(self, key: Hashable, value: Any, *, now: datetime) -> None:
        """Keep a value of the instant `now`; past `MOST` the oldest goes."""
        with self._lock:
            self._values.pop(key, None)
            self._values[key] = now, value
            while len(self._values) > self.MOST:
                self._values.pop(next(iter(self._values)))


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of trying scenarios: the names of those `played`, and what goes otherwise than they say (findings).

    `failing` names those that go otherwise without the change too: they say nothing of it, and are in neither, nor are
    the `untried`.
    """

    played: Sequence[str] = ()
    refused: Sequence[Any] = ()
    failing: Sequence[str] = ()
    untried: Sequence[str] = ()


Trial = Callable[[UUID, Mapping[str, bytes], Mapping[str, bytes], int | None], Tried]
"""Tries the scenarios of an authority: its id, the files in force, those that are new, how many at most (None: all)."""


@dataclass(frozen=True, slots=True)
class ProcessEngine:
    """One engine. Make it with `engine.bootstrap`; a clock belongs to an engine, never to a module."""

    settings: Settings
    sessions: Sessions
    clock: Clock
    ids: IdSource
    library: Library = field(default_factory=Library)
    limits: Limits = field(default_factory=Limits)
    kept: Kept = field(default_factory=Kept)
    scenarios: Trial | None = None
    """Set where people deploy: what keeps a change out that a scenario in force speaks against."""
