"""Inputs of a decision table that no row covers, brought together so that one gap is told once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import and_
from typing import Any, Final

from engine.feel import literal_text

MOST_VALUES: Final = 4
"""Values of one input that are told of one gap."""

Way = tuple[tuple[str, tuple[Any, ...], int], ...]
"""Input expressions, with the values of each that come to the same and the rows that cover them."""
Region = Mapping[str, tuple[Any, ...]]
"""Input expressions, with the values of each that leave inputs uncovered."""


def shortest(way: Way) -> Region:
    """Return the inputs of a way without those that leave no row fewer."""
    kept = list(way)
    for each in way:
        rest = [covered for other in kept if other is not each for covered in other[2:]]
        if rest and reduce(and_, rest) == 0:
            kept.remove(each)
    return {name: values for name, values, _ in kept}


def merged(found: Sequence[Region], whole: Mapping[str, int]) -> list[tuple[Region, Mapping[str, Any]]]:
    """Bring together regions that differ in one input, each with inputs in it.

    An input of which a region has all values (`whole`: how many there are) is left out of it.
    """
    regions: list[tuple[Region, Mapping[str, Any]]] = [
        (region, {name: values[0] for name, values in region.items()}) for region in found
    ]
    for name in whole:
        groups: dict[str, tuple[Region, Mapping[str, Any], dict[str, Any]]] = {}
        for region, example in regions:
            rest = {other: values for other, values in region.items() if other != name}
            key = f"{name in region}: {told(rest, most=len(regions) + max(whole.values()))}"
            _, _, values = groups.setdefault(key, (rest, example, {}))
            values.update((literal_text(value), value) for value in region.get(name, ()))
        regions = [
            ({**rest, name: tuple(values.values())} if 0 < len(values) < whole[name] else dict(rest), dict(example))
            for rest, example, values in groups.values()
        ]
    return regions


def told(region: Region, most: int = MOST_VALUES) -> str:
    """Say a region, of each input at most so many values: `days = 1, 2 or 3, urgent = true`."""
    return ", ".join(f"{name} = {_any_of(values, most)}" for name, values in region.items()) or "any input"


def _any_of(values: Sequence[Any], most: int) -> str:
    said = [literal_text(value) for value in values[:most]] + (["another"] if len(values) > most else [])
    return " or ".join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said)
