"""Cut what a column's input may be into pieces within which every cell says the same.

A cell of constants, comparisons with constants and ranges of constants changes its answer only at a constant written
in it. So one value is tried for each constant written in the column, and one for each gap between two of them; the
cells themselves say what they make of it. A cell of anything else may match or not: it is `beyond` what can be told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cmp_to_key
from typing import Any, Final

from engine.dmn.tables import Column
from engine.feel import (
    DaysTime,
    Environment,
    FeelDateTime,
    FeelSyntaxError,
    FeelTime,
    HostFunction,
    Session,
    UnaryTests,
    YearsMonths,
    compile_expression,
    compile_unary_tests,
    literal_text,
    order,
)
from engine.feel import nodes as n

MOST_CONSTANTS: Final = 400
"""Of one column; one with more is not cut."""
MAKERS: Final = frozenset({"date", "time", "date and time", "duration"})
"""Built-ins that write a constant."""
_BESIDE: Final[Mapping[type, str]] = {
    date: 'duration("P1D")', FeelDateTime: 'duration("PT1S")', FeelTime: 'duration("PT1S")',
    DaysTime: 'duration("PT1S")', YearsMonths: 'duration("P1M")',
}  # fmt: skip
"""Kind of a constant -> how far from it the nearest values tried are."""


@dataclass(frozen=True, slots=True)
class Atom:
    """A piece of a column's inputs: a value of it, the rows that match there, and those that may.

    `other`: it stands for any text that is not written in the column.
    """

    value: Any
    must: int
    may: int
    other: bool = False


@dataclass(frozen=True, slots=True)
class Cut:
    """One input and its pieces. `plain`: an input by its name, which can be set to any of the values.

    `beyond` are the rows with cells of which nothing can be told.
    """

    label: str
    name: str
    plain: bool
    atoms: tuple[Atom, ...]
    beyond: int


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What constants are worked out in: the host that fixed functions ask, and those functions by name."""

    environment: Environment
    functions: Mapping[str, HostFunction]


def cut_columns(columns: Sequence[Column], rows: int, around: Surroundings) -> list[Cut]:
    """Return the inputs of a table of so many `rows`, columns of one input expression taken together."""
    groups: dict[str, list[Column]] = {}
    for column in columns:
        groups.setdefault(column.expression, []).append(column)
    return [_cut(group, (1 << rows) - 1, around) for group in groups.values()]


def _cut(group: Sequence[Column], every: int, around: Surroundings) -> Cut:
    first = group[0]
    constants = _column_constants(group, around)
    beyond = 0
    for column in group:
        for cell in column.cells:
            if constants is None or cell.tests is None or _constants(cell.tests, around) is None:
                beyond |= cell.rows
    samples = [*_samples(constants or []), (None, False)]
    atoms: dict[tuple[int, int, bool, bool], Atom] = {}
    for value, other in samples:
        if value is None or _may_come(group, value):
            must, may = _ask(group, value, beyond, every, around)
            atoms.setdefault((must, may, value is None, other), Atom(value, must, may, other))
    return Cut(first.label, first.expression, first.variable is not None, tuple(atoms.values()), beyond)


def _ask(
    group: Sequence[Column], value: Any, beyond: int, every: int, around: Surroundings
) -> tuple[int, int]:
    """Return the rows whose cells match a value, and those that may."""
    must = may = every
    for column in group:
        session = Session({}, around.environment)
        yes, perhaps = column.always, column.always
        for cell in column.cells:
            if cell.rows & beyond:
                perhaps |= cell.rows
            elif cell.tests is not None and cell.tests.matches_in(session, value) is True:
                yes |= cell.rows
        must, may = must & yes, may & (yes | perhaps)
    return must, may


def _may_come(group: Sequence[Column], value: Any) -> bool:
    session = Session({}, Environment())
    return all(
        (column.kind is None or column.kind.test(value))
        and (column.allowed is None or column.allowed.matches_in(session, value) is True)
        for column in group
    )


