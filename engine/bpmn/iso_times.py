"""Say ISO 8601 dates, times, durations and cycles, as Camunda 7's fields hold them, in FEEL."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.bpmn.juel import feel_string
from engine.errors import Invalid

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
_CYCLE = re.compile(r"R(?P<times>\d*)/(?P<every>.*)", re.ASCII)
_CRON = re.compile(r"[\d*?,/\-LW#]+(\s+([\d*?,/\-LW#]+|[A-Z]{3}([-,][A-Z]{3})*)){4,6}")


def iso_in_feel(text: str) -> str | None:
    """Return the FEEL for ISO 8601 `text`; nothing when it is not such text.

    A moment without an offset stays local (the authority's zone gives it meaning); weeks become days; a
    cycle stays a string. Raises `Invalid` with advice for a date that does not exist, a time without a date, cron, a
    negative duration, one that mixes months with days, and a cycle that does not repeat a duration.
    """
    if _DATE.fullmatch(text):
        _moment(text, text)
        return f'date("{text}")'
    if found := _MOMENT.fullmatch(text):
        return f'date and time("{_local(found, text)}")'
    if found := _CYCLE.fullmatch(text):
        return _cycle(found, text)
    if _DURATION.fullmatch(text):
        return f'duration("{_duration(text)}")'
    if text != text.upper() and _DURATION.fullmatch(text.upper()):
        raise Invalid(f"{text!r} is written in small letters; write {text.upper()}")
    if _TIME_ONLY.fullmatch(text):
        raise Invalid(f"{text!r} is a time without a date, which has no one meaning; write the date as well")
    if _CRON.fullmatch(text):
        raise Invalid(f"{text!r} looks like cron, which is not supported; write a cycle such as R/P1D, or a duration")
    return None


def repeats(feel: str) -> bool:
    """Tell whether `feel`, as `iso_in_feel` returned it, is a cycle."""
    return bool(re.fullmatch(r'"R\d*/P[^"]*"', feel))


def _moment(text: str, written: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid(f"{written!r} is not a date that exists; correct the day, month or time") from error


def _local(found: re.Match[str], text: str) -> str:
    local = _moment(found["local"], text).isoformat()
    offset, zone = found["offset"] or "", found["zone"]
    if offset and zone:
        raise Invalid(f"{text!r} has an offset and a zone; keep one of the two")
    if offset not in ("", "Z"):
        sign, hours, minutes = offset[0], offset[1:3], offset[-2:]
        if int(hours) > 14 or int(minutes) > 59:
            raise Invalid(f"{text!r} has an offset that does not exist; correct it or leave it out")
        offset = f"{sign}{hours}:{minutes}"
    return local + (f"@{_zone(zone, text)}" if zone else offset)


def _zone(zone: str, text: str) -> str:
    try:
        return ZoneInfo(zone).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid(f"{text!r} names a time zone that does not exist; write one such as Europe/London") from error


def _duration(text: str) -> str:
    found = _DURATION.fullmatch(text)
    if not found:
        raise Invalid(f"{text!r} is not a duration; write one such as P10D or PT1H")
    if found["sign"]:
        raise Invalid(f"{text!r} is a negative duration; write how long to wait from now")
    long = bool(found["years"] or found["months"])
    short = any(found[part] for part in ("weeks", "days", "hours", "minutes", "seconds"))
    if long and short:
        raise Invalid(f"{text!r} mixes months with days, and months differ in length; write days, or months, alone")
    if not found["weeks"]:
        return text
    days = int(found["weeks"]) * 7 + int(found["days"] or 0)
    return f"P{days}D" + (text[text.index("T") :] if "T" in text else "")


def _cycle(found: re.Match[str], text: str) -> str:
    if found["times"] and not int(found["times"][:9]):
        raise Invalid(f"{text!r} repeats no times; write how often, such as R3/PT1H, or remove the timer")
    if "/" in found["every"]:
        raise Invalid(f"{text!r} repeats from or up to a fixed date; write only how often, such as R3/PT1H")
    every = _duration(found["every"])
    if not any(int(digits) for digits in re.findall(r"\d+", every)):
        raise Invalid(f"{text!r} repeats without a pause; write how long to wait between two times")
    return feel_string(f"R{found['times']}/{every}")
