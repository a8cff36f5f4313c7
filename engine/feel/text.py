"""FEEL values as text, as the built-in `string` writes them."""

from __future__ import annotations

import re
from decimal import Decimal

from engine.feel.numbers import number_text
from engine.feel.temporal import Day, DaysTime, FeelDateTime, FeelTime, WideDate, YearsMonths
from engine.feel.temporal_text import date_time_text, day_text, days_text, months_text, time_text
from engine.feel.values import FeelFunction, FeelRange, Value

_PLAIN_KEY = re.compile(r"[^\W\d][\w ]*")
_QUOTED = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def value_text(value: Value) -> str:
    """Return the text of any value: a string is itself, null is `null`."""
    return value if type(value) is str else literal_text(value)


def literal_text(value: Value) -> str:
    """Return the text of a value inside a list or context, where strings are quoted."""
    kind = type(value)
    if kind is str:
        return quoted(value)
    if kind is Decimal:
        return number_text(value)
    if value is None:
        return "null"
    if kind is bool:
        return "true" if value else "false"
    if kind is list:
        return f"[{', '.join(literal_text(item) for item in value)}]"
    if kind is dict:
        return "{" + ", ".join(f"{_key(name)}: {literal_text(item)}" for name, item in value.items()) + "}"
    return _other_text(value)


def quoted(text: str) -> str:
    """Return `text` between double quotes with what needs it escaped."""
    return '"' + "".join(_QUOTED.get(character, character) for character in text) + '"'


def _key(name: str) -> str:
    return name if _PLAIN_KEY.fullmatch(name) else quoted(name)


def _other_text(value: Value) -> str:
    if isinstance(value, FeelRange):
        return _range_text(value)
    if isinstance(value, FeelFunction):
        return f"function({', '.join(value.parameters)})"
    return _temporal_text(value)


def _temporal_text(value: Day | FeelTime | FeelDateTime | YearsMonths | DaysTime) -> str:
    if isinstance(value, FeelDateTime):
        return date_time_text(value)
    if isinstance(value, FeelTime):
        return time_text(value)
    if isinstance(value, YearsMonths):
        return months_text(value)
    if isinstance(value, DaysTime):
        return days_text(value)
    assert isinstance(value, Day | WideDate)
    return day_text(value)


def _range_text(value: FeelRange) -> str:
    if value.operator is not None:
        operand = value.start if value.operator[0] in ">=!" else value.end
        return f"({value.operator} {literal_text(operand)})"
    opening, closing = "[" if value.start_included else "(", "]" if value.end_included else ")"
    return f"{opening}{literal_text(value.start)}..{literal_text(value.end)}{closing}"
