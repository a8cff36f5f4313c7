"""Where the answer of a decision may change as its inputs do: what saves asking it again for nothing."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.feel import Expression, UnaryTests, asks_the_time

CLOCK = "today()"
"""Stands among the names read for the time of day, which no caller gives; no name can be written like this."""


@dataclass(frozen=True, slots=True)
class TurningPoints:
    """What a decision table's answer hangs on. Inputs named nowhere here do not matter."""

    steps: Mapping[str, tuple[int, ...]]
    """Input -> the whole numbers at which other rows may match than at the whole number before, rising."""
    whole: frozenset[str]
    """Inputs of which any change may matter."""
    by_row: tuple[frozenset[str], ...]
    """For each row, the inputs that its outputs read: any change of them matters while the row matches."""

    def whole_given(self, rows: Iterable[int]) -> frozenset[str]:
        """Return the inputs of which any change may matter while these rows match (numbers from 1)."""
        return self.whole.union(*(self.by_row[row - 1] for row in rows))

    def place(self, inputs: Mapping[str, Any]) -> Hashable:
        """Return where `inputs` stand between the steps: with all that stand in one place the same rows match.

        They are scalars, each name always of one kind; a number is whole.
        """
        place = [inputs.get(name) for name in self.whole]
        for name, steps in self.steps.items():
            value = inputs.get(name)
            place.append(bisect_right(steps, value) if value.__class__ is int else value)
        return tuple(place)


def reads(compiled: Expression | UnaryTests | None) -> frozenset[str]:
    """Return the names that may have a part in what an expression says, `CLOCK` among them when it asks the time.

    What is not FEEL reads nothing: it always comes to the same warning.
    """
    if compiled is None:
        return frozenset()
    names = compiled.names_used | compiled.names_possible
    return names | {CLOCK} if asks_the_time(compiled) else names
