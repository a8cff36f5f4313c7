"""FEEL values as text, as the built-in `string` writes them."""

from __future__ import annotations

import re
from decimal import Decimal

from engine.feel.environment import Spend, fresh_spend
from engine.feel.numbers import number_text
from engine.feel.temporal import Day, DaysTime, FeelDateTime, FeelTime, YearsMonths
from engine.feel.temporal_text import date_time_text, day_text, days_text, months_text, time_text
from engine.feel.values import FeelFunction, FeelRange, Value

_PLAIN_KEY = re.compile(r"[^\W\d][\w ]*")
_QUOTED = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def value_text(value: Value, spend: Spend | None = None) -> str:
    """Return the text of any value: a string is itself, null is `null`. `spend` is charged as it grows."""
    return value if type(value) is str else literal_text(value, spend)


def literal_text(value: Value, spend: Spend | None = None) -> str:
    """Return the text of a value as FEEL would write it; strings are quoted."""
    pieces: list[str] = []
    _write(value, pieces, fresh_spend() if spend is None else spend)
    return "".join(pieces)


def _write(value: Value, pieces: list[str], spend: Spend) -> None:
    kind = type(value)
    if kind is list:
        _write_all("[", [("", item) for item in value], "]", pieces, spend)
    elif kind is dict:
        _write_all("{", [(f"{_key(name)}: ", item) for name, item in value.items()], "}", pieces, spend)
    else:
        text = _range_text(value, spend) if isinstance(value, FeelRange) else _scalar_text(value)
        spend(2 + (len(text) >> 4))
        pieces.append(text)


def _write_all(
    opening: str, items: list[tuple[str, Value]], closing: str, pieces: list[str], spend: Spend
) -> None:
    spend(1 + len(items))
    pieces.append(opening)
    for place, (label, item) in enumerate(items):
        pieces.append(f", {label}" if place else label)
        _write(item, pieces, spend)
    pieces.append(closing)


def _scalar_text(value: Value) -> str:
    kind = type(value)
    if kind is str:
        return quoted(value)
    if kind is Decimal:
        return number_text(value)
    if value is None:
        return "null"
    if kind is bool:
        return "true" if value else "false"
    if isinstance(value, FeelFunction):
        return f"function({', '.join(value.parameters)})"
    return _temporal_text(value)


def quoted(text: str) -> str:
    """Return `text` between double quotes with what needs it escaped."""
    return '"' + "".join(_QUOTED.get(character, character) for character in text) + '"'


def _key(name: str) -> str:
    return name if _PLAIN_KEY.fullmatch(name) else quoted(name)


def _temporal_text(value: Day | FeelTime | FeelDateTime | YearsMonths | DaysTime) -> str:
    if isinstance(value, FeelDateTime):
        return date_time_text(value)
    if isinstance(value, FeelTime):
        return time_text(value)
    if isinstance(value, YearsMonths):
        return months_text(value)
    if isinstance(value, DaysTime):
        return days_text(value)
    return day_text(value)


def _range_text(value: FeelRange, spend: Spend) -> str:
    if value.operator is not None:
        operand = value.start if value.operator[0] in ">=!" else value.end
        return f"({value.operator} {literal_text(operand, spend)})"
    opening, closing = "[" if value.start_included else "(", "]" if value.end_included else ")"
    return f"{opening}{literal_text(value.start, spend)}..{literal_text(value.end, spend)}{closing}"
