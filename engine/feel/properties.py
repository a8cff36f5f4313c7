"""The properties of dates, times, durations and ranges, as a path reads them (`birthday.year`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from engine.feel.temporal import (
    DAY,
    SECOND,
    DaysTime,
    FeelDateTime,
    FeelTime,
    WideDate,
    YearsMonths,
    offset_at,
    time_offset,
    weekday,
)
from engine.feel.values import FeelRange, Value

Reader = Callable[[Any], Value]


def _whole_part(amount: int, unit: int, wrap: int | None) -> Decimal:
    size = abs(amount) // unit
    if wrap is not None:
        size %= wrap
    return Decimal(-size if amount < 0 else size)


def _duration(seconds: int | None) -> DaysTime | None:
    return None if seconds is None else DaysTime(seconds * SECOND)


_DAY: Mapping[str, Reader] = {
    "year": lambda value: Decimal(value.year),
    "month": lambda value: Decimal(value.month),
    "day": lambda value: Decimal(value.day),
    "weekday": lambda value: Decimal(weekday(value)),
}
_TIME: Mapping[str, Reader] = {
    "hour": lambda value: Decimal(value.hour),
    "minute": lambda value: Decimal(value.minute),
    "second": lambda value: Decimal(value.second),
    "time offset": lambda value: _duration(time_offset(value)),
    "timezone": lambda value: value.zone,
}


def _of_date(reader: Reader) -> Reader:
    return lambda value: reader(value.date)


def _of_time(reader: Reader) -> Reader:
    return lambda value: reader(value.time)


_MOMENT: Mapping[str, Reader] = {
    **{name: _of_date(reader) for name, reader in _DAY.items()},
    **{name: _of_time(reader) for name, reader in _TIME.items()},
    "time offset": lambda value: _duration(offset_at(value.date, value.time)),
}
_DAYS_TIME: Mapping[str, Reader] = {
    "days": lambda value: _whole_part(value.nanos, DAY, None),
    "hours": lambda value: _whole_part(value.nanos, 3600 * SECOND, 24),
    "minutes": lambda value: _whole_part(value.nanos, 60 * SECOND, 60),
    "seconds": lambda value: _whole_part(value.nanos, SECOND, 60),
}
_YEARS_MONTHS: Mapping[str, Reader] = {
    "years": lambda value: _whole_part(value.months, 12, None),
    "months": lambda value: _whole_part(value.months, 1, 12),
}
_RANGE: Mapping[str, Reader] = {
    "start": lambda value: value.start,
    "end": lambda value: value.end,
    "start included": lambda value: value.start_included,
    "end included": lambda value: value.end_included,
}
_PROPERTIES: Mapping[type, Mapping[str, Reader]] = {
    date: _DAY,
    WideDate: _DAY,
    FeelTime: _TIME,
    FeelDateTime: _MOMENT,
    DaysTime: _DAYS_TIME,
    YearsMonths: _YEARS_MONTHS,
    FeelRange: _RANGE,
}


def property_of(value: Value, name: str) -> tuple[bool, Value]:
    """Return whether a value of this kind has the property, and what it is."""
    reader = _PROPERTIES.get(type(value), {}).get(name)
    return (False, None) if reader is None else (True, reader(value))
