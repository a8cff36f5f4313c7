"""The values a process variable may hold, and how they are kept as JSON.

Numbers, text, truth values, dates, moments, nothing, and lists of those. A tag is a JSON object with one
key; no variable can be an object itself, so tags and values never meet.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from engine.errors import Invalid, shown

MAX_TEXT = 100_000
MAX_ITEMS = 10_000
_JSON_INTEGER = 1 << 53
# What FEEL calculates with (DMN 1.5, 10.3.2.3.1).
_MOST_DIGITS = 34


def clean_variables(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return `variables` as they will be kept. Raises `Invalid` naming the first one that cannot be kept."""
    kept = {}
    for name, value in variables.items():
        if not isinstance(name, str):
            raise Invalid(f"A variable's name must be text, not {shown(name)!r}")
        kept[_clean_text(name, name)] = clean_value(name, value)
    return kept


def clean_value(name: str, value: Any) -> Any:
    """Return one value as it will be kept; `name` is for the message. Raises `Invalid`."""
    if isinstance(value, list | tuple):
        if len(value) > MAX_ITEMS:
            raise Invalid(f"The variable {shown(name)!r} has more than {MAX_ITEMS} items", variable=name)
        return [_clean_scalar(name, item) for item in value]
    return _clean_scalar(name, value)


def _clean_scalar(name: str, value: Any) -> Any:
    if value is None:
        return None
    clean = _CLEANERS.get(type(value))
    if clean is None:
        kind = type(value).__name__
        raise Invalid(
            f"The variable {shown(name)!r} cannot hold a {kind}; a process keeps single values only", variable=name
        )
    return clean(name, value)


def _as_it_is(_name: str, value: Any) -> Any:
    return value


def _clean_text(name: str, value: str) -> str:
    if len(value) > MAX_TEXT:
        raise Invalid(f"The variable {shown(name)!r} is longer than {MAX_TEXT} characters", variable=name[:50])
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise Invalid("A variable holds half of a surrogate pair, which is not a character", variable=ascii(name))
    return value


def _clean_integer(name: str, value: int) -> int:
    if abs(value) >= 10**_MOST_DIGITS:
        raise Invalid(f"The number in {shown(name)!r} has more than {_MOST_DIGITS} digits", variable=name)
    return value


def _clean_float(name: str, value: float) -> float:
    if not math.isfinite(value):
        raise Invalid(f"The variable {shown(name)!r} is not a number", variable=name)
    return value


def _clean_decimal(name: str, value: Decimal) -> Decimal:
    if not value.is_finite():
        raise Invalid(f"The variable {shown(name)!r} is not a number", variable=name)
    if len(value.as_tuple().digits) > _MOST_DIGITS:
        raise Invalid(f"The number in {shown(name)!r} has more than {_MOST_DIGITS} digits", variable=name)
    return value


def _clean_moment(_name: str, value: datetime) -> datetime:
    # A restored moment knows its offset but not its zone's name: forget the name from the start.
    return datetime.fromisoformat(value.isoformat())


_CLEANERS: dict[type, Callable[[str, Any], Any]] = {
    str: _clean_text, bool: _as_it_is, int: _clean_integer, float: _clean_float, Decimal: _clean_decimal,
    date: _as_it_is, datetime: _clean_moment,
}


def tag_variables(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return `variables` in a form JSON can hold."""
    return {name: _tag(value) for name, value in variables.items()}


def untag_variables(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables that `tag_variables` stored."""
    return {name: _untag(value) for name, value in stored.items()}


def _tag(value: Any) -> Any:
    kind = type(value)
    if kind is str or kind is bool or value is None or kind is float:
        return value
    if kind is list:
        return [_tag(item) for item in value]
    if kind is int:
        return value if -_JSON_INTEGER < value < _JSON_INTEGER else {"i": str(value)}
    if kind is Decimal:
        return {"n": str(value)}
    return {"t": value.isoformat()} if kind is datetime else {"d": value.isoformat()}


def _untag(stored: Any) -> Any:
    kind = type(stored)
    if kind is list:
        return [_untag(item) for item in stored]
    if kind is dict:
        ((tag, text),) = stored.items()
        return _READERS[tag](text)
    return stored


_READERS: dict[str, Callable[[str], Any]] = {
    "i": int, "n": Decimal, "d": date.fromisoformat, "t": datetime.fromisoformat,
}
