"""Every number of every rules file decides at its boundary: one below, it, one above, and moves with its limit.

The rows are counted from the files, and each is reached by the examples beside it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

import pytest
from lxml import etree

from engine.casework.feel_functions import HOST_FUNCTIONS
from engine.feel import compile_expression, to_plain
from tests.rules import test_caf_needed, test_timescales
from tests.rules.conftest import CALENDAR, Decide, Limits, environment, examples_of, shipped

Inputs = Mapping[str, Any]
MODEL = "{https://www.omg.org/spec/DMN/20191111/MODEL/}"
LIMIT = r'time limit\("(\w+)"\)'
LATER = date(2026, 9, 14)
"""What a diagram counts from, far enough from today for no other date to come first."""
NUMBER = rf"(?:{LIMIT}|(\d+)|(open_actions / 2))"
DEFAULTS = test_timescales.DEFAULTS


@dataclass(frozen=True)
class Cell:
    """A cell with a number: below `low` and above `high` the row does not match; both are in unless they are open."""

    column: str
    text: str

    def bounds(self, asked: Inputs, limits: Mapping[str, int]) -> tuple[float, bool, float, bool]:
        """Return the lowest number, whether it is in, the highest and whether that is in."""

        def number(found: re.Match[str], first: int) -> float:
            limit, written, half = found.group(first, first + 1, first + 2)
            return (
                limits.get(limit, DEFAULTS[limit]) if limit else int(written) if written else asked[half.split()[0]] / 2
            )

        if between := re.fullmatch(rf"([\[(]){NUMBER}\.\.{NUMBER}([\])])", self.text):
            return number(between, 2), between.group(1) == "[", number(between, 5), between.group(8) == "]"
        compared = re.fullmatch(rf"(>=|<=|>|<|) *{NUMBER}", self.text)
        assert compared, f"a cell that this test cannot read: {self.text}"
        sign, value = compared.group(1), number(compared, 2)
        low = value if sign in (">", ">=", "") else -math.inf
        high = value if sign in ("<", "<=", "") else math.inf
        return low, sign != ">", high, sign != "<"

    def matches(self, value: int, asked: Inputs, limits: Mapping[str, int]) -> bool:
        """Tell what the cell says about a number, read without the engine."""
        low, low_in, high, high_in = self.bounds(asked, limits)
        return (low < value or (low_in and value == low)) and (value < high or (high_in and value == high))


@dataclass(frozen=True)
class Row:
    """A row of a table, with its cells that hold a number."""

    file: str
    id: str
    cells: tuple[Cell, ...]

    def __str__(self) -> str:
        return f"{self.file}:{self.id}"


def rows() -> Iterator[Row]:
    for entry in sorted(files("rules").iterdir(), key=lambda each: each.name):
        if entry.name.endswith(".dmn"):
            for table in etree.fromstring(entry.read_bytes()).iter(f"{MODEL}decisionTable"):
                columns = [
                    each.findtext(f"{MODEL}inputExpression/{MODEL}text") or "" for each in table.iter(f"{MODEL}input")
                ]
                for rule in table.iter(f"{MODEL}rule"):
                    cells = [each.findtext(f"{MODEL}text") or "" for each in rule.iter(f"{MODEL}inputEntry")]
                    numbers = [
                        Cell(column, text) for column, text in zip(columns, cells, strict=True)
                        if re.search(rf"{LIMIT}|\d", text) and not text.startswith('"')
                    ]  # fmt: skip
                    yield Row(entry.name.removesuffix(".dmn"), rule.get("id") or "", tuple(numbers))


ROWS = list(rows())
WITH_NUMBERS = [row for row in ROWS if row.cells]


@cache
def asked_for(file: str) -> list[Inputs]:
    """Return what the examples of a table ask it, whole."""
    return [example.inputs for example in examples_of(file) if example.limits.items() <= DEFAULTS.items()]


@pytest.fixture
def matched(escalate: Decide) -> Callable[..., set[str]]:
    """Give the ids of the rows that match what is asked of a file, under changed limits if any."""
    timescales = shipped("timescales")

    def ask(file: str, asked: Inputs, limits: Mapping[str, int] | None = None) -> set[str]:
        if file == "escalation":
            return {row.rule for row in escalate(**asked, limits=limits or {}).matched}
        model = _model(file)
        return {
            row.rule
            for row in model.evaluate(file, asked, environment(Limits(timescales, changed=limits or {}))).matched
        }

    return ask


@cache
def _model(file: str) -> Any:
    return shipped(file)


@pytest.mark.parametrize("row", WITH_NUMBERS, ids=str)
def test_every_number_decides_at_its_boundary(row: Row, matched: Callable[..., set[str]]) -> None:
    asked = next(each for each in asked_for(row.file) if row.id in matched(row.file, each))
    for cell in row.cells:
        for limits in ({}, *({name: DEFAULTS[name] + 1} for name in re.findall(LIMIT, cell.text))):
            low, _, high, _ = cell.bounds(_with(asked, cell.column, 0), limits)
            for bound in (math.ceil(each) for each in (low, high) if math.isfinite(each)):
                for value in (bound - 1, bound, bound + 1):
                    if value < 0 and not cell.column.isidentifier():
                        continue  # nobody can count fewer than none
                    changed = _with(asked, cell.column, value)
                    answer = row.id in matched(row.file, changed, limits)
                    assert answer is cell.matches(value, changed, limits), f"{cell.column} = {value}, {limits}"


def _with(asked: Inputs, column: str, value: int) -> Inputs:
    """Return the question with another number in a column; the checklist's numbers are counted from its answers."""
    if column.isidentifier():
        return {**asked, column: value}
    wanted, counted = ("no", {"no"}) if '= "no"' in column else ("not_sure", {"not_sure", None})
    changed = {**asked, **{area: "yes" for area in test_caf_needed.AREAS if asked[area] in counted}}
    free = [area for area in test_caf_needed.AREAS if changed[area] == "yes" and area != "safe"]
    return changed | dict.fromkeys(free[: max(value, 0)], wanted)