def _column_constants(group: Sequence[Column], around: Surroundings) -> list[Any] | None:
    """Return the constants written in the columns and in what they allow; None when there are too many."""
    tests: list[UnaryTests] = []
    for column in group:
        tests += [cell.tests for cell in column.cells if cell.tests is not None]
        tests += [column.allowed] if column.allowed is not None else []
        if column.kind is not None and column.kind.allowed_text:
            try:
                tests.append(compile_unary_tests(column.kind.allowed_text))
            except FeelSyntaxError:
                continue
    found: dict[tuple[type, str], Any] = {}
    for each in tests:
        found.update({(type(value), literal_text(value)): value for value in _constants(each, around) or ()})
    return list(found.values()) if len(found) <= MOST_CONSTANTS else None


def _samples(constants: list[Any]) -> Iterator[tuple[Any, bool]]:
    """Yield a value for every constant and for every gap; True beside one that stands for any other text."""
    by_kind: dict[type, list[Any]] = {}
    for value in constants:
        by_kind.setdefault(type(value), []).append(value)
    for kind, values in by_kind.items():
        if kind is str:
            yield from ((value, False) for value in sorted(values))
            yield "".join(sorted(values)) + "?", True
        elif kind is bool:
            yield from ((True, False), (False, False))
        elif kind is Decimal:
            yield from ((value, False) for value in _numbers(sorted(values)))
        elif kind in _BESIDE:
            yield from ((value, False) for value in _beside(values, _BESIDE[kind]))


def _numbers(points: list[Decimal]) -> Iterator[Decimal]:
    # Of values that mean the same the first is told: one written, then a whole one, read best.
    yield from points
    yield points[0] - 1
    for point, following in zip(points, [*points[1:], points[-1] + 2], strict=True):
        yield point + 1 if point + 1 < following else (point + following) / 2


def _beside(values: list[Any], step: str) -> Iterator[Any]:
    yield from sorted(values, key=cmp_to_key(_compared))
    for sign in "-+":
        moved = compile_expression(f"value {sign} {step}", names=("value",))
        yield from (each for value in values if (each := moved.evaluate({"value": value})) is not None)


def _compared(one: Any, other: Any) -> int:
    return order(one, other) or 0


def _constants(tests: UnaryTests, around: Surroundings) -> list[Any] | None:
    """Return the constants that a cell is made of; None when it is made of anything else."""
    if not isinstance(tests.node, n.Tests):
        return None
    found: list[Any] = []
    for test in tests.node.tests:
        for part in _parts(test):
            value = _constant(part, around)
            if value is None and not (isinstance(part, n.Literal) and part.value is None):
                return None
            found.append(value)
    return [value for value in found if value is not None]


def _parts(test: n.Node) -> Iterable[n.Node]:
    if isinstance(test, n.OperatorTest):
        return (test.operand,)
    if isinstance(test, n.RangeOf):
        return test.start, test.end
    return test.items if isinstance(test, n.ListOf) else (test,)


def _constant(node: n.Node, around: Surroundings) -> Any:
    """Return the value of a constant, of a call that writes one, or of a fixed function; None for anything else."""
    if isinstance(node, n.Literal):
        return node.value
    if isinstance(node, n.Negation):
        value = _constant(node.operand, around)
        return -value if isinstance(value, Decimal) else None
    if not isinstance(node, n.Call) or not isinstance(node.function, n.Name) or node.names:
        return None
    name, lent = node.function.name, around.functions
    fixed = name in lent and lent[name].fixed and around.environment.host is not None
    arguments = [each.value for each in node.arguments if isinstance(each, n.Literal)]
    if len(arguments) < len(node.arguments) or not (fixed or (name in MAKERS and name not in lent)):
        return None
    text = f"{name}({', '.join(map(literal_text, arguments))})"
    return compile_expression(text, functions=lent).evaluate({}, around.environment)
