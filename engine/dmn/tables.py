"""Evaluate a decision table: which rows match, and what they answer.

Rows are bits of one number: each column says which rows its input allows, so that a row ruled out by one
column costs nothing in the next, and equal cells of a column are evaluated once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import NoneType
from typing import Any, Final

from engine.dmn.column_index import Cell
from engine.dmn.hit_policies import HitPolicy, Ranks, Trouble, by_priority
from engine.dmn.host_index import HostIndex
from engine.dmn.results import MatchedRow, row_in_words
from engine.dmn.run import Logic, Run, Scope
from engine.dmn.turning_points import CLOCK, TurningPoints, reads
from engine.dmn.types import ItemType
from engine.errors import BudgetExceeded
from engine.feel import UnaryTests, Value

_PLAIN: Final[Mapping[str, Any]] = {"string": str, "number": Decimal, "boolean": bool}


@dataclass(frozen=True, slots=True)
class Column:
    """An input column."""

    label: str
    expression: str
    same_as: int | None
    """Index of an earlier column with the same input expression, which is not evaluated again."""
    variable: str | None
    """The name in scope that the input expression consists of, which is read without evaluating anything."""
    value: Logic
    allowed: UnaryTests | None
    """The input values, when the column lists any."""
    always: int
    """The rows that take anything here."""
    cells: tuple[Cell, ...]
    """The other cells."""
    reads: frozenset[str]
    """What its input expression reads, as `turning_points.reads` says."""
    kind: ItemType | None = None
    """What its input may be, when the column says so; null may stand in every column."""

    @property
    def fitting(self) -> frozenset[type]:
        """The classes whose every value is of the column's type; others are asked one by one."""
        plain = None if self.kind is None or self.kind.allowed_text else _PLAIN.get(self.kind.node.name)
        return frozenset({NoneType, plain or NoneType})


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """An output column and the values it lists, when it lists any; null is always allowed."""

    name: str
    allowed: UnaryTests | None
    text: str
    """The output values as written."""
    heading: str
    """What people read above the column: its label, else its name."""

    def allows(self, value: Value, scope: Scope) -> bool:
        """Tell whether an output may be `value`."""
        return self.allowed is None or value is None or self.allowed.matches_in(scope, value) is True

    def limit(self, logic: Logic) -> Logic:
        """Return `logic` with null and a warning for what is none of the output values."""

        def limited(scope: Scope, run: Run) -> Any:
            value = logic(scope, run)
            if self.allows(value, scope):
                return value
            what = f"{value!s:.100} is none of the output values: {self.text}"
            run.warn("output value", f"column '{self.heading}': {what}")
            return None

        return limited


