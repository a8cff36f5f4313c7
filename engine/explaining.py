"""Say in a plain sentence why a row of a rule matched: what it looked at, counted from when, and the limit here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from engine.calendar import WorkingCalendar
from engine.casework.counting import counted_from
from engine.dmn import DecisionModel, DecisionResult, MatchedRow
from engine.dmn.explaining import Asked, asked_by
from engine.dmn.results import SOURCE
from engine.feel import literal_text, to_plain
from engine.feel import nodes as n

UNIT: Final = re.compile(r"(?P<name>.*) \((?P<unit>working days|weeks|months|days)\)")
"""A column's heading that says in what it counts."""
LIMIT: Final = "time limit"
SIGNS: Final = {">": "more than", ">=": "at least", "<": "less than", "<=": "at most", "=": "exactly", "!=": "not"}


@dataclass(frozen=True, slots=True)
class Setting:
    """What a sentence is said in: the local day, the calendar, the time limits, and the facts whose days count."""

    today: date
    calendar: WorkingCalendar
    limit: Callable[[str], Any]
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Explained:
    """A row that matched: its number and id, the sentence, and where the row comes from."""

    row: int
    rule: str
    sentence: str
    source: str


def explain(model: DecisionModel, decision: str, matched: MatchedRow, setting: Setting) -> Explained:
    """Return the sentence for a row that matched when `decision` was asked. Raises `NotFound` for no such decision."""
    told = [_clause(asked, setting) for asked in _telling(asked_by(model.decision(decision), matched))]
    source = matched.annotations.get(SOURCE) or matched.description
    place = f"row {matched.label}"
    clauses = "; ".join(told) or "Nothing was asked"
    end = f": {place}, {source}" if source else f": {place}"
    return Explained(matched.row, matched.rule, clauses + end + ("" if end.endswith(".") else "."), source)


def explained(model: DecisionModel, decision: str, result: DecisionResult, setting: Setting) -> Iterator[str]:
    """Yield the sentence for each row of the decision's own table that matched."""
    for row in result.own_rows:
        yield explain(model, decision, row, setting).sentence


def _telling(asked: tuple[Asked, ...]) -> Iterator[Asked]:
    """Leave out what is not the case, unless nothing else was asked."""
    positive = [each for each in asked if each.value not in (False, None, "none")]
    return iter(positive or asked)


def _clause(asked: Asked, setting: Setting) -> str:
    found = UNIT.fullmatch(asked.label)
    name, unit = (found["name"], found["unit"]) if found else (asked.label, "")
    value = to_plain(asked.value)
    if not isinstance(value, int | Decimal) or isinstance(value, bool):
        return f"{name}: {_in_words(value, setting)}"
    unit = unit.removesuffix("s") if value == 1 else unit
    said = f"{name}: {value}{f' {unit}' if unit else ''}"
    since = counted_from(asked.expression, value, setting.facts, today=setting.today, calendar=setting.calendar)
    if since is not None:
        said += f" {since[0]} {_day(since[1], setting)}"
    return said + "".join(f", {each}" for each in _comparisons(asked.tests.node, setting))


def _comparisons(node: n.Node | n.Tests, setting: Setting) -> Iterator[str]:
    """Say of a cell with one comparison what it asks: `more than 10, the limit here`."""
    tests = node.tests if isinstance(node, n.Tests) and not node.negated else ()
    if len(tests) != 1:
        return
    test = tests[0]
    if isinstance(test, n.OperatorTest):
        bounds = [(SIGNS[test.operator], _bound(test.operand, setting))]
    elif isinstance(test, n.RangeOf):
        more, less = SIGNS[">=" if test.start_included else ">"], SIGNS["<=" if test.end_included else "<"]
        bounds = [(more, _bound(test.start, setting)), (less, _bound(test.end, setting))]
    else:
        return
    if all(number for _, (number, _) in bounds):
        limits = sum(limit for _, (_, limit) in bounds)
        here = {0: "", 1: ", the limit here"}.get(limits, ", the limits here")
        yield " and ".join(f"{sign} {number}" for sign, (number, _) in bounds) + here


def _bound(node: n.Node, setting: Setting) -> tuple[str, bool]:
    """Say a number written, or the number that a time limit has here and that it is one; empty for anything else."""
    if isinstance(node, n.Literal):
        return (literal_text(node.value) if isinstance(node.value, Decimal) else ""), False
    called = node.function if isinstance(node, n.Call) else None
    if isinstance(node, n.Call) and isinstance(called, n.Name) and called.name == LIMIT and len(node.arguments) == 1:
        name = node.arguments[0]
        if isinstance(name, n.Literal):
            return str(to_plain(setting.limit(str(name.value)))), True
    return "", False


def _in_words(value: Any, setting: Setting) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if type(value) is date:
        return _day(value, setting)
    return "not known" if value is None else str(value).replace("_", " ")


def _day(day: date, setting: Setting) -> str:
    return f"{day.day} {day:%B}" + ("" if day.year == setting.today.year else f" {day.year}")
