"""Say ISO 8601 dates, times, durations and cycles, as Camunda 7's fields hold them, in FEEL."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.bpmn.juel import feel_string
from engine.errors import Invalid, shown

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(
    r"(?P<local>\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?)(?P<offset>Z|[+-]\d{2}:?\d{2})?(@(?P<zone>[\w/+\-]+))?",
    re.ASCII,
)
_TIME_ONLY = re.compile(r"T?\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?")
_DURATION = re.compile(
    r"(?P<sign>-?)P(?=.)(?:(?P<years>\d{1,9})Y)?(?:(?P<months>\d{1,9})M)?(?:(?P<weeks>\d{1,9})W)?(?:(?P<days>\d{1,9})D)?"
    r"(?:T(?=.)(?:(?P<hours>\d{1,9})H)?(?:(?P<minutes>\d{1,9})M)?(?:(?P<seconds>\d{1,9}(?:\.\d{1,9})?)S)?)?",
    re.ASCII,
)
_DAY = 86_400
_CYCLE = re.compile(r"R(?P<times>\d*)/(?P<every>.*)", re.ASCII)
_CRON = re.compile(r"[\d*?,/\-LW#]+(\s+([\d*?,/\-LW#]+|[A-Z]{3}([-,][A-Z]{3})*)){4,6}")


def iso_in_feel(text: str) -> str | None:
    """Return the FEEL for ISO 8601 `text`; nothing when it is not such text.

    A moment without an offset stays local (the authority's zone gives it meaning); weeks become days; a
    cycle, and a duration FEEL cannot tell from another, stay strings. Raises `Invalid` with advice for a date that does
    not exist, a time without a date, cron, a negative duration, and a cycle that does not repeat a duration.
    """
    if _DATE.fullmatch(text):
        _moment(text, text)
        return f'date("{text}")'
    if found := _MOMENT.fullmatch(text):
        return f'date and time("{_local(found, text)}")'
    if found := _CYCLE.fullmatch(text):
        return _cycle(found, text)
    if _DURATION.fullmatch(text):
        return _length(text)
    if text != text.upper() and _DURATION.fullmatch(text.upper()):
        raise Invalid(f"{shown(text)!r} is written in small letters; write {shown(text.upper())}")
    if _TIME_ONLY.fullmatch(text):
        raise Invalid(f"{shown(text)!r} is a time without a date, which has no one meaning; write the date as well")
    if _CRON.fullmatch(text):
        raise Invalid(
            f"{shown(text)!r} looks like cron, which is not supported; write a cycle such as R/P1D, or a duration"
        )
    return None


def iso_kind(feel: str) -> str:
    """Return what `feel` holds when `iso_in_feel` made it: `date`, `duration` or `cycle`; nothing otherwise."""
    if found := re.fullmatch(r'(date|date and time|duration)\("[^"]*"\)', feel):
        return "duration" if found[1] == "duration" else "date"
    if re.fullmatch(r'"R\d*/[^"]*"', feel):
        return "cycle"
    return "duration" if re.fullmatch(r'"P[\dYMWDTHS.]+"', feel) else ""


def _moment(text: str, written: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid(f"{shown(written)!r} is not a date that exists; correct the day, month or time") from error


def _local(found: re.Match[str], text: str) -> str:
    local = _moment(found["local"], text).isoformat()
    offset, zone = found["offset"] or "", found["zone"]
    if offset and zone:
        raise Invalid(f"{shown(text)!r} has an offset and a zone; keep one of the two")
    if offset not in ("", "Z"):
        sign, hours, minutes = offset[0], offset[1:3], offset[-2:]
        if int(hours) > 14 or int(minutes) > 59:
            raise Invalid(f"{shown(text)!r} has an offset that does not exist; correct it or leave it out")
        offset = f"{sign}{hours}:{minutes}"
    return local + (f"@{_zone(zone, text)}" if zone else offset)


def _zone(zone: str, text: str) -> str:
    try:
        return ZoneInfo(zone).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid(
            f"{shown(text)!r} names a time zone that does not exist; write one such as Europe/London"
        ) from error


def _length(text: str) -> str:
    found = _DURATION.fullmatch(text)
    part = {name: float(value or 0) for name, value in found.groupdict().items() if name != "sign"} if found else {}
    months = part["years"] + part["months"]
    clock = part["hours"] * 3600 + part["minutes"] * 60 + part["seconds"]
    # FEEL has no duration of months and days together, and takes PT24H for a day, which is not the same when the
    # clocks change; as text, the timers keep both apart.
    if (months and (part["weeks"] + part["days"] + clock)) or clock >= _DAY:
        return feel_string(_duration(text))
    return f'duration("{_duration(text)}")'


def _duration(text: str) -> str:
    found = _DURATION.fullmatch(text)
    if not found:
        raise Invalid(f"{shown(text)!r} is not a duration; write one such as P10D or PT1H")
    if found["sign"]:
        raise Invalid(f"{shown(text)!r} is a negative duration; write how long to wait from now")
    if not found["weeks"]:
        return text
    days = int(found["weeks"]) * 7 + int(found["days"] or 0)
    before, after = text[: found.start("weeks")], text[max(found.end("weeks"), found.end("days")) + 1 :]
    return f"{before}{days}D{after}"


def _cycle(found: re.Match[str], text: str) -> str:
    if found["times"] and not int(found["times"][:9]):
        raise Invalid(f"{shown(text)!r} repeats no times; write how often, such as R3/PT1H, or remove the timer")
    start, _, every = found["every"].rpartition("/")
    if start and not _MOMENT.fullmatch(start) and not _DATE.fullmatch(start):
        raise Invalid(
            f"{shown(text)!r} repeats from {shown(start)!r}, which is not a date and time; "
            "write only how often: R3/PT1H"
        )
    if start:
        start = f"{_moment(start, text).isoformat()}/"
    every = _duration(every)
    if not any(int(digits) for digits in re.findall(r"\d+", every)):
        raise Invalid(f"{shown(text)!r} repeats without a pause; write how long to wait between two times")
    return feel_string(f"R{found['times']}/{start}{every}")
