"""Built-ins on dates, times and durations."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from engine.feel.arithmetic import months_between
from engine.feel.compare import identical
from engine.feel.environment import Runtime
from engine.feel.functions.registry import define
from engine.feel.numbers import as_integer
from engine.feel.plain import from_datetime
from engine.feel.temporal import (
    SECOND,
    Day,
    DaysTime,
    FeelDateTime,
    FeelTime,
    first_pass,
    is_leap,
    make_day,
    ordinal,
    weekday,
    zone_names,
)
from engine.feel.temporal_text import parse_date, parse_date_time, parse_time, years_months
from engine.feel.values import Value

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January February March April May June July August September October November December".split()
)
_MAX_OFFSET = 18 * 3600


@define("date", "from:string")
def _date_from_text(_: Runtime, text: str) -> Value:
    return parse_date(text)


@define("date", "from:day")
def _date_of(_: Runtime, value: Day | FeelDateTime) -> Value:
    return _day(value)


@define("date", "year:number", "month:number", "day:number")
def _date(_: Runtime, year: Decimal, month: Decimal, day: Decimal) -> Value:
    parts = [as_integer(part) for part in (year, month, day)]
    if parts[0] is None or parts[1] is None or parts[2] is None:
        return None
    return make_day(parts[0], parts[1], parts[2])


@define("time", "from:string")
def _time_from_text(_: Runtime, text: str) -> Value:
    return parse_time(text)


@define("time", "from:clock")
def _time_of(_: Runtime, value: FeelTime | FeelDateTime | Day) -> Value:
    if isinstance(value, FeelTime):
        return value
    # DMN 1.5, table 72: the time of a date is midnight in UTC.
    return value.time if isinstance(value, FeelDateTime) else FeelTime(0, 0, 0, 0, 0)


@define("time", "hour:number", "minute:number", "second:number", "offset:daystime?=")
def _time(
    _: Runtime, hour: Decimal, minute: Decimal, second: Decimal, offset: DaysTime | None = None
) -> Value:
    return _clock(hour, minute, second, None if offset is None else offset.nanos // SECOND)


@define("date and time", "from:string")
def _moment_from_text(_: Runtime, text: str) -> Value:
    return parse_date_time(text)


@define("date and time", "from:day")
def _moment_of(_: Runtime, value: Day | FeelDateTime) -> Value:
    return value if isinstance(value, FeelDateTime) else FeelDateTime(value, FeelTime(0, 0, 0, 0, 0))


@define("date and time", "date:day", "time:time")
def _moment(_: Runtime, day: Day | FeelDateTime, time: FeelTime) -> Value:
    return FeelDateTime(_day(day), first_pass(time))


@define("date and time", "date:moment", "timezone:string")
def _moment_in_zone(_: Runtime, moment: FeelDateTime, zone: str) -> Value:
    if zone not in zone_names():
        return None
    time = moment.time
    return FeelDateTime(moment.date, FeelTime(time.hour, time.minute, time.second, time.nanos, None, zone))


@define(
    "date and time",
    "year:number", "month:number", "day:number", "hour:number", "minute:number", "second:number",
    "offset:daystime?=",
)  # fmt: skip
def _moment_of_parts(
    runtime: Runtime,
    year: Decimal,
    month: Decimal,
    day: Decimal,
    hour: Decimal,
    minute: Decimal,
    second: Decimal,
    offset: DaysTime | None = None,
) -> Value:
    found_day = _date(runtime, year, month, day)
    time = _time(runtime, hour, minute, second, offset)
    return None if found_day is None or time is None else FeelDateTime(found_day, time)


@define("years and months duration", "from:day", "to:day")
def _months_between(_: Runtime, start: Day | FeelDateTime, end: Day | FeelDateTime) -> Value:
    return years_months(months_between(_day(start), _day(end)))


@define("now")
def _now(runtime: Runtime) -> Value:
    now = runtime.environment.local_now()
    return None if now is None else from_datetime(now)


@define("today")
def _today(runtime: Runtime) -> Value:
    now = runtime.environment.local_now()
    return None if now is None else now.date()


@define("day of year", "date:day")
def _day_of_year(_: Runtime, value: Day | FeelDateTime) -> Value:
    return Decimal(_year_day(_day(value)))


@define("day of week", "date:day")
def _day_of_week(_: Runtime, value: Day | FeelDateTime) -> Value:
    return _WEEKDAYS[weekday(_day(value)) - 1]


@define("month of year", "date:day")
def _month_of_year(_: Runtime, value: Day | FeelDateTime) -> Value:
    return _MONTHS[_day(value).month - 1]


@define("week of year", "date:day")
def _week_of_year(_: Runtime, value: Day | FeelDateTime) -> Value:
    day = _day(value)
    # ISO 8601: the week belongs to the year that holds its Thursday.
    week = (_year_day(day) - weekday(day) + 10) // 7
    if week == 0:
        return Decimal(_weeks(day.year - 1))
    return Decimal(1 if week > _weeks(day.year) else week)


@define("is", "value1:any=", "value2:any=")
def _is(runtime: Runtime, one: Value = None, other: Value = None) -> Value:
    return identical(one, other, runtime.spend)


def _day(value: Day | FeelDateTime) -> Day:
    return value.date if isinstance(value, FeelDateTime) else value


def _clock(hour: Decimal, minute: Decimal, second: Decimal, offset: int | None) -> FeelTime | None:
    whole_hour, whole_minute = as_integer(hour), as_integer(minute)
    if whole_hour is None or whole_minute is None or not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):
        return None
    if offset is not None and abs(offset) > _MAX_OFFSET:
        return None
    seconds, fraction = divmod(int(second * SECOND), SECOND)
    return FeelTime(whole_hour, whole_minute, seconds, fraction, offset)


def _year_day(day: Day) -> int:
    return ordinal(day) - _ordinal(day.year, 1, 1) + 1


def _ordinal(year: int, month: int, day: int) -> int:
    found = make_day(year, month, day)
    return ordinal(found if found is not None else date(2000, month, day))


def _weeks(year: int) -> int:
    first = (_ordinal(year, 1, 1) - 1) % 7
    return 53 if first == 3 or (first == 2 and is_leap(year)) else 52
