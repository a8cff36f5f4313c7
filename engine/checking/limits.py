"""The time limits that cells of rules ask for: whether there are such, and numbers that are typed in their place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, Final

from engine.bpmn.lint import Finding
from engine.casework.feel_functions import HOST_FUNCTIONS
from engine.dmn.tables import DecisionTable
from engine.dmn.written import Logic, Table, WrittenDecision, WrittenRow, written_decisions
from engine.errors import shown
from engine.feel import FeelSyntaxError, compile_unary_tests
from engine.feel import nodes as n
from engine.rule_files import TIMESCALES, FileHost, Rules

_LIKENESS: Final = 0.7
_ASKED: Final = re.compile(r'\btime limit\(\s*(?:name\s*:\s*)?"([^"]*)"\s*\)')
_IN_DAYS: Final = re.compile(r"(?<![a-z])(?:day|week|month)s?(?![a-z])", re.IGNORECASE)
_SAID: Final = re.compile(r"\b(\d+)(?: to (\d+))? (?:\w+ )?(?:days?|weeks?|months?)\b", re.IGNORECASE)


def known_limits(rules: Rules) -> frozenset[str] | None:
    """Return the time limits that the rules have for any authority; None where that cannot be told."""
    holder = rules.holder(TIMESCALES)
    table = holder.decisions[TIMESCALES].logic if holder is not None else None
    if not isinstance(table, DecisionTable):
        return None
    columns = [each for each in table.columns if each.expression == "limit"]
    if any(each.always for each in columns):
        return None
    cells = [cell.tests for each in columns for cell in each.cells]
    named = [test for cell in cells if cell is not None for test in _tests(cell.node)]
    return frozenset(test.value for test in named if isinstance(test, n.Literal) and isinstance(test.value, str))


def unknown_limits(file: str, content: bytes, known: frozenset[str]) -> Iterator[Finding]:
    """Yield a finding for each cell of a rules file that asks for a time limit which is not there."""
    for decision in written_decisions(content, name=file):
        for element, where, text in _texts(decision):
            for name in dict.fromkeys(_ASKED.findall(text)):
                if name not in known:
                    near = get_close_matches(name, sorted(known), 1, _LIKENESS)
                    advice = f"write '{near[0]}'" if near else f"add a row for it to the table {TIMESCALES}"
                    yield Finding(file, element, f"{where}there is no time limit '{shown(name)}'", advice)


def typed_limits(file: str, content: bytes, rules: Rules) -> Iterator[Finding]:
    """Yield a notice for a number of days, weeks or months that is typed in a cell and contradicts what stands beside.

    That is the source which its row names, or the time limit that other rows ask for in its column.
    """
    host = FileHost(rules.holder(TIMESCALES))
    for decision in written_decisions(content, name=file):
        table = decision.logic.table if decision.logic is not None else None
        if table is None or decision.id == TIMESCALES:
            continue
        for column, heading in enumerate(table.inputs):
            if _IN_DAYS.search(heading.replace("_", " ")):
                yield from _typed_in_column(file, table, column, host)


def _typed_in_column(file: str, table: Table[WrittenRow], column: int, host: FileHost) -> Iterator[Finding]:
    asked = {name: host.time_limit(name) for row in table.rows for name in _ASKED.findall(row.asks[column])}
    for row in table.rows:
        said = {int(each) for found in _SAID.findall(_source(row)) for each in found if each}
        for number in _numbers(row.asks[column]):
            others = [f'time limit("{name}"), {value}' for name, value in asked.items() if value != number]
            beside = [f"its source says {' and '.join(map(str, sorted(said)))}"] if said and number not in said else []
            if others and number not in asked.values():
                beside.append(f"other rows of the column ask {' and '.join(others)}")
            if beside:
                what = f"column '{table.inputs[column]}' has the limit {number} typed in, while {', and '.join(beside)}"
                advice = 'write time limit("NAME") so that the table of limits decides, or mend the source'
                yield Finding(file, row.id or "row", what, advice, "notice")


def _source(row: WrittenRow) -> str:
    return " ".join((row.description, *(said for _, said in row.notes)))


def _numbers(cell: str) -> list[int]:
    """Return the whole numbers above 1 that a cell compares with; none of a cell that cannot be read alone."""
    try:
        tests = _tests(compile_unary_tests(cell, functions=HOST_FUNCTIONS).node)
    except FeelSyntaxError:
        return []
    bounds: list[Any] = []
    for test in tests:
        if isinstance(test, n.RangeOf):
            bounds += [test.start, test.end]
        else:
            bounds.append(test.operand if isinstance(test, n.OperatorTest) else test)
    values = [each.value for each in bounds if isinstance(each, n.Literal)]
    return [int(each) for each in values if isinstance(each, Decimal) and each > 1 and each == int(each)]


def _tests(node: n.Node | n.Tests) -> tuple[n.Node, ...]:
    return tuple(node.tests) if isinstance(node, n.Tests) else ()


def _texts(decision: WrittenDecision) -> Iterator[tuple[str, str, str]]:
    """Yield each text of a decision with the element it is told at, and which column it stands in."""
    if decision.logic is not None:
        yield from _texts_of(decision.logic, decision.id)


def _texts_of(logic: Logic[WrittenRow], element: str) -> Iterator[tuple[str, str, str]]:
    yield element, "", logic.text
    for part in logic.parts:
        yield from _texts_of(part, element)
    table = logic.table
    for row in table.rows if table is not None else ():
        headings = (*table.inputs, *table.outputs) if table is not None else ()
        for heading, cell in zip(headings, (*row.asks, *row.gives), strict=False):
            yield row.id or element, f"column '{heading}': ", cell
