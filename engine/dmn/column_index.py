"""Look up which rows a value allows instead of asking each cell, where cells are made of plain constants.

A column of constants, comparisons with numbers and ranges of numbers says the same for every number between
two of the numbers written in it. So each such cell is asked once, when the table is compiled, about every
number written, one number in each gap, every text written, one other text, true and false; the answers are
kept. The cells themselves decide, so that the index cannot disagree with them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.feel import Environment, Session, UnaryTests
from engine.feel import nodes as n

MOST_QUESTIONS = 40_000
"""Cells times values asked for one column; a larger column is evaluated cell by cell."""


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


def build_lookups(cells: Sequence[Cell]) -> Mapping[type, Lookup]:
    """Return the lookups for numbers, text and booleans; empty when no cell is simple enough."""
    simple = [cell for cell in cells if cell.tests is not None and _is_simple(cell.tests.node)]
    constants = [value for cell in simple if cell.tests is not None for value in _constants(cell.tests.node)]
    numbers = sorted({value for value in constants if isinstance(value, Decimal)})
    texts = sorted({value for value in constants if isinstance(value, str)})
    if not simple or len(simple) * (2 * len(numbers) + len(texts)) > MOST_QUESTIONS:
        return {}
    others = [cell for cell in cells if cell not in simple]
    return {
        Decimal: _numbers(simple, others, numbers),
        str: _exact(simple, others, texts, "".join(texts) + "?"),
        bool: _exact(simple, others, [True, False], True),
    }


def _numbers(simple: list[Cell], others: list[Cell], points: list[Decimal]) -> Lookup:
    samples: list[Any] = [points[0] - 1 if points else Decimal(0)]
    for index, point in enumerate(points):
        following = points[index + 1] if index + 1 < len(points) else point + 2
        samples += [point, (point + following) / 2]
    masks, silent = _ask(simple, samples)

    def rows(value: Any) -> int:
        place = bisect_left(points, value)
        exact = place < len(points) and points[place] == value
        return masks[2 * place + 1 if exact else 2 * place]

    return Lookup(rows, _left(simple, others, silent))


def _exact(simple: list[Cell], others: list[Cell], known: list[Any], other: Any) -> Lookup:
    masks, silent = _ask(simple, [*known, other])
    by_value = dict(zip(known, masks, strict=False))
    rest = masks[-1]
    return Lookup(lambda value: by_value.get(value, rest), _left(simple, others, silent))


def _ask(cells: list[Cell], samples: list[Any]) -> tuple[list[int], list[Cell]]:
    """Return the rows each sample allows, and the cells that answer all of them without a warning."""
    masks, silent = [0] * len(samples), []
    for cell in cells:
        environment = Environment()
        session = Session({}, environment)
        answers = [cell.tests is not None and cell.tests.matches_in(session, sample) is True for sample in samples]
        if environment.warnings:
            continue
        silent.append(cell)
        for index, allowed in enumerate(answers):
            masks[index] |= cell.rows if allowed else 0
    return masks, silent


def _left(simple: list[Cell], others: list[Cell], silent: list[Cell]) -> tuple[Cell, ...]:
    return tuple(others + [cell for cell in simple if cell not in silent])


def _is_simple(node: n.Node | n.Tests) -> bool:
    return isinstance(node, n.Tests) and all(map(_is_simple_test, node.tests))


def _is_simple_test(node: n.Node) -> bool:
    if isinstance(node, n.Literal):
        return isinstance(node.value, str | bool | Decimal | None)
    if isinstance(node, n.OperatorTest):
        return _number(node.operand) is not None
    if isinstance(node, n.RangeOf):
        return _number(node.start) is not None and _number(node.end) is not None
    return _number(node) is not None


def _constants(node: n.Node | n.Tests) -> Iterator[Any]:
    for test in node.tests if isinstance(node, n.Tests) else ():
        if isinstance(test, n.Literal):
            yield test.value
        elif isinstance(test, n.OperatorTest):
            yield _number(test.operand)
        elif isinstance(test, n.RangeOf):
            yield _number(test.start)
            yield _number(test.end)
        else:
            yield _number(test)


def _number(node: n.Node) -> Decimal | None:
    if isinstance(node, n.Negation):
        inner = _number(node.operand)
        return None if inner is None else -inner
    value = node.value if isinstance(node, n.Literal) else None
    return value if isinstance(value, Decimal) else None
