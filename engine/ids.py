"""Opaque, time-ordered identifiers (UUID version 7, RFC 9562) from an injected source."""

from __future__ import annotations

import random
import secrets
from abc import ABC, abstractmethod
from threading import Lock
from typing import Protocol
from uuid import UUID

from engine.clock import Clock


class IdSource(Protocol):
    """Makes identifiers that no other source makes."""

    def new(self) -> UUID:
        """Return a fresh UUID version 7; of one source, each sorts after those before it."""
        ...


_TURN = Lock()
_FIRST = 73
"""Random bits of the first of a millisecond: one fewer than a UUID version 7 has room for (RFC 9562, 6.2)."""
_STEP = 40
"""Random bits of how far the next lies from it: nobody guesses one from another, and 2^33 have room."""


class _OrderedIds(ABC):
    """Identifiers that sort as they were made, within one millisecond too and by whatever thread.

    A clock that is set back begins anew.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._at = -1
        self._tail = 0

    def new(self) -> UUID:
        """Return a fresh UUID version 7, stamped with the clock's milliseconds, that sorts after those before it."""
        with _TURN:
            milliseconds = int(self._clock.now().timestamp() * 1000) & ((1 << 48) - 1)
            if milliseconds == self._at:
                self._tail += 1 + self._bits(_STEP)
            else:
                self._at, self._tail = milliseconds, self._bits(_FIRST)
            tail = self._tail
        high, low = tail >> 62, tail & ((1 << 62) - 1)
        return UUID(int=(milliseconds << 80) | (0x7 << 76) | (high << 64) | (0b10 << 62) | low)

    @abstractmethod
    def _bits(self, count: int) -> int: ...


class RandomIds(_OrderedIds):
    """Identifiers from the operating system's randomness; the everyday source."""

    def _bits(self, count: int) -> int:
        return secrets.randbits(count)


class SeededIds(_OrderedIds):
    """Identifiers that repeat for the same seed, purpose and clock; for simulation and tests.

    Those of one purpose are the same however many are drawn for another.
    """

    def __init__(self, clock: Clock, seed: int, purpose: str = "") -> None:
        super().__init__(clock)
        # Text for a purpose, as Python seeds from it by SHA-512: a tuple's hash would differ from process to process.
        self._random = random.Random(f"{seed}:{purpose}" if purpose else seed)  # noqa: S311 - repeatable on purpose

    def _bits(self, count: int) -> int:
        return self._random.getrandbits(count)
