"""How the tests of FEEL ask for a value: `ask("1 + 2")` is the text of what it comes to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.feel import Environment, compile_expression, compile_unary_tests, literal_text

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def environment() -> Environment:
    """Return an environment at noon UTC on Monday 1 June 2026, in London."""
    return Environment(now=NOON, zone=ZoneInfo("Europe/London"))


def ask(text: str, variables: Mapping[str, Any] | None = None) -> str:
    """Return the FEEL text of what an expression comes to."""
    given = variables or {}
    return literal_text(compile_expression(text, names=given.keys()).evaluate(given, environment()))


def codes(text: str, variables: Mapping[str, Any] | None = None) -> list[str]:
    """Return the codes of the warnings that evaluating an expression leaves."""
    given = variables or {}
    around = environment()
    compile_expression(text, names=given.keys()).evaluate(given, around)
    return [warning.code for warning in around.warnings]


def passes(cell: str, value: Any, variables: Mapping[str, Any] | None = None) -> bool | None:
    """Say whether a value passes the unary tests of a cell."""
    given = variables or {}
    return compile_unary_tests(cell, names=given.keys()).matches(value, given, environment())
