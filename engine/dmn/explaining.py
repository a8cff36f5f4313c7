"""What a row of a decision table looked at: its cells that ask something, and the values they met."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.dmn.model import Decision, DecisionModel
from engine.dmn.results import MatchedRow, label_of
from engine.dmn.run import Journal, Run
from engine.dmn.tables import Column, DecisionTable
from engine.feel import DEFAULT, Environment, Runtime, UnaryTests, literal_text


@dataclass(frozen=True, slots=True)
class Asked:
    """One cell of a row: the column's heading and input expression, what the cell asks, and the value it met."""

    label: str
    expression: str
    tests: UnaryTests
    value: Any


def cells_of(decision: Decision, row: int) -> Iterator[tuple[Column, UnaryTests]]:
    """Yield the columns in which a row (number from 1) of the decision's table asks something, and its cells."""
    table = decision.logic
    for column in table.columns if isinstance(table, DecisionTable) else ():
        for cell in column.cells:
            if cell.rows >> (row - 1) & 1 and cell.tests is not None:
                yield column, cell.tests


def inputs_by_row(decision: Decision) -> dict[str, frozenset[str]]:
    """Return, by what the table calls each row, the input expressions that the row asks about.

    What all rows of a table ask alike tells none of them apart, and is left out.
    """
    table = decision.logic
    if not isinstance(table, DecisionTable):
        return {}
    every = (1 << len(table.rules)) - 1
    alike = {each.expression for each in table.columns for cell in each.cells if cell.rows == every and every > 1}
    asked: dict[str, frozenset[str]] = {}
    for row, rule in enumerate(table.rules, start=1):
        label = label_of(rule.annotations, row)
        names = {column.expression for column, _ in cells_of(decision, row)}
        asked[label] = asked.get(label, frozenset()) | (names - alike)
    return asked


def asked_by(decision: Decision, row: MatchedRow) -> tuple[Asked, ...]:
    """Return what a row that matched asked, column by column; nothing for a row of another table."""
    if row.decision != decision.name:
        return ()
    return tuple(
        Asked(column.label, column.expression, tests, row.inputs.get(column.expression))
        for column, tests in cells_of(decision, row.row)
    )


def asked_by_row(decision: Decision, row: MatchedRow) -> str:
    """Say what a row that matched asked: `Reviews missed is 2 (>= 2)`."""
    said = [f"{each.label} is {literal_text(each.value)} ({each.tests.text})" for each in asked_by(decision, row)]
    return "; ".join(said) or "it asks nothing"


def ruled_out_by(
    model: DecisionModel, decision: Decision, row: int, inputs: Mapping[str, Any], environment: Environment
) -> str:
    """Say which cells of a row do not match `inputs`; empty when all do, or the decision is no table."""
    run = Run(model, inputs, Runtime(environment, DEFAULT), Journal())
    names = run.names(decision.bindings)
    names.update(run.all_given(decision.given))
    scope = run.scope(names)
    said = []
    for column, tests in cells_of(decision, row):
        value = column.value(scope, run)
        if tests.matches_in(scope, value) is not True:
            said.append(f"{column.label} is {literal_text(value)}, and it asks {tests.text}")
    return "; ".join(said)
