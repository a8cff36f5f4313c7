"""Turn what a person typed, or a program sent, into a value. `Unreadable` says what is wrong, by code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

DATE_PARTS = ("day", "month", "year")
FIRST_YEAR, LAST_YEAR = 1900, 2199
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAMES = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
                "november", "december")
_ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_ISO_DATETIME = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?(\[[\w/+-]+\])?", re.ASCII)
_TIME = re.compile(r"(\d{1,2})(?:[:.]?(\d{2}))?(?::(\d{2}))?\s*([ap]\.?m\.?)?", re.ASCII | re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?(\d{1,30}|\d{1,3}(,\d{3}){1,9})(\.\d{1,30})?|[+-]?\.\d{1,30}", re.ASCII)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_CONTROL_BYTES = bytes(code for code in range(128) if _CONTROL.match(chr(code)))
_EMAIL = re.compile(r"[^\s@,;:<>()\[\]\"\\]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,8}", re.ASCII)


class Unreadable(ValueError):
    """The value is not of its kind. `code` says how; `parts` names the date inputs at fault."""

    def __init__(self, code: str, parts: tuple[str, ...] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.parts = parts


def is_blank(value: Any) -> bool:
    """Tell whether nothing was answered: none, white space, an empty list, or a date without any part."""
    if value is None:
        return True
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, Mapping):
        return all(is_blank(each) for each in value.values())
    return isinstance(value, list | tuple) and not value


def read_text(value: Any, *, one_line: bool) -> str:
    """Return text trimmed, with plain line ends (none when `one_line`). Codes: `text`, `characters`."""
    if not isinstance(value, str):
        raise Unreadable("text")
    plain = value.replace("\r\n", "\n").replace("\r", "\n") if "\r" in value else value
    if one_line:
        plain = plain.replace("\n", " ")
    if _has_control(plain):
        raise Unreadable("characters")
    return plain.strip()


def _has_control(text: str) -> bool:
    """Tell whether `text` holds what `_CONTROL` finds; of plain ASCII, which most text is, six times as fast."""
    if text.isascii():
        return len(text.encode().translate(None, _CONTROL_BYTES)) != len(text)
    return _CONTROL.search(text) is not None


def read_number(value: Any) -> int | Decimal:
    """Return a whole number as `int`, any other as `Decimal`. Commas may part thousands. Code: `number`."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        raise Unreadable("number")
    text = value.strip() if isinstance(value, str) else _written(value)
    if not _NUMBER.fullmatch(text):
        raise Unreadable("number")
    number = Decimal(text.replace(",", ""))
    return int(number) if number == number.to_integral_value() else number


def _written(value: int | float | Decimal) -> str:
    if isinstance(value, int):
        # Writing a huge integer out is slow, and refused by Python past 4,300 digits.
        return str(value) if abs(value) < 10**30 else "too large"
    number = Decimal(repr(value)) if isinstance(value, float) else value
    # Asked first: writing out an exponent of a million would fill the memory.
    if not number.is_finite() or abs(number.adjusted()) > 30:
        return "too large"
    return format(number, "f")


def read_date(value: Any) -> date:
    """Return a date from a date, ISO text, or day, month and year as typed.

    Codes: `date` (not a real one), `parts` (some are missing), `year` (not four digits).
    """
    if isinstance(value, datetime) or not isinstance(value, date | str | Mapping):
        raise Unreadable("date", DATE_PARTS)
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        found = _ISO_DATE.fullmatch(value.strip())
        if not found:
            raise Unreadable("date", DATE_PARTS)
        return _real(int(found[1]), int(found[2]), int(found[3]))
    return _from_parts(value)


def _from_parts(value: Mapping[str, Any]) -> date:
    typed = {part: _part(value.get(part)) for part in DATE_PARTS}
    missing = tuple(part for part, text in typed.items() if not text)
    if missing:
        raise Unreadable("parts", missing)
    month = _month(typed["month"])
    if not re.fullmatch(r"\d{1,2}", typed["day"], re.ASCII) or month is None:
        raise Unreadable("date", DATE_PARTS)
    if not re.fullmatch(r"\d{4}", typed["year"], re.ASCII):
        raise Unreadable("year", ("year",))
    return _real(int(typed["year"]), month, int(typed["day"]))


