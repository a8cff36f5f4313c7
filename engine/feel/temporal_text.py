"""Dates, times and durations from text, and back. Text that is none gives None."""

from __future__ import annotations

import re

from engine.feel.temporal import (
    DAY,
    MAX_MONTHS,
    MAX_NANOS,
    SECOND,
    Day,
    DaysTime,
    FeelDateTime,
    FeelTime,
    YearsMonths,
    from_ordinal,
    make_day,
    ordinal,
    zone_names,
)

_DATE = re.compile(r"(-?)([1-9][0-9]{4,8}|[0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(
    r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,30}))?"
    r"(?:([Zz])|([+-])([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?|@([A-Za-z0-9_+/-]{1,60}))?"
)
_MONTHS = re.compile(r"(-?)P(?=[0-9])(?:([0-9]{1,18})Y)?(?:([0-9]{1,18})M)?")
_DAYS = re.compile(
    r"(-?)P(?=[0-9T])(?:([0-9]{1,18})D)?(?:T(?=[0-9])(?:([0-9]{1,18})H)?(?:([0-9]{1,18})M)?"
    r"(?:([0-9]{1,18})(?:\.([0-9]{0,30}))?S)?)?"
)
_MAX_OFFSET = 18 * 3600


def parse_date(text: str) -> Day | None:
    """Read `2026-03-03`, `-0044-03-15` or a year of up to nine digits."""
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    sign, year, month, day = match.groups()
    return make_day(int(sign + year), int(month), int(day))


def parse_time(text: str) -> FeelTime | None:
    """Read `10:30:00`, with a fraction, `Z` (the standard writes `z` too), `+01:00` or `@Europe/London`.

    `24:00:00` is no time of day.
    """
    found = _time(text)
    return None if found is None or found.hour == 24 else found


def parse_date_time(text: str) -> FeelDateTime | None:
    """Read a day, `T`, and a time; a day alone is its midnight; `24:00:00` is the next day's midnight."""
    day_text, separator, time_text = text.partition("T")
    day = parse_date(day_text)
    time = _time(time_text) if separator else FeelTime(0, 0, 0)
    if day is None or time is None:
        return None
    if time.hour == 24:
        next_day = from_ordinal(ordinal(day) + 1)
        midnight = FeelTime(0, 0, 0, 0, time.offset, time.zone)
        return None if next_day is None else FeelDateTime(next_day, midnight)
    return FeelDateTime(day, time)


def parse_duration(text: str) -> YearsMonths | DaysTime | None:
    """Read `P1Y2M` or `P1DT2H3M4.5S`, either with a leading minus. The two kinds cannot be mixed."""
    match = _MONTHS.fullmatch(text)
    if match is not None:
        sign, years, months = match.groups()
        return years_months((-1 if sign else 1) * (int(years or 0) * 12 + int(months or 0)))
    match = _DAYS.fullmatch(text)
    if match is None:
        return None
    sign, days, hours, minutes, seconds, fraction = match.groups()
    whole = int(days or 0) * 86_400 + int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    return days_time((-1 if sign else 1) * (whole * SECOND + _nanos(fraction)))


def parse_temporal(text: str) -> Day | FeelTime | FeelDateTime | YearsMonths | DaysTime | None:
    """Read whichever date, time, date and time or duration the text writes."""
    if "P" in text[:2]:
        return parse_duration(text)
    if "T" in text[:20] and ":" in text and text[2:3] != ":":
        return parse_date_time(text)
    return parse_date(text) if ":" not in text else parse_time(text)


def years_months(months: int) -> YearsMonths | None:
    """Return the duration, or None when it is longer than the calendar."""
    return YearsMonths(months) if abs(months) <= MAX_MONTHS else None


def days_time(nanos: int) -> DaysTime | None:
    """Return the duration, or None when it is longer than the calendar."""
    return DaysTime(nanos) if abs(nanos) <= MAX_NANOS else None


def day_text(day: Day) -> str:
    """Write `2026-03-03`."""
    sign = "-" if day.year < 0 else ""
    return f"{sign}{abs(day.year):04d}-{day.month:02d}-{day.day:02d}"


def time_text(time: FeelTime) -> str:
    """Write `10:30:00` with what fraction, offset or zone it has."""
    base = f"{time.hour:02d}:{time.minute:02d}:{time.second:02d}{_fraction(time.nanos)}"
    if time.zone is not None:
        return f"{base}@{time.zone}"
    return base if time.offset is None else base + offset_text(time.offset)


def offset_text(offset: int) -> str:
    """Write an offset in seconds as `Z` or `+01:00`."""
    if offset == 0:
        return "Z"
    minutes, seconds = divmod(abs(offset), 60)
    base = f"{'-' if offset < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}"
    return f"{base}:{seconds:02d}" if seconds else base


def date_time_text(moment: FeelDateTime) -> str:
    """Write a day, `T` and a time."""
    return f"{day_text(moment.date)}T{time_text(moment.time)}"


def months_text(duration: YearsMonths) -> str:
    """Write `P1Y2M`; nothing is `P0M`."""
    years, months = divmod(abs(duration.months), 12)
    text = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
    return ("-" if duration.months < 0 else "") + "P" + (text or "0M")


def days_text(duration: DaysTime) -> str:
    """Write `P1DT2H3M4.5S`; nothing is `PT0S`."""
    days, rest = divmod(abs(duration.nanos), DAY)
    seconds, nanos = divmod(rest, SECOND)
    clock = f"{seconds // 3600}H" if seconds >= 3600 else ""
    clock += f"{seconds // 60 % 60}M" if seconds // 60 % 60 else ""
    clock += f"{seconds % 60}{_fraction(nanos)}S" if seconds % 60 or nanos else ""
    if not days and not clock:
        clock = "0S"
    text = (f"{days}D" if days else "") + (f"T{clock}" if clock else "")
    return ("-" if duration.nanos < 0 else "") + "P" + text


def _time(text: str) -> FeelTime | None:
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    hour, minute, second = int(match[1]), int(match[2]), int(match[3])
    nanos = _nanos(match[4])
    if minute > 59 or second > 59 or hour > 24 or (hour == 24 and (minute or second or nanos)):
        return None
    if match[10] is not None:
        return FeelTime(hour, minute, second, nanos, None, match[10]) if match[10] in zone_names() else None
    if match[5]:
        return FeelTime(hour, minute, second, nanos, 0)
    if match[6] is None:
        return FeelTime(hour, minute, second, nanos)
    offset = int(match[7]) * 3600 + int(match[8]) * 60 + int(match[9] or 0)
    if offset > _MAX_OFFSET or int(match[8]) > 59 or int(match[9] or 0) > 59:
        return None
    return FeelTime(hour, minute, second, nanos, -offset if match[6] == "-" else offset)


def _nanos(fraction: str | None) -> int:
    return int(((fraction or "") + "000000000")[:9])


def _fraction(nanos: int) -> str:
    return "." + f"{nanos:09d}".rstrip("0") if nanos else ""
