"""How things stand in a process: its tokens, and what may become of one of them.

How things stand is a sorted tuple of tokens, `()` once the process has ended. A token is the number of its step, the
way by which it came (only at a join), which boundary events have happened to it (bits), and the tokens inside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, combinations
from typing import Any, Final, Literal, TypeAlias

from engine.bpmn.soundness.step import Step, Way

Token: TypeAlias = tuple[int, int, int, tuple[Any, ...]]
Standing: TypeAlias = tuple[Token, ...]
Act = Literal["run", "complete", "fire", "send"]

NONE: Final = -1
JOINED: Final = -2
_ALL_SUBSETS: Final = 5
"""Of more ways out of an inclusive gateway than this, only each alone, every two, and all are tried."""


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that happens: at which step, by which ways on, whether a condition chose them, and how it stands then.

    `thrown` is what goes outwards or to all who listen: an event's kind and its name or code; `heard` is where it, or a
    message from outside, was caught.
    """

    act: Act
    step: int
    ways: tuple[int, ...]
    choice: bool
    then: Standing
    thrown: tuple[str, str | None] | None = None
    heard: tuple[int, ...] = ()


def numbers(ways: Iterable[Way]) -> tuple[int, ...]:
    return tuple(way.number for way in ways)


def choices(step: Step) -> Iterator[tuple[Way, ...]]:
    """Give the ways on that a token may take, together."""
    if len(step.ways) < 2 or step.kind == "parallelGateway":
        yield step.ways
    elif step.kind == "exclusiveGateway":
        yield from ((way,) for way in step.ways)
    else:
        free = [way for way in step.ways if not way.default]
        sizes = range(1, len(free) + 1) if len(free) <= _ALL_SUBSETS else (1, 2, len(free))
        yield from chain.from_iterable(combinations(free, size) for size in sizes)
        yield from ((way,) for way in step.ways if way.default)


def without(standing: Standing, place: int) -> Standing:
    return standing[:place] + standing[place + 1 :]


def with_token(standing: Standing, token: Token) -> Standing:
    return tuple(sorted((*standing, token)))