def _part(value: Any) -> str:
    if value is None or isinstance(value, str):
        return (value or "").strip()
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10_000:
        return str(value)
    raise Unreadable("date", DATE_PARTS)


def _month(text: str) -> int | None:
    if re.fullmatch(r"\d{1,2}", text, re.ASCII):
        return int(text)
    word = text.lower()
    for names in (_MONTHS, _MONTH_NAMES):
        if word in names:
            return names.index(word) + 1
    return 9 if word == "sept" else None


def _real(year: int, month: int, day: int) -> date:
    try:
        found = date(year, month, day)
    except ValueError as error:
        raise Unreadable("date", DATE_PARTS) from error
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Unreadable("date", ("year",))
    return found


def read_time(value: Any) -> time:
    """Return a time of day from a time or text: 14:30, 2.30pm, 2pm, midday, midnight. Code: `time`."""
    if isinstance(value, time):
        return value.replace(tzinfo=None)
    if not isinstance(value, str):
        raise Unreadable("time")
    text = value.strip().lower()
    named = {"midday": time(12), "noon": time(12), "midnight": time(0)}.get(text)
    found = _TIME.fullmatch(text)
    if named is not None:
        return named
    if not found or not (found[2] or found[4]):
        raise Unreadable("time")
    return _clock_time(int(found[1]), int(found[2] or 0), int(found[3] or 0), (found[4] or "")[:1])


def _clock_time(hour: int, minute: int, second: int, half: str) -> time:
    if half and not 1 <= hour <= 12:
        raise Unreadable("time")
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        return time(hour, minute, second)
    except ValueError as error:
        raise Unreadable("time") from error


def read_datetime(value: Any, zone: ZoneInfo) -> datetime:
    """Return an aware instant in `zone` from an aware datetime, ISO text, or day, month, year and time as typed.

    Text without an offset is local time. Codes: those of dates and times, and `skipped` when the clocks
    go forward over it. An hour that comes twice means the first.
    """
    if isinstance(value, Mapping):
        return _local(read_date({part: value.get(part) for part in DATE_PARTS}), _part_time(value), zone)
    if isinstance(value, str):
        value = _iso_datetime(value)
    if not isinstance(value, datetime):
        raise Unreadable("date", DATE_PARTS)
    if value.tzinfo is None:
        return _local(value.date(), value.time(), zone)
    return value.astimezone(zone)


def _part_time(value: Mapping[str, Any]) -> time:
    if is_blank(value.get("time")):
        raise Unreadable("parts", ("time",))
    return read_time(value["time"])


def _iso_datetime(text: str) -> datetime:
    # FEEL and form-js may add the zone's name in brackets; the offset before it already says enough.
    found = _ISO_DATETIME.fullmatch(text.strip())
    if not found:
        raise Unreadable("date", DATE_PARTS)
    try:
        read = datetime.fromisoformat(text.strip().split("[")[0])
    except ValueError as error:
        raise Unreadable("date", DATE_PARTS) from error
    _real(read.year, read.month, read.day)
    return read


def _local(day: date, at: time, zone: ZoneInfo) -> datetime:
    wall = datetime.combine(day, at, tzinfo=zone)
    if wall.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != wall.replace(tzinfo=None):
        raise Unreadable("skipped", ("time",))
    return wall


def is_email(text: str) -> bool:
    """Tell whether `text` has the shape of an e-mail address."""
    return len(text) <= 254 and bool(_EMAIL.fullmatch(text)) and ".." not in text


def is_phone(text: str) -> bool:
    """Tell whether `text` could be a telephone number: 7 to 15 digits, with the usual marks between them."""
    return bool(re.fullmatch(r"\+?[0-9 ().\-]{7,30}", text)) and 7 <= sum(each.isdigit() for each in text) <= 15
