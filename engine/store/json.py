"""How values are written as JSON everywhere in the database."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson


def dumps(value: Any) -> bytes:
    """Write `value` as JSON with sorted keys; dates and instants as ISO text, Decimals as numbers."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=_plain)


def dumps_text(value: Any) -> str:
    """Write `value` as JSON text."""
    return dumps(value).decode()


loads = orjson.loads


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} cannot be kept as JSON")
