"""How values are written as JSON everywhere in the database."""

from __future__ import annotations

from decimal import Decimal
from math import isfinite
from typing import Any

import orjson

from engine.errors import Invalid


def dumps(value: Any) -> bytes:
    """Write `value` as JSON with sorted keys; dates and instants as ISO text, Decimals as numbers.

    Raises `Invalid` for what JSON cannot hold: an integer of more than 64 bits, half a surrogate pair.
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=_plain)
    except TypeError as error:
        raise Invalid(f"One of the values cannot be kept as it is: {error}") from error


def dumps_text(value: Any) -> str:
    """Write `value` as JSON text."""
    return dumps(value).decode()


loads = orjson.loads


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} cannot be kept as JSON")


def _number(value: Decimal) -> int | float | str:
    """Return a Decimal as the nearest number JSON readers agree on, or as text when there is none."""
    if value == value.to_integral_value() and abs(value) < 2**63:
        return int(value)
    near = float(value)
    return near if isfinite(near) else str(value)
