"""Chance that repeats: one stream of numbers for each purpose, all from one seed."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


class Chance(random.Random):
    """A repeatable stream of numbers, with the draws that people's behaviour needs."""

    def happens(self, share: float) -> bool:
        """Tell whether something happens that happens in this `share` of all times."""
        return self.random() < share

    def days(self, mean: float) -> int:
        """Return a number of days, 1 or more, of which short ones are the likeliest; `mean` on average."""
        if mean <= 1:
            return 1
        return 1 + int(self.expovariate(1 / (mean - 0.5)))

    def count(self, mean: float) -> int:
        """Return how often something happened that happens `mean` times on average, independently of itself."""
        found, passed = 0, self.expovariate(1)
        while passed < mean:
            found, passed = found + 1, passed + self.expovariate(1)
        return found

    def weighted(self, weights: Mapping[str, float]) -> str | None:
        """Return one of the keys by its weight; None when no weight is above 0."""
        total = sum(weights.values())
        if total <= 0:
            return None
        return self.choices(list(weights), list(weights.values()))[0]

    def some(self, items: Sequence[T], least: int, most: int) -> list[T]:
        """Return `least` to `most` different items, in their order; all of them when there are fewer."""
        wanted = min(len(items), self.randint(least, most))
        return [items[index] for index in sorted(self.sample(range(len(items)), wanted))]


def stream(seed: int, *purpose: object) -> Chance:
    """Return the stream of `purpose`: the same for the same seed, whatever else was drawn."""
    # Text, as Python seeds from it by SHA-512: a tuple's hash would differ from process to process.
    return Chance(":".join(map(str, (seed, *purpose))))
