"""The cells of a decision table in words: what they ask and answer, with the time limits that hold here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from engine.errors import Invalid
from engine.explaining import LIMIT, SIGNS
from engine.feel import literal_text, to_plain
from engine.feel import nodes as n
from engine.feel.parser import parse_expression, parse_unary_tests
from engine.queries import words

Limit = Callable[[str], Any]
"""Gives a time limit by its name. Raises `Invalid` for one that nobody set."""
POLICIES: Final[Mapping[str, str]] = {
    "UNIQUE": "At most one row matches.",
    "FIRST": "The rows are asked from top to bottom, and the first that matches counts.",
    "ANY": "Several rows may match, as long as they answer alike.",
    "PRIORITY": "Of the rows that match, the one with the most important answer counts.",
    "RULE ORDER": "Every row that matches counts, in this order.",
    "OUTPUT ORDER": "Every row that matches counts, the most important answer first.",
    "COLLECT": "Every row that matches counts.",
    "COLLECT SUM": "The answers of all rows that match are added up.",
    "COLLECT MIN": "The smallest answer of the rows that match counts.",
    "COLLECT MAX": "The largest answer of the rows that match counts.",
    "COLLECT COUNT": "The answer is how many different answers the rows that match give.",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as people read it; `is_code` when it is an expression that is shown as it is written."""

    words: str
    is_code: bool = False


def anchor(rule: str, number: int) -> str:
    """Return where the page of a rules file shows a row: by its id, else its number from 1."""
    return f"rule-{rule or number}"


def asked(text: str, limit: Limit) -> Cell | None:
    """Say what an input cell asks, None when it takes anything."""
    if text in ("", "-"):
        return None
    try:
        node = parse_unary_tests(text, names=[LIMIT])
    except Invalid:
        return Cell(text, is_code=True)
    tests = [_test(each, limit) for each in node.tests]
    if not tests or None in tests:
        return Cell(text, is_code=True)
    said = words.listed([each for each in tests if each], "or")
    return Cell(f"not {said}" if node.negated else said)


def answered(text: str) -> Cell:
    """Say what an output cell answers; where it puts a sentence together, with what goes in it in square brackets."""
    if text in ("", "-"):
        return Cell("nothing")
    said = asked(text, _no_limit)
    if said is not None and not said.is_code:
        return said
    try:
        chosen = _choice(parse_expression(text, names=[LIMIT]))
    except Invalid:
        chosen = None
    return Cell(text, is_code=True) if chosen is None else Cell(chosen)


def _choice(node: n.Node) -> str | None:
    """Say an answer that may hang on a condition: "wait if paused, otherwise start"; None for anything else."""
    if not isinstance(node, n.If):
        return value(node.value) if isinstance(node, n.Literal) else _spoken(node)
    parts = _choice(node.then), _condition(node.condition), _choice(node.otherwise)
    return None if None in parts else f"{parts[0]} if {parts[1]}, otherwise {parts[2]}"


def _spoken(node: n.Node) -> str | None:
    """Say a text that is put together; None for what is no text, or too much to be read as one."""
    if isinstance(node, n.Literal):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, n.Name):
        return f"[{words.plain(node.name).lower()}]"
    if isinstance(node, n.Chain) and all(sign == "+" for sign, _ in node.rest):
        parts = [_spoken(each) for each in (node.first, *(operand for _, operand in node.rest))]
        return None if None in parts else "".join(part or "" for part in parts)
    if isinstance(node, n.Call) and isinstance(node.function, n.Name) and node.function.name == "string":
        return _spoken(node.arguments[0]) if len(node.arguments) == 1 else None
    return _one_of(node) if isinstance(node, n.If) else None


def _one_of(node: n.If) -> str | None:
    """Say a part of a text that hangs on a condition; of one thing or several, as of several."""
    then, condition, otherwise = _spoken(node.then), _condition(node.condition), _spoken(node.otherwise)
    if then is None or condition is None or otherwise is None:
        return None
    counted = isinstance(node.condition, n.Comparison) and node.condition.right == n.Literal(Decimal(1))
    before = " " if then.startswith(" ") and otherwise.startswith(" ") else ""
    return otherwise if counted else f"{before}[if {condition}: {then.strip()}; otherwise: {otherwise.strip()}]"


def _condition(node: n.Node) -> str | None:
    if isinstance(node, n.Name):
        return words.plain(node.name).lower()
    if isinstance(node, n.Comparison) and isinstance(node.left, n.Name) and isinstance(node.right, n.Literal):
        sign = "" if node.operator == "=" else f"{SIGNS[node.operator]} "
        return f"{words.plain(node.left.name).lower()} is {sign}{value(node.right.value)}"
    return None


def _no_limit(_name: str) -> Any:
    raise Invalid("An answer is told as it is written")


def _test(node: n.Node, limit: Limit) -> str | None:
    if isinstance(node, n.OperatorTest):
        said = _operand(node.operand, limit)
        return said and f"{SIGNS[node.operator]} {said}"
    if isinstance(node, n.RangeOf):
        start, end = _operand(node.start, limit), _operand(node.end, limit)
        if start is None or end is None:
            return None
        more, less = SIGNS[">=" if node.start_included else ">"], SIGNS["<=" if node.end_included else "<"]
        return f"{more} {start} and {less} {end}"
    return _operand(node, limit)


def _operand(node: n.Node, limit: Limit) -> str | None:
    """Say a value that is written, or a time limit with what it is here; None for anything else."""
    if isinstance(node, n.Literal):
        return value(node.value)
    called = node.function if isinstance(node, n.Call) else None
    if isinstance(node, n.Call) and isinstance(called, n.Name) and called.name == LIMIT and len(node.arguments) == 1:
        name = node.arguments[0]
        return _limit(name.value, limit) if isinstance(name, n.Literal) and isinstance(name.value, str) else None
    return None


def _limit(name: str, limit: Limit) -> str | None:
    try:
        return f"{to_plain(limit(name))} (the limit “{words.plain(name)}”)"
    except Invalid:
        return None


def value(given: Any) -> str:
    """Say a FEEL value, or a number as a file has it: "yes", "line manager", "12", "3 March 2026", "nothing"."""
    if given is None:
        return "nothing"
    if isinstance(given, bool):
        return "yes" if given else "no"
    if isinstance(given, str):
        return given if " " in given else words.plain(given) or "an empty text"
    if type(given) is date:
        return f"{given.day} {given:%B %Y}"
    if isinstance(given, list):
        return words.listed([value(each) for each in given]) or "nothing"
    if isinstance(given, Mapping):
        return "; ".join(f"{words.plain(str(name))}: {value(each)}" for name, each in given.items())
    if isinstance(given, int | float):
        return str(given)
    return str(to_plain(given)) if isinstance(given, Decimal) else literal_text(given)
