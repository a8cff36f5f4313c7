"""One step of a process as the token game sees it, and the ways on from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

_THROWN: Final = ("message", "error", "escalation")


@dataclass(frozen=True, slots=True)
class Way:
    """A sequence flow: where it leads, by number, and whether it is its gateway's default."""

    number: int
    id: str
    target: int
    default: bool


@dataclass(slots=True, eq=False)
class Step:
    """One node. `event` is what makes an event happen, `name` the message's name or the code that goes with it.

    A token stays on one that `waits` until work is done, a time comes or a message arrives. Its `boundaries` are those
    that have to do with the rest; those `aside` begin something beside it that never meets the rest.
    """

    number: int
    id: str
    kind: str
    depth: int
    event: str = ""
    name: str | None = None
    interrupts: bool = True
    ways: tuple[Way, ...] = ()
    entering: tuple[int, ...] = ()
    boundaries: tuple[int, ...] = ()
    aside: tuple[int, ...] = ()
    host: int | None = None
    inner: int | None = None
    may_throw: bool = False
    upstream: Mapping[int, frozenset[int]] = field(default_factory=dict)
    waits: bool = False

    @property
    def joins(self) -> bool:
        """Say whether it waits for tokens on other ways in."""
        return len(self.entering) > 1 and self.kind in ("parallelGateway", "inclusiveGateway")

    @property
    def throws(self) -> bool:
        """Say whether it throws a message, an error or an escalation."""
        return self.event in _THROWN and self.kind in ("endEvent", "intermediateThrowEvent", "sendTask")

    @property
    def splits(self) -> bool:
        """Say whether it may make several tokens of one."""
        return len(self.ways) > 1 and self.kind in ("parallelGateway", "inclusiveGateway")


def closure(begin: Iterable[int], onward: Mapping[int, Iterable[int]]) -> set[int]:
    """Return `begin` and all that can be come to from there."""
    found = set(begin)
    waiting = list(found)
    while waiting:
        for each in onward.get(waiting.pop(), ()):
            if each not in found:
                found.add(each)
                waiting.append(each)
    return found
