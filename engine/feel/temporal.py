"""Dates, times and durations as FEEL has them.

Dates of the years 1 to 9999 are plain `datetime.date`; other years are `WideDate`. Times keep nanoseconds
and either an offset in seconds, a zone's name, or neither (local). Durations come in two kinds that never
mix: whole months (`YearsMonths`), and nanoseconds (`DaysTime`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TypeAlias
from zoneinfo import ZoneInfo, available_timezones

SECOND = 1_000_000_000
DAY_SECONDS = 86_400
DAY = DAY_SECONDS * SECOND
MAX_YEAR = 999_999_999
MAX_MONTHS = 12 * MAX_YEAR
MAX_NANOS = 366 * MAX_YEAR * DAY
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_EPOCH = 719_163
_START = datetime(1970, 1, 1, tzinfo=UTC)
# Seconds from 1970 to the years 400 and 2800, and in the 400 years after which the calendar repeats.
_FIRST, _LAST, _CYCLE = -49_544_438_400, 26_192_246_400, 12_622_780_800


@dataclass(frozen=True, slots=True)
class WideDate:
    """A day of the proleptic Gregorian calendar outside the years 1 to 9999."""

    year: int
    month: int
    day: int

    def __lt__(self, other: Day) -> bool:
        return (self.year, self.month, self.day) < (other.year, other.month, other.day)

    def __le__(self, other: Day) -> bool:
        return (self.year, self.month, self.day) <= (other.year, other.month, other.day)

    def __gt__(self, other: Day) -> bool:
        return (self.year, self.month, self.day) > (other.year, other.month, other.day)

    def __ge__(self, other: Day) -> bool:
        return (self.year, self.month, self.day) >= (other.year, other.month, other.day)


Day: TypeAlias = date | WideDate


@dataclass(frozen=True, slots=True, order=True)
class YearsMonths:
    """A duration of whole months, negative or not."""

    months: int


@dataclass(frozen=True, slots=True, order=True)
class DaysTime:
    """A duration of nanoseconds, negative or not."""

    nanos: int


@dataclass(frozen=True, slots=True)
class FeelTime:
    """A time of day: local, or with an offset from UTC in seconds, or with a zone's name.

    A time has both a zone and an offset only in the second pass of the hour that a zone repeats when its
    clocks go back: the offset then says which pass is meant.
    """

    hour: int
    minute: int
    second: int
    nanos: int = 0
    offset: int | None = None
    zone: str | None = None

    @property
    def seconds(self) -> int:
        """Return the whole seconds since midnight."""
        return self.hour * 3600 + self.minute * 60 + self.second

    @property
    def zoned(self) -> bool:
        """Say whether the time has an offset or a zone."""
        return self.offset is not None or self.zone is not None


@dataclass(frozen=True, slots=True)
class FeelDateTime:
    """A day and a time of day."""

    date: Day
    time: FeelTime


def make_day(year: int, month: int, day: int) -> Day | None:
    """Return the day, or None when the calendar has no such day or the year has ten digits."""
    if not (1 <= month <= 12 and abs(year) <= MAX_YEAR and 1 <= day <= month_days(year, month)):
        return None
    return date(year, month, day) if 1 <= year <= 9999 else WideDate(year, month, day)


def month_days(year: int, month: int) -> int:
    """Return how many days the month has."""
    return 29 if month == 2 and is_leap(year) else _MONTH_DAYS[month - 1]


def is_leap(year: int) -> bool:
    """Say whether the proleptic Gregorian year has 366 days."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def ordinal(day: Day) -> int:
    """Return the day's number; 1 January of year 1 is 1, as in `datetime.date.toordinal`."""
    if type(day) is date:
        return day.toordinal()
    year = day.year if day.month > 2 else day.year - 1
    era, year_of_era = divmod(year, 400)
    day_of_year = (153 * (day.month - 3 if day.month > 2 else day.month + 9) + 2) // 5 + day.day - 1
    return era * 146_097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 305