def diagram_limits() -> list[tuple[str, str, str]]:
    """Return each expression of a diagram that reads a limit: the diagram, the limit, the expression."""
    found = set()
    for entry in files("processes").iterdir():
        if entry.name.endswith(".bpmn"):
            for element in etree.fromstring(entry.read_bytes()).iter(etree.Element):
                for text in (*element.attrib.values(), element.text or ""):
                    for limit in re.findall(LIMIT, text):
                        found.add((entry.name, limit, text.strip().removeprefix("=")))
    return sorted(found)


@pytest.mark.parametrize(("diagram", "limit", "text"), diagram_limits())
def test_a_diagram_s_date_moves_with_its_limit_day_by_day(diagram: str, limit: str, text: str) -> None:
    """One more in the table is one more day or week, no more and no less; today is 3 June 2026."""
    expression, timescales = compile_expression(text, functions=HOST_FUNCTIONS), shipped("timescales")
    unset = dict.fromkeys(re.findall(r"if (\w+) = null", text))
    scope = dict.fromkeys(expression.names_used, LATER) | unset

    def at(change: int) -> Any:
        changed = {limit: DEFAULTS[limit] + change}
        return to_plain(expression.evaluate(scope, environment(Limits(timescales, changed=changed))))

    dates = [_start(at(change)) for change in (-1, 0, 1)]
    if isinstance(dates[1], timedelta):
        assert {after - before for before, after in pairwise(dates)} == {timedelta(days=1)}
        return
    if not isinstance(dates[1], date):
        assert [int(each) for each in dates] == [DEFAULTS[limit] + change for change in (-1, 0, 1)]
        return
    for before, after in pairwise(dates):
        if limit.endswith("_weeks"):
            assert after - before == timedelta(weeks=1)
        else:
            assert abs(CALENDAR.working_days_between(before, after)) == 1


def _start(answer: Any) -> Any:
    """Read what a timer in text (`R12/2026-06-12/P7D`, `R/PT48H`, `PT24H`) waits for first; others stay as they are."""
    written = re.fullmatch(r"(?:R\d*/)?(?:(\d{4}-\d\d-\d\d)/P7D|PT(\d+)H)", answer) if isinstance(answer, str) else None
    if written is None:
        return answer
    day, hours = written.groups()
    return date.fromisoformat(day) if day else timedelta(hours=int(hours))


def test_every_limit_decides_somewhere() -> None:
    """A row of the time limits table has its boundary where its limit is read: in a table or in a diagram."""
    read = {name for row in ROWS for cell in row.cells for name in re.findall(LIMIT, cell.text)}
    read |= {limit for _, limit, _ in diagram_limits()}
    assert DEFAULTS.keys() - read == test_timescales.OF_FORMS