@dataclass(frozen=True, slots=True)
class Rule:
    """A row."""

    id: str
    outputs: tuple[Logic, ...]
    annotations: Mapping[str, str]
    description: str
    reads: frozenset[str]
    """What its outputs read, as `turning_points.reads` says."""
    constants: Mapping[str, Value]
    """The outputs, by name, that are the same always."""


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """A compiled table; calling it evaluates it."""

    owner: str
    """Name of the decision or knowledge model that holds it."""
    id: str
    policy: HitPolicy
    columns: tuple[Column, ...]
    index: HostIndex = field(repr=False)
    rules: tuple[Rule, ...]
    outputs: tuple[str, ...]
    """Names of the outputs; a single one may be the owner's name."""
    ranks: Ranks
    defaults: tuple[Logic | None, ...]
    listed: tuple[UnaryTests | None, ...] = ()
    """The output values of each output, when it lists any."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """What the output columns are called for people, by their names, where they say so."""
    kinds: tuple[ItemType | None, ...] = ()
    """The type of each output, when its column names one. What a row says is not made to fit it."""
    _names: tuple[str, ...] = field(init=False, repr=False, compare=False)
    """What the columns read, when each is a plain name that may be anything; otherwise empty."""
    _typed: tuple[tuple[int, frozenset[type]], ...] = field(init=False, repr=False, compare=False)
    """The columns that say of what type their input is, and which classes fit it."""

    def __post_init__(self) -> None:
        """Find out whether the inputs can be had without evaluating anything, and which are of a type."""
        typed = [(index, c.fitting) for index, c in enumerate(self.columns) if c.kind is not None]
        object.__setattr__(self, "_typed", tuple(typed))
        plain = [c.variable for c in self.columns if c.variable is not None and c.allowed is None]
        object.__setattr__(self, "_names", tuple(plain) if len(plain) == len(self.columns) else ())

    def row_in_words(self, row: int) -> str:
        """Return how a sentence names a row (number from 1): `results.row_in_words`."""
        return row_in_words(self.rules[row - 1].annotations, row)

    def __call__(self, scope: Scope, run: Run) -> Any:
        """Return the answer for the names in `scope`, and note the rows that matched in the run's journal."""
        values = self._inputs(scope, run)
        if values is None:
            return None
        rows = self._matching(values, scope, run)
        if not rows:
            return self._nothing_matched(scope, run)
        if self.policy.first_only:
            rows &= -rows
        hits = self._hits(rows, scope, run)
        if self.policy.ordered:
            hits = by_priority(hits, self.ranks)
        self._note(hits, values, run)
        answer = self.policy.combine([self._answer(outputs) for _, outputs in hits])
        if isinstance(answer, Trouble):
            run.warn("hit policy", f"table of '{self.owner}': {answer.message}")
            return None
        return answer

    def turning_points(self, host: Any) -> TurningPoints | None:
        """Return where the answer may change, for `host`; None when it asks what the time is."""
        steps: dict[str, tuple[int, ...]] = {}
        whole: set[str] = set()
        for column, lookups in zip(self.columns, self.index.lookups(host), strict=True):
            lookup = lookups.get(Decimal)
            asked = column.cells if lookup is None else lookup.cells
            if column.variable is None or column.allowed is not None or asked:
                whole |= column.reads.union(*(reads(cell.tests) for cell in asked))
            elif lookup is not None:
                steps[column.variable] = tuple(sorted({*steps.get(column.variable, ()), *lookup.steps()}))
        by_row = tuple(rule.reads for rule in self.rules)
        if any(self.defaults) or any(CLOCK in names for names in (whole, *by_row)):
            return None
        return TurningPoints(steps, frozenset(whole), by_row)

    def _inputs(self, scope: Scope, run: Run) -> list[Any] | None:
        names = scope.names
        if self._names:
            return self._fitted([names.get(name) for name in self._names], run)
        values: list[Any] = []
        for column in self.columns:
            if column.variable is not None:
                value = names.get(column.variable)
            elif column.same_as is not None:
                value = values[column.same_as]
            else:
                try:
                    value = column.value(scope, run)
                except BudgetExceeded as error:
                    raise self._overrun(error, None, column.label) from error
            allowed = column.allowed
            if allowed is not None and value is not None and allowed.matches_in(scope, value) is not True:
                where = f"table of '{self.owner}', column '{column.label}'"
                run.warn("input value", f"{where}: {value!s:.100} is not one of the input values the column allows")
                return None
            values.append(value)
        return self._fitted(values, run)

    def _fitted(self, values: list[Any], run: Run) -> list[Any]:
        """Return inputs as values of their columns' types: null and a warning for one that is of another."""
        for index, classes in self._typed:
            if values[index].__class__ not in classes:
                column = self.columns[index]
                where = f"table of '{self.owner}', column '{column.label}': {values[index]!s:.100}"
                values[index] = run.fit(column.kind, values[index], where)
        return values

    def _matching(self, values: list[Any], scope: Scope, run: Run) -> int:
        rows = (1 << len(self.rules)) - 1
        indexed = self.index.lookups(run.runtime.environment.host)
        for column, value, lookups in zip(self.columns, values, indexed, strict=True):
            lookup = lookups.get(value.__class__)
            if lookup is None:
                allowed, cells = column.always, column.cells
            else:
                allowed, cells = lookup.rows(value), lookup.cells
            if cells:
                allowed |= self._test(column, cells, value, rows, scope, run)
            rows &= allowed
            if not rows:
                break
        return rows

    def _test(
        self, column: Column, cells: tuple[Cell, ...], value: Any, rows: int, scope: Scope, run: Run
    ) -> int:
        allowed = 0
        warnings = run.runtime.environment.warnings
        before = len(warnings)
        for cell in cells:
            if cell.rows & rows:
                if cell.tests is None:
                    run.warn("invalid", "the cell is not FEEL")
                else:
                    try:
                        if cell.tests.matches_in(scope, value) is True:
                            allowed |= cell.rows
                    except BudgetExceeded as error:
                        raise self._overrun(error, cell.first_row, column.label) from error
                if len(warnings) != before:
                    row = self.row_in_words(cell.first_row)
                    run.locate(before, f"table of '{self.owner}', row {row}, column '{column.label}'")
                    before = len(warnings)
        return allowed

    def _overrun(self, error: BudgetExceeded, row: int | None, column: str) -> BudgetExceeded:
        """Return the error of a cell that went past its limits with the place of the cell."""
        if "column" in error.details:
            return error
        where = f"table of '{self.owner}', {f'row {self.row_in_words(row)}, ' if row else ''}column '{column}'"
        return BudgetExceeded(f"{where}: {error.message}", **error.details, row=row, column=column)

    def _hits(self, rows: int, scope: Scope, run: Run) -> list[tuple[int, tuple[Any, ...]]]:
        hits = []
        warnings = run.runtime.environment.warnings
        while rows:
            lowest = rows & -rows
            rows ^= lowest
            index = lowest.bit_length() - 1
            before = len(warnings)
            hits.append((index, self._outputs(index, scope, run)))
            if len(warnings) != before:
                run.locate(before, f"table of '{self.owner}', row {self.row_in_words(index + 1)}, outputs")
        return hits

    def _outputs(self, index: int, scope: Scope, run: Run) -> tuple[Any, ...]:
        said: list[Any] = []
        try:
            for output in self.rules[index].outputs:
                said.append(output(scope, run))
        except BudgetExceeded as error:
            raise self._overrun(error, index + 1, self.outputs[len(said)]) from error
        return tuple(said)

    def _note(self, hits: list[tuple[int, tuple[Any, ...]]], values: list[Any], run: Run) -> None:
        inputs = {column.expression: value for column, value in zip(self.columns, values, strict=True)}
        owner = run.known_as(self.owner)
        for index, outputs in hits:
            rule = self.rules[index]
            named = dict(zip(self.outputs, outputs, strict=True))
            run.journal.matched.append(
                MatchedRow(
                    owner, self.id, index + 1, rule.id, inputs, named, rule.annotations, rule.description
                )
            )

    def _answer(self, outputs: tuple[Any, ...]) -> Any:
        return outputs[0] if len(outputs) == 1 else dict(zip(self.outputs, outputs, strict=True))

    def _nothing_matched(self, scope: Scope, run: Run) -> Any:
        if any(default is not None for default in self.defaults):
            return self._answer(tuple(default(scope, run) if default else None for default in self.defaults))
        empty = self.policy.empty
        return list(empty) if isinstance(empty, tuple) else empty

