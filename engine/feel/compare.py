"""Equality and order of FEEL values. None means: these two cannot be compared."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from engine.feel.environment import Spend, fresh_spend
from engine.feel.temporal import (
    DaysTime,
    FeelDateTime,
    FeelTime,
    WideDate,
    YearsMonths,
    instant_seconds,
    time_offset,
)
from engine.feel.values import FeelFunction, FeelRange, Value

_DIRECT = frozenset({Decimal, str, bool, YearsMonths, DaysTime})
_ORDERED = frozenset({Decimal, str, date, WideDate, YearsMonths, DaysTime})
_DAYS = frozenset({date, WideDate})
_PARTED = frozenset({list, dict, FeelRange})


def equal(left: Value, right: Value, spend: Spend | None = None) -> bool | None:
    """Say whether two values are equal; null equals only null; None when their kinds differ.

    DMN 1.5, table 53. Times and moments are compared by whole seconds. `spend` is charged for the items
    of lists and contexts (a counter of its own when None).
    """
    if left is None or right is None:
        return left is right
    kind = type(left)
    if kind is not type(right):
        return False if kind in _DAYS and type(right) in _DAYS else None
    if kind in _DIRECT:
        return bool(left == right)
    if kind is FeelTime or kind is FeelDateTime:
        return moment_key(left) == moment_key(right)
    if kind in _PARTED:
        return _equal_parts(left, right, fresh_spend() if spend is None else spend)
    return left is right if kind is FeelFunction else bool(left == right)


def same(left: Value, right: Value, spend: Spend | None = None) -> bool:
    """Say whether two values are equal, with different kinds simply unequal (for lists of values)."""
    return equal(left, right, spend) is True


def order(left: Value, right: Value) -> int | None:
    """Return a number below, equal to or above zero, or None when the two have no order."""
    kind = type(left)
    if kind is not type(right) and not (kind in _DAYS and type(right) in _DAYS):
        return None
    if kind in _ORDERED:
        return -1 if left < right else int(left > right)
    if kind is FeelTime or kind is FeelDateTime:
        if _zoned(left) != _zoned(right):
            return None
        one, other = moment_key(left)[1], moment_key(right)[1]
        return -1 if one < other else int(one > other)
    return None


def moment_key(value: FeelTime | FeelDateTime) -> tuple[bool, int]:
    """Return whether the value has a zone, and its whole seconds in UTC (or on its own clock)."""
    if isinstance(value, FeelTime):
        return value.zoned, value.seconds - (time_offset(value) or 0)
    return value.time.zoned, instant_seconds(value)


def identical(left: Value, right: Value, spend: Spend | None = None) -> bool:
    """Say whether two values are the same to the last detail, as the built-in `is` asks.

    Two times at one instant but with different offsets or zones are equal, not identical.
    """
    if type(left) is not type(right):
        return False
    if type(left) in _PARTED:
        return _equal_parts(left, right, fresh_spend() if spend is None else spend) is True
    return bool(left == right)


def in_range(value: Value, span: FeelRange) -> bool | None:
    """Say whether `value` lies in the range; None when it cannot be compared with its ends."""
    if span.operator in ("=", "!="):
        matches = equal(value, span.start)
        return None if matches is None else matches is (span.operator == "=")
    if value is None:
        return None
    if span.operator is None and (span.start is None or span.end is None):
        return None
    return _after_start(value, span) and _before_end(value, span)


def _after_start(value: Value, span: FeelRange) -> bool | None:
    if span.start is None:
        return True
    side = order(value, span.start)
    return None if side is None else side > 0 or (side == 0 and span.start_included)


def _before_end(value: Value, span: FeelRange) -> bool | None:
    if span.end is None:
        return True
    side = order(value, span.end)
    return None if side is None else side < 0 or (side == 0 and span.end_included)


def _zoned(value: Any) -> bool:
    return value.zoned if isinstance(value, FeelTime) else bool(value.time.zoned)


def _equal_parts(left: Value, right: Value, spend: Spend) -> bool | None:
    if isinstance(left, FeelRange):
        return _equal_ranges(left, right, spend)
    spend(1 + len(left))
    if len(left) != len(right):
        return False
    if isinstance(left, list):
        return all(equal(one, other, spend) for one, other in zip(left, right, strict=True))
    return left.keys() == right.keys() and all(equal(item, right[name], spend) for name, item in left.items())


def _equal_ranges(left: FeelRange, right: FeelRange, spend: Spend) -> bool:
    return (
        left.operator == right.operator
        and left.start_included == right.start_included
        and left.end_included == right.end_included
        and same(left.start, right.start, spend)
        and same(left.end, right.end, spend)
    )
