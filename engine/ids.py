"""Opaque, time-ordered identifiers (UUID version 7, RFC 9562) from an injected source."""

from __future__ import annotations

import random
import secrets
from typing import Protocol
from uuid import UUID

from engine.clock import Clock


class IdSource(Protocol):
    """Makes identifiers that no other source makes."""

    def new(self) -> UUID:
        """Return a fresh UUID version 7."""
        ...


class RandomIds:
    """Identifiers from the operating system's randomness; the everyday source."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def new(self) -> UUID:
        """Return a fresh UUID version 7 stamped with the clock's milliseconds."""
        return _uuid7(self._clock, secrets.randbits(74))


class SeededIds:
    """Identifiers that repeat for the same seed, purpose and clock; for simulation and tests.

    Those of one purpose are the same however many are drawn for another.
    """

    def __init__(self, clock: Clock, seed: int, purpose: str = "") -> None:
        self._clock = clock
        # Text for a purpose, as Python seeds from it by SHA-512: a tuple's hash would differ from process to process.
        self._random = random.Random(f"{seed}:{purpose}" if purpose else seed)  # noqa: S311 - repeatable on purpose

    def new(self) -> UUID:
        """Return the next UUID version 7 of this seed."""
        return _uuid7(self._clock, self._random.getrandbits(74))


def _uuid7(clock: Clock, noise: int) -> UUID:
    milliseconds = int(clock.now().timestamp() * 1000) & ((1 << 48) - 1)
    high, low = noise >> 62, noise & ((1 << 62) - 1)
    return UUID(int=(milliseconds << 80) | (0x7 << 76) | (high << 64) | (0b10 << 62) | low)
