"""Look up which rows a value allows instead of asking each cell, where cells are made of plain constants.

A column of constants, comparisons with numbers and ranges of numbers says the same for every number between
two of the numbers written in it. So each such cell is asked once, when the table is compiled, about every
number written, one number in each gap, every text written, one other text, true and false; the answers are
kept. The cells themselves decide, so that the index cannot disagree with them.

What a host's fixed function answers counts as a number written, for that host: see `host_index`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil, floor
from typing import Any

from engine.feel import Environment, Session, UnaryTests
from engine.feel import nodes as n

MOST_QUESTIONS = 40_000
"""Cells times values asked for one column; a larger column is evaluated cell by cell."""

Answers = Callable[[n.Call], Any]
"""Gives what a call always comes to, None when that is not known beforehand."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The distinct text of one or more cells of a column, compiled."""

    rows: int
    """The rows that have it, as bits."""
    first_row: int
    """Number of the first of them, from 1."""
    tests: UnaryTests | None
    """None for a cell that is not FEEL in a file read leniently."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """What is known beforehand for values of one class."""

    rows: Callable[[Any], int]
    """Says which rows a value allows, as far as the cells looked up go."""
    cells: tuple[Cell, ...]
    """The cells that must still be evaluated."""
    points: tuple[Decimal, ...] = ()
    """The numbers written in the cells looked up, rising; none for values that are not numbers."""

    def steps(self) -> list[int]:
        """Return the whole numbers that allow other rows than the whole number before them, rising."""
        near = {n for point in self.points for n in (ceil(point), floor(point) + 1)}
        return sorted(n for n in near if self.rows(Decimal(n)) != self.rows(Decimal(n - 1)))


Lookups = Mapping[type, Lookup]
"""Class of a value -> what is known beforehand for values of that class."""


class _Exact(dict[Any, int]):
    """Rows by value, and those of every other value."""

    __slots__ = ("rest",)

    def __init__(self, known: Iterable[tuple[Any, int]], rest: int) -> None:
        super().__init__(known)
        self.rest = rest

    def __missing__(self, value: Any) -> int:
        return self.rest


def nothing_known(call: n.Call) -> Any:
    """Say of every call that its answer is not known beforehand."""
    return None


def build_lookups(
    cells: Sequence[Cell], *, always: int = 0, answers: Answers = nothing_known, host: Any = None
) -> Lookups:
    """Return the lookups for numbers, text and booleans; empty when no cell is simple enough.

    `always` are rows that every value allows. `answers` gives the calls that count as numbers, which `host`
    answers when the cells are asked.
    """
    simple: list[Cell] = []
    constants: set[Any] = set()
    for cell in cells:
        found = cell_constants(cell, answers)
        if found is not None:
            simple.append(cell)
            # Kept apart by class, as Python takes 1 for true.
            constants.update((type(value), value) for value in found)
    numbers = sorted(value for kind, value in constants if kind is Decimal)
    texts = sorted(value for kind, value in constants if kind is str)
    if not simple or len(simple) * (2 * len(numbers) + len(texts)) > MOST_QUESTIONS:
        return {}
    builder = _Builder(tuple(cells), simple, always, host)
    return {
        Decimal: builder.numbers(numbers),
        str: builder.exact(texts, "".join(texts) + "?"),
        bool: builder.exact([True, False], True),
    }


@dataclass(frozen=True, slots=True)
class _Builder:
    cells: tuple[Cell, ...]
    simple: list[Cell]
    always: int
    host: Any

    def numbers(self, points: list[Decimal]) -> Lookup:
        samples: list[Any] = [points[0] - 1 if points else Decimal(0)]
        for index, point in enumerate(points):
            following = points[index + 1] if index + 1 < len(points) else point + 2
            samples += [point, (point + following) / 2]
        masks, left = self._ask(samples)

        def rows(value: Any) -> int:
            # Odd for a number written, even for one in a gap.
            return masks[bisect_left(points, value) + bisect_right(points, value)]

        return Lookup(rows, left, tuple(points))

    def exact(self, known: list[Any], other: Any) -> Lookup:
        masks, left = self._ask([*known, other])
        return Lookup(_Exact(zip(known, masks[:-1], strict=True), masks[-1]).__getitem__, left)

    def _ask(self, samples: list[Any]) -> tuple[list[int], tuple[Cell, ...]]:
        """Return the rows each sample allows, and the cells not all answered without a warning, in their order."""
        masks, silent = [self.always] * len(samples), []
        for cell in self.simple:
            environment = Environment(host=self.host)
            session = Session({}, environment)
            answers = [cell.tests is not None and cell.tests.matches_in(session, sample) is True for sample in samples]
            if environment.warnings:
                continue
            silent.append(cell)
            for index, allowed in enumerate(answers):
                masks[index] |= cell.rows if allowed else 0
        return masks, tuple(cell for cell in self.cells if cell not in silent)


def cell_constants(cell: Cell, answers: Answers) -> list[Any] | None:
    """Return the constants that a cell is made of; None when it is made of anything else."""
    node = None if cell.tests is None else cell.tests.node
    if not isinstance(node, n.Tests):
        return None
    found: list[Any] = []
    for test in node.tests:
        constants = _test_constants(test, answers)
        if constants is None:
            return None
        found += constants
    return found


def _test_constants(test: n.Node, answers: Answers) -> list[Any] | None:
    if isinstance(test, n.Literal):
        return [test.value] if isinstance(test.value, str | bool | Decimal | None) else None
    if isinstance(test, n.OperatorTest):
        numbers = [_number(test.operand, answers)]
    elif isinstance(test, n.RangeOf):
        numbers = [_number(test.start, answers), _number(test.end, answers)]
    else:
        numbers = [_number(test, answers)]
    return None if None in numbers else numbers


def _number(node: n.Node, answers: Answers) -> Decimal | None:
    if isinstance(node, n.Negation):
        inner = _number(node.operand, answers)
        return None if inner is None else -inner
    value = answers(node) if isinstance(node, n.Call) else node.value if isinstance(node, n.Literal) else None
    return value if isinstance(value, Decimal) else None
