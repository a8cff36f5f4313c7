"""Sums, products and powers of FEEL values. None means: the kinds do not go together, or out of range."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from engine.feel.compare import moment_key
from engine.feel.numbers import CONTEXT, WIDE, ArithmeticFault
from engine.feel.temporal import (
    DAY,
    SECOND,
    Day,
    DaysTime,
    FeelDateTime,
    FeelTime,
    WideDate,
    YearsMonths,
    at_local_nanos,
    clock_time,
    first_pass,
    from_ordinal,
    in_zone,
    instant_seconds,
    local_seconds,
    make_day,
    month_days,
    ordinal,
    time_offset,
)
from engine.feel.temporal_text import days_time, years_months
from engine.feel.values import Value

Rule = Callable[[Any, Any], Value]
_MIDNIGHT_UTC = FeelTime(0, 0, 0, 0, 0)


def calculate(operator: str, left: Value, right: Value) -> Value:
    """Return `left operator right`, or None when the kinds do not go together or the result is out of range."""
    rule = _RULES.get((operator, type(left), type(right)))
    if rule is None:
        return None
    try:
        return rule(left, right)
    except ArithmeticFault:
        return None


def applies(operator: str, left: Value, right: Value) -> bool:
    """Say whether the operator is made for values of these kinds."""
    return (operator, type(left), type(right)) in _RULES


def negate(value: Value) -> Value:
    """Return minus `value` for a number or duration, else None."""
    if type(value) is Decimal:
        return CONTEXT.minus(value)
    if type(value) is DaysTime:
        return DaysTime(-value.nanos)
    return YearsMonths(-value.months) if type(value) is YearsMonths else None


def add_months(day: Day, months: int) -> Day | None:
    """Return the day `months` later; a day past the month's end becomes its last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return make_day(year, month + 1, min(day.day, month_days(year, month + 1)))