def from_ordinal(number: int) -> Day | None:
    """Return the day with this number, or None beyond years of nine digits."""
    if 1 <= number <= 3_652_059:
        return date.fromordinal(number)
    era, day_of_era = divmod(number + 305, 146_097)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    march_month = (5 * day_of_year + 2) // 153
    month = march_month + 3 if march_month < 10 else march_month - 9
    day = day_of_year - (153 * march_month + 2) // 5 + 1
    return make_day(year_of_era + era * 400 + (month <= 2), month, day)


def weekday(day: Day) -> int:
    """Return 1 for Monday to 7 for Sunday."""
    return (ordinal(day) - 1) % 7 + 1


@cache
def zone_names() -> frozenset[str]:
    """Return the names of the zones this machine knows, apart from the machine's own local zone."""
    return frozenset(available_timezones() - {"localtime"})


def zone_offset(zone: str, day: Day, time: FeelTime) -> int:
    """Return the zone's offset from UTC, in seconds, at that local day and time."""
    year = day.year
    if not 1 <= year <= 9999:
        # Beyond the library's years the zone's first or last rules hold; 400 years repeat the calendar.
        year = 400 + year % 400 if year < 1 else 2400 + year % 400
    local = datetime(year, day.month, day.day, time.hour, time.minute, time.second, tzinfo=ZoneInfo(zone))
    shift = local.utcoffset()
    return 0 if shift is None else round(shift.total_seconds())


def offset_at(day: Day, time: FeelTime) -> int | None:
    """Return the offset from UTC in seconds, or None for a local time."""
    if time.offset is None and time.zone is not None:
        return zone_offset(time.zone, day, time)
    return time.offset


def time_offset(time: FeelTime) -> int | None:
    """Return the offset of a time that has no day; a zone's is its offset on 1 January 1970."""
    return offset_at(date(1970, 1, 1), time)


def local_seconds(moment: FeelDateTime) -> int:
    """Return seconds from the start of 1970 on the moment's own clock."""
    return (ordinal(moment.date) - _EPOCH) * DAY_SECONDS + moment.time.seconds


def instant_seconds(moment: FeelDateTime) -> int:
    """Return seconds from the start of 1970 in UTC; a local moment is read as UTC."""
    return local_seconds(moment) - (offset_at(moment.date, moment.time) or 0)


def in_zone(nanos: int, zone: str) -> FeelDateTime | None:
    """Return the moment that is `nanos` from the start of 1970 in UTC, on the zone's clock."""
    seconds = nanos // SECOND
    # Beyond the library's years the rules of the nearest 400 years stand in, as in `zone_offset`.
    cycles = min(max(seconds, _FIRST), _LAST) - seconds
    whole = -(-cycles // _CYCLE) if cycles > 0 else cycles // _CYCLE
    instant = _START + timedelta(seconds=seconds + whole * _CYCLE)
    shift = instant.astimezone(ZoneInfo(zone)).utcoffset()
    offset = 0 if shift is None else round(shift.total_seconds())
    moment = at_local_nanos(nanos + offset * SECOND, FeelTime(0, 0, 0, 0, None, zone))
    if moment is None or offset_at(moment.date, moment.time) == offset:
        return moment
    return FeelDateTime(moment.date, replace(moment.time, offset=offset))


def first_pass(time: FeelTime) -> FeelTime:
    """Return the time without the offset that tells the second pass of a repeated hour."""
    return time if time.zone is None or time.offset is None else replace(time, offset=None)


def at_local_nanos(nanos: int, like: FeelTime) -> FeelDateTime | None:
    """Return the moment that is `nanos` from the start of 1970 on a clock with the zone of `like`."""
    days, rest = divmod(nanos, DAY)
    day = from_ordinal(days + _EPOCH)
    return None if day is None else FeelDateTime(day, clock_time(rest, like))


def clock_time(nanos: int, like: FeelTime) -> FeelTime:
    """Return the time of day that is `nanos` after midnight, with the offset or zone of `like`."""
    seconds, rest = divmod(nanos % DAY, SECOND)
    offset = like.offset if like.zone is None else None
    return FeelTime(seconds // 3600, seconds // 60 % 60, seconds % 60, rest, offset, like.zone)
