"""How the rows that match become the answer of a table (DMN 1.5, section 8.2.8 to 8.2.11)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.feel import equal, order

Ranks = tuple[tuple[Any, ...] | None, ...]
"""For each output, its values in order of priority, or None when the output has no order."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Says why the rows that match give no answer."""

    message: str


@dataclass(frozen=True, slots=True)
class HitPolicy:
    """One hit policy, with its aggregation."""

    name: str
    """As in the file, the aggregation after a blank: "UNIQUE", "COLLECT SUM"."""
    combine: Callable[[Sequence[Any]], Any]
    """Turns the outputs of the rows that match (at least one, in order) into the answer or `Trouble`."""
    empty: Any = None
    """The answer when no row matches and the table has no default output."""
    first_only: bool = False
    ordered: bool = False
    """Whether the rows are first put in order of output priority."""


def _unique(outputs: Sequence[Any]) -> Any:
    if len(outputs) > 1:
        return Trouble(f"{len(outputs)} rows match, and the hit policy UNIQUE allows only one")
    return outputs[0]


def _any(outputs: Sequence[Any]) -> Any:
    first = outputs[0]
    if any(equal(first, other) is not True for other in outputs[1:]):
        return Trouble(f"{len(outputs)} rows match with different outputs, which the hit policy ANY does not allow")
    return first


def _first(outputs: Sequence[Any]) -> Any:
    return outputs[0]


def _sum(outputs: Sequence[Any]) -> Any:
    if not all(isinstance(output, Decimal) for output in outputs):
        return Trouble("the hit policy COLLECT SUM can only add numbers")
    return sum(outputs, Decimal(0))


def _least(outputs: Sequence[Any]) -> Any:
    return _extreme(outputs, 1, "MIN")


def _greatest(outputs: Sequence[Any]) -> Any:
    return _extreme(outputs, -1, "MAX")


def _extreme(outputs: Sequence[Any], side: int, name: str) -> Any:
    best = outputs[0]
    for output in outputs:
        comparison = order(best, output)
        if comparison is None:
            return Trouble(f"the hit policy COLLECT {name} cannot compare the outputs of the rows that match")
        best = output if comparison * side > 0 else best
    return best


POLICIES = {
    policy.name: policy
    for policy in (
        HitPolicy("UNIQUE", _unique),
        HitPolicy("FIRST", _first, first_only=True),
        HitPolicy("ANY", _any),
        HitPolicy("PRIORITY", _first, ordered=True),
        HitPolicy("RULE ORDER", list),
        HitPolicy("OUTPUT ORDER", list, ordered=True),
        HitPolicy("COLLECT", list, empty=()),
        HitPolicy("COLLECT SUM", _sum),
        HitPolicy("COLLECT MIN", _least),
        HitPolicy("COLLECT MAX", _greatest),
        HitPolicy("COLLECT COUNT", lambda outputs: Decimal(len(outputs)), empty=Decimal(0)),
    )
}


def by_priority(rows: list[tuple[int, tuple[Any, ...]]], ranks: Ranks) -> list[tuple[int, tuple[Any, ...]]]:
    """Return (row, output values) pairs, highest priority first; equal ones stay in row order.

    A value not listed comes after those that are.
    """

    def position(value: Any, order: tuple[Any, ...]) -> int:
        return next((index for index, listed in enumerate(order) if equal(listed, value) is True), len(order))

    def key(row: tuple[int, tuple[Any, ...]]) -> tuple[int, ...]:
        return tuple(position(value, order) for value, order in zip(row[1], ranks, strict=True) if order is not None)

    return sorted(rows, key=key)
