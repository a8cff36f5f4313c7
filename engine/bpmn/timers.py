"""When a timer is due. Nothing here compares a clock: a timer fires only when `Instance.fire` names it.

Days, weeks, months and years are counted on the local calendar and keep the local time of day across a
change of the clocks; hours, minutes and seconds are absolute. A local time that the clocks skip is taken
as the later one, a local time that happens twice as the first.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from engine.errors import Invalid, shown

_PERIOD = re.compile(
    r"P(?=.)(?:(?P<years>\d{1,4})Y)?(?:(?P<months>\d{1,5})M)?(?:(?P<weeks>\d{1,5})W)?(?:(?P<days>\d{1,6})D)?"
    r"(?:T(?=.)(?:(?P<hours>\d{1,7})H)?(?:(?P<minutes>\d{1,8})M)?(?:(?P<seconds>\d{1,9}(?:\.\d{1,6})?)S)?)?"
)
_CYCLE = re.compile(r"R(?P<times>\d{0,6})/(?:(?P<start>\d{4}-[^/]+)/)?(?P<period>P[^/]+)")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(?P<clock>T[\d:.]+(?:Z|[+-]\d{2}:?\d{2})?)?")
_NEVER = "reckons to a time that no calendar has"


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time: calendar months and days, then absolute seconds."""

    months: int = 0
    days: int = 0
    seconds: float = 0

    def after(self, start: datetime, zone: ZoneInfo, times: int = 1) -> datetime:
        """Return the aware UTC instant `times` periods after the aware `start`. Raises `Invalid` past year 9999."""
        try:
            local = start.astimezone(zone).replace(tzinfo=None)
            day = _add_months(local.date(), self.months * times) + timedelta(days=self.days * times)
            moved = day != local.date()
            base = local_instant(datetime.combine(day, local.time()), zone) if moved else start.astimezone(UTC)
            return base + timedelta(seconds=self.seconds * times)
        except (OverflowError, ValueError) as error:
            raise Invalid(f"The timer {_NEVER}") from error

    @property
    def longest(self) -> float:
        """Return more seconds than the period can ever take; 0 when it has no length."""
        return self.months * 32 * 86_400 + self.days * 90_000 + self.seconds


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a timer is due, and its place in a cycle.

    Repetition `number` of a cycle is due `number` periods after `anchor`; `last` is the number of the last
    one (None: it goes on for ever). A timer that does not repeat has no `period`.
    """

    due: datetime
    period: Period | None = None
    anchor: datetime | None = None
    number: int = 0
    last: int | None = 0

    def following(self, now: datetime, zone: ZoneInfo) -> Schedule | None:
        """Return the first repetition later than `now`; those missed in between count as used. None after the last."""
        if self.period is None or self.anchor is None:
            return None
        number = self.number
        while self.last is None or number < self.last:
            number += 1
            due = self.period.after(self.anchor, zone, number)
            if due > now:
                return Schedule(due, self.period, self.anchor, number, self.last)
            number += int((now - due).total_seconds() // self.period.longest)
        return None


def parse_period(text: str) -> Period | None:
    """Return the ISO 8601 duration `text` (`P3D`, `PT24H`, `P1M`), or None when it is not one."""
    found = _PERIOD.fullmatch(text.strip())
    if found is None:
        return None
    part = {name: float(value or 0) for name, value in found.groupdict().items()}
    return Period(
        months=int(part["years"] * 12 + part["months"]),
        days=int(part["weeks"] * 7 + part["days"]),
        seconds=part["hours"] * 3600 + part["minutes"] * 60 + part["seconds"],
    )


def is_iso(text: str) -> bool:
    """Say whether `text` is a plain ISO 8601 date, moment, duration or cycle rather than an expression."""
    text = text.strip()
    return bool(_MOMENT.fullmatch(text) or _CYCLE.fullmatch(text) or _PERIOD.fullmatch(text))


def schedule(value: Any, *, now: datetime, zone: ZoneInfo, repeats: bool) -> Schedule:
    """Return when a timer whose rule came to `value` is due.

    `value` is a date (the start of that local day), a moment (local in `zone` when it has no offset), a
    `timedelta` (its whole days count as local days), or ISO 8601 text. With `repeats`, a bare duration
    repeats for ever. `now` is aware. Raises `Invalid` for anything else, null included.
    """
    if isinstance(value, str):
        return _from_text(value.strip(), now, zone, repeats)
    if isinstance(value, datetime):
        return Schedule(_instant(value, zone))
    if isinstance(value, date):
        return Schedule(local_instant(datetime.combine(value, time()), zone))
    if isinstance(value, timedelta):
        rest = value - timedelta(days=value.days)
        return _from_period(Period(days=value.days, seconds=rest.total_seconds()), now, zone, repeats)
    found = "nothing (null)" if value is None else f"a {type(value).__name__}"
    raise Invalid(f"The timer needs a date, a moment or a duration, and its rule came to {found}")


def local_instant(local: datetime, zone: ZoneInfo) -> datetime:
    """Return the UTC instant of a wall-clock time in `zone`; skipped times move later, doubled ones are the first."""
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)


def _from_text(text: str, now: datetime, zone: ZoneInfo, repeats: bool) -> Schedule:
    if period := parse_period(text):
        return _from_period(period, now, zone, repeats)
    if found := _CYCLE.fullmatch(text):
        return _from_cycle(found, now, zone)
    moment = _MOMENT.fullmatch(text)
    try:
        if moment and moment["clock"] is None:
            return Schedule(local_instant(datetime.combine(date.fromisoformat(text), time()), zone))
        if moment:
            return Schedule(_instant(datetime.fromisoformat(text), zone))
    except (ValueError, OverflowError) as error:
        raise Invalid(f"The timer's rule came to {shown(text)!r}, which {_NEVER}") from error
    raise Invalid(f"The timer's rule came to the text {shown(text)!r}, which is not a date, duration or cycle")


def _from_period(period: Period, now: datetime, zone: ZoneInfo, repeats: bool) -> Schedule:
    first = period.after(now, zone)
    if not repeats:
        return Schedule(first)
    return Schedule(first, _real(period), now, 1, None)


def _from_cycle(found: re.Match[str], now: datetime, zone: ZoneInfo) -> Schedule:
    period = parse_period(found["period"])
    if period is None:
        raise Invalid(f"The timer's rule came to {shown(found[0])!r}, whose period is not a duration")
    times = int(found["times"]) if found["times"] else None
    if times == 0:
        raise Invalid(f"The timer's rule came to {shown(found[0])!r}, which never fires")
    if found["start"] is None:
        return Schedule(period.after(now, zone), _real(period), now, 1, times)
    start = _from_text(found["start"], now, zone, False).due
    return Schedule(start, _real(period), start, 0, None if times is None else times - 1)


def _real(period: Period) -> Period:
    if not period.longest:
        raise Invalid("The timer repeats without any time between")
    return period


def _instant(value: datetime, zone: ZoneInfo) -> datetime:
    return local_instant(value, zone) if value.tzinfo is None else value.astimezone(UTC)


def _add_months(day: date, months: int) -> date:
    if not months:
        return day
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
