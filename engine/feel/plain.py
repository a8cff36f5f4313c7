"""The way between ordinary Python values and FEEL's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from engine.errors import BudgetExceeded, Invalid
from engine.feel.environment import Spend, fresh_spend
from engine.feel.numbers import CONTEXT, ArithmeticFault, as_integer
from engine.feel.temporal import (
    SECOND,
    DaysTime,
    FeelDateTime,
    FeelTime,
    WideDate,
    YearsMonths,
    zone_names,
)
from engine.feel.text import value_text
from engine.feel.values import FeelFunction, FeelRange, Value

MAX_DEPTH = 60


def to_feel(value: Any) -> Value:
    """Return an ordinary Python value as a FEEL value.

    Integers and floats become decimals of 34 digits, `datetime`, `time` and `timedelta` FEEL's own kinds,
    mappings contexts, other sequences and sets lists. Raises `Invalid` for NaN and infinities, half
    surrogate pairs, keys that are not text, nesting deeper than 60, and kinds that FEEL does not have.
    """
    return _to_feel(value, MAX_DEPTH)


def to_plain(value: Value) -> Any:
    """Return a FEEL value as ordinary Python.

    A whole number of up to 40 digits becomes an int, another number stays a `Decimal`; times, moments and
    durations of days become `datetime` kinds where those can hold them (microseconds, years 1 to 9999) and FEEL text
    otherwise; durations of months, ranges and functions become FEEL text. Raises `BudgetExceeded` for
    lists and contexts nested deeper than 200 or with more than two million parts.
    """
    return _to_plain(value, 200, fresh_spend())


def _to_plain(value: Value, depth: int, spend: Spend) -> Any:
    kind = type(value)
    if value is None or kind is bool or kind is str or kind is date:
        return value
    if kind is Decimal:
        # A larger number would be a run of zeros that Python may refuse to print.
        whole = as_integer(value) if value.adjusted() < 40 else None
        return value if whole is None else whole
    if depth == 0:
        raise BudgetExceeded("The result is nested too deeply", what="nesting")
    if kind is list:
        spend(1 + len(value))
        return [_to_plain(item, depth - 1, spend) for item in value]
    if kind is dict:
        spend(1 + len(value))
        return {name: _to_plain(item, depth - 1, spend) for name, item in value.items()}
    return _plain_temporal(value)


def _to_feel(value: Any, depth: int) -> Value:
    kind = type(value)
    if kind is str:
        return _clean_text(value)
    if kind is Decimal:
        return _clean_number(value)
    if value is None or kind in _READY:
        return value
    if depth == 0:
        raise Invalid("This value is nested too deeply to be used in a rule")
    if isinstance(value, Mapping):
        return {_key(name): _to_feel(item, depth - 1) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_to_feel(item, depth - 1) for item in value]
    return _convert_scalar(value)


_READY = frozenset(
    {bool, date, WideDate, FeelTime, FeelDateTime, YearsMonths, DaysTime, FeelRange, FeelFunction}
)


def _convert_scalar(value: Any) -> Value:
    if isinstance(value, bool):
        return bool(value)
    if isinstance(value, int):
        return _clean_number(Decimal(value) if value.bit_length() < 25_000 else Decimal("NaN"))
    if isinstance(value, float):
        return _clean_number(Decimal(repr(float(value))))
    if isinstance(value, str):
        return _clean_text(str.__str__(value))
    if isinstance(value, datetime):
        return from_datetime(value)
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    if isinstance(value, time):
        return _from_time(value, date(1970, 1, 1))
    if isinstance(value, timedelta):
        return DaysTime((value.days * 86_400 + value.seconds) * SECOND + value.microseconds * 1000)
    return _refuse(value)


def from_datetime(value: datetime) -> FeelDateTime:
    """Return a `datetime` as a FEEL moment; a `ZoneInfo` keeps its name, other zones become offsets."""
    return FeelDateTime(value.date(), _from_time(value.timetz(), value.date()))


def _from_time(value: time, day: date) -> FeelTime:
    zone, offset = None, None
    if value.tzinfo is UTC:
        offset = 0
    elif isinstance(value.tzinfo, ZoneInfo) and value.tzinfo.key in zone_names():
        zone = value.tzinfo.key
        # In the second pass of an hour that the zone repeats, the offset says which pass it is.
        offset = _offset(day, value)
        if offset == _offset(day, value.replace(fold=0)):
            offset = None
    elif value.tzinfo is not None:
        offset = _offset(day, value)
    return FeelTime(value.hour, value.minute, value.second, value.microsecond * 1000, offset, zone)


def _offset(day: date, value: time) -> int | None:
    shift = datetime.combine(day, value).utcoffset()
    return None if shift is None else round(shift.total_seconds())


def _clean_text(value: str) -> str:
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise Invalid("This text holds half of a surrogate pair, which is not a character")
    return value


def _clean_number(value: Decimal) -> Decimal:
    # A quiet NaN passes through the context, so it is looked for first.
    if value.is_finite():
        try:
            return CONTEXT.plus(value)
        except ArithmeticFault:
            pass
    raise Invalid("A number that is infinite, too large or no number at all was given to a rule")


def _key(name: Any) -> str:
    if not isinstance(name, str):
        raise Invalid("The names in a context must be text")
    return _clean_text(name)


def _refuse(value: Any) -> Any:
    raise Invalid(f"A value of the kind {type(value).__name__!r} that FEEL cannot hold was given to a rule")


def _plain_temporal(value: Value) -> Any:
    plain: Any = None
    if type(value) is DaysTime and value.nanos % 1000 == 0 and abs(value.nanos) < 86_400 * SECOND * 999_999_999:
        plain = timedelta(microseconds=value.nanos // 1000)
    elif type(value) is FeelTime:
        plain = _plain_time(value)
    elif type(value) is FeelDateTime and type(value.date) is date:
        clock = _plain_time(value.time)
        plain = None if clock is None else datetime.combine(value.date, clock)
    return value_text(value) if plain is None else plain


def _plain_time(value: FeelTime) -> time | None:
    if value.nanos % 1000:
        return None
    zone: Any = None
    if value.zone is not None:
        zone = ZoneInfo(value.zone)
    elif value.offset is not None:
        zone = UTC if value.offset == 0 else timezone(timedelta(seconds=value.offset))
    second_pass = int(value.zone is not None and value.offset is not None)
    return time(value.hour, value.minute, value.second, value.nanos // 1000, tzinfo=zone, fold=second_pass)
