"""Equality and order of FEEL values. None means: these two cannot be compared."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

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


def equal(left: Value, right: Value) -> bool | None:
    """Say whether two values are equal; null equals only null; None when their kinds differ.

    DMN 1.5, table 53. Times and moments are compared by whole seconds.
    """
    if left is None or right is None:
        return left is right
    kind = type(left)
    if kind is not type(right):
        return False if kind in _DAYS and type(right) in _DAYS else None
    if kind in _DIRECT:
        return bool(left == right)
    if kind is list:
        return _equal_lists(left, right)
    if kind is dict:
        return _equal_contexts(left, right)
    if kind is FeelTime or kind is FeelDateTime:
        return moment_key(left) == moment_key(right)
    if kind is FeelRange:
        return _equal_ranges(left, right)
    return left is right if kind is FeelFunction else bool(left == right)


def same(left: Value, right: Value) -> bool:
    """Say whether two values are equal, with different kinds simply unequal (for lists of values)."""
    return equal(left, right) is True


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


def identical(left: Value, right: Value) -> bool:
    """Say whether two values are the same to the last detail, as the built-in `is` asks.

    Two times at one instant but with different offsets or zones are equal, not identical.
    """
    return type(left) is type(right) and bool(left == right)


def in_range(value: Value, span: FeelRange) -> bool | None:
    """Say whether `value` lies in the range; None when it cannot be compared with its ends."""
    if span.operator == "!=":
        matches = equal(value, span.start)
        return None if matches is None else not matches
    if value is None:
        return (span.start is None or span.end is None) and span.operator == "=" or None
    if span.operator == "=":
        return equal(value, span.start)
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


def _equal_lists(left: list[Value], right: list[Value]) -> bool | None:
    if len(left) != len(right):
        return False
    return all(equal(one, other) for one, other in zip(left, right, strict=True))


def _equal_contexts(left: dict[str, Value], right: dict[str, Value]) -> bool:
    return left.keys() == right.keys() and all(equal(item, right[name]) for name, item in left.items())


def _equal_ranges(left: FeelRange, right: FeelRange) -> bool:
    return (
        left.operator == right.operator
        and left.start_included == right.start_included
        and left.end_included == right.end_included
        and same(left.start, right.start)
        and same(left.end, right.end)
    )