def months_between(start: Day, end: Day) -> int:
    """Return the whole months from `start` to `end`, negative when `end` is earlier."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if months > 0 and end.day < start.day:
        return months - 1
    return months + 1 if months < 0 and end.day > start.day else months


def _power(left: Decimal, right: Decimal) -> Value:
    if left == 0 and right == 0:
        return Decimal(1)
    power = CONTEXT.power(left, right)
    # Zero to a negative power is an infinity that the context does not trap.
    return power if power.is_finite() else None


def _join(left: str, right: str) -> str:
    return left + right


def _add_months(left: Day, right: YearsMonths) -> Value:
    return add_months(left, right.months)


def _moment_add_months(left: FeelDateTime, right: YearsMonths) -> Value:
    day = add_months(left.date, right.months)
    return None if day is None else FeelDateTime(day, first_pass(left.time))


def _day_add(left: Day, right: DaysTime) -> Value:
    return from_ordinal(ordinal(left) + right.nanos // DAY)


def _moment_add(left: FeelDateTime, right: DaysTime) -> Value:
    if left.time.zone is None:
        return at_local_nanos(local_seconds(left) * SECOND + left.time.nanos + right.nanos, left.time)
    return in_zone(instant_seconds(left) * SECOND + left.time.nanos + right.nanos, left.time.zone)


def _time_add(left: FeelTime, right: DaysTime) -> Value:
    return clock_time(left.seconds * SECOND + left.nanos + right.nanos, left)


def _months_sum(left: YearsMonths, right: YearsMonths) -> Value:
    return years_months(left.months + right.months)


def _days_sum(left: DaysTime, right: DaysTime) -> Value:
    return days_time(left.nanos + right.nanos)


def _day_minus_day(left: Day, right: Day) -> Value:
    return days_time((ordinal(left) - ordinal(right)) * DAY)


def _moment_minus(left: FeelDateTime, right: FeelDateTime) -> Value:
    (zoned, one), (other_zoned, other) = moment_key(left), moment_key(right)
    if zoned != other_zoned:
        return None
    return days_time((one - other) * SECOND + left.time.nanos - right.time.nanos)


def _moment_minus_day(left: FeelDateTime, right: Day) -> Value:
    # DMN 1.5, table 57: a date beside a moment is its midnight in UTC.
    return _moment_minus(left, FeelDateTime(right, _MIDNIGHT_UTC))


def _day_minus_moment(left: Day, right: FeelDateTime) -> Value:
    return _moment_minus(FeelDateTime(left, _MIDNIGHT_UTC), right)


def _time_minus(left: FeelTime, right: FeelTime) -> Value:
    if left.zoned != right.zoned:
        return None
    seconds = left.seconds - (time_offset(left) or 0) - right.seconds + (time_offset(right) or 0)
    return days_time(seconds * SECOND + left.nanos - right.nanos)


def _scaled(amount: int, factor: Decimal) -> int:
    return int(WIDE.multiply(Decimal(amount), factor))


def _shrunk(amount: int, divisor: Decimal) -> int:
    return int(WIDE.divide(Decimal(amount), divisor)) if divisor.adjusted() > -40 else 0


def _months_times(left: YearsMonths, right: Decimal) -> Value:
    return None if right.adjusted() > 40 else years_months(_scaled(left.months, right))


def _days_times(left: DaysTime, right: Decimal) -> Value:
    return None if right.adjusted() > 40 else days_time(_scaled(left.nanos, right))


def _months_by(left: YearsMonths, right: Decimal) -> Value:
    return None if right == 0 or right.adjusted() < -40 else years_months(_shrunk(left.months, right))


def _days_by(left: DaysTime, right: Decimal) -> Value:
    return None if right == 0 or right.adjusted() < -40 else days_time(_shrunk(left.nanos, right))


def _months_ratio(left: YearsMonths, right: YearsMonths) -> Value:
    return CONTEXT.divide(Decimal(left.months), Decimal(right.months)) if right.months else None


def _days_ratio(left: DaysTime, right: DaysTime) -> Value:
    return CONTEXT.divide(Decimal(left.nanos), Decimal(right.nanos)) if right.nanos else None


_RULES: dict[tuple[str, type, type], Rule] = {
    ("+", Decimal, Decimal): CONTEXT.add,
    ("-", Decimal, Decimal): CONTEXT.subtract,
    ("*", Decimal, Decimal): CONTEXT.multiply,
    ("/", Decimal, Decimal): CONTEXT.divide,
    ("**", Decimal, Decimal): _power,
    ("+", str, str): _join,
    ("+", FeelDateTime, YearsMonths): _moment_add_months,
    ("+", FeelDateTime, DaysTime): _moment_add,
    ("+", FeelTime, DaysTime): _time_add,
    ("+", YearsMonths, YearsMonths): _months_sum,
    ("+", DaysTime, DaysTime): _days_sum,
    ("-", FeelDateTime, FeelDateTime): _moment_minus,
    ("-", FeelTime, FeelTime): _time_minus,
    ("*", YearsMonths, Decimal): _months_times,
    ("*", DaysTime, Decimal): _days_times,
    ("/", YearsMonths, Decimal): _months_by,
    ("/", DaysTime, Decimal): _days_by,
    ("/", YearsMonths, YearsMonths): _months_ratio,
    ("/", DaysTime, DaysTime): _days_ratio,
}


def _swapped(rule: Rule) -> Rule:
    return lambda left, right: rule(right, left)


def _with_minus(rule: Rule) -> Rule:
    return lambda left, right: rule(left, negate(right))


def _complete() -> None:
    """Fill in the rules that follow from others: both kinds of date, either order, and subtraction."""
    for day in (date, WideDate):
        _RULES["+", day, YearsMonths] = _add_months
        _RULES["+", day, DaysTime] = _day_add
        _RULES["-", FeelDateTime, day] = _moment_minus_day
        _RULES["-", day, FeelDateTime] = _day_minus_moment
        for other in (date, WideDate):
            _RULES["-", day, other] = _day_minus_day
    for (operator, left, right), rule in list(_RULES.items()):
        if right not in (YearsMonths, DaysTime, Decimal) or operator not in "+*" or Decimal is left:
            continue
        if left is not right:
            _RULES[operator, right, left] = _swapped(rule)
        if operator == "+":
            _RULES["-", left, right] = _with_minus(rule)


_complete()
