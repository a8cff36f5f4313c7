"""Count working days: weekends, a nation's bank holidays and an authority's own closures left out.

One calendar serves timers, due dates, overdue ages and rules, so that they never disagree. Counting is closed
arithmetic on weekdays less a search among the days off, so an age over years costs the same as one over days.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from holidays import country_holidays

from engine.errors import Invalid

FIRST_YEAR: Final = 1980
LAST_YEAR: Final = 2100
"""Bank holidays are known from `FIRST_YEAR` to `LAST_YEAR`; outside them only weekends are left out."""

_SUBDIVISION: Final = {"england-and-wales": "ENG", "scotland": "SCT", "northern-ireland": "NIR"}
NATIONS: Final = tuple(_SUBDIVISION)
LONDON: Final = ZoneInfo("Europe/London")


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """The working days of one authority.

    `nation` is one of `NATIONS`, `closures` are local days off (dates; weekends among them change nothing), and
    `zone` is where its days begin. Raises `Invalid` for an unknown nation.
    """

    nation: str = "england-and-wales"
    closures: frozenset[date] = frozenset()
    zone: ZoneInfo = LONDON
    _days_off: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _worked_before: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Merge the bank holidays and the closures that fall on weekdays into one sorted row of ordinals."""
        if self.nation not in _SUBDIVISION:
            raise Invalid(f"{self.nation!r} is not a nation; use one of {', '.join(NATIONS)}", nation=self.nation)
        ordinals = {day.toordinal() for day in bank_holidays(self.nation) | self.closures if day.weekday() < 5}
        object.__setattr__(self, "_days_off", tuple(sorted(ordinals)))
        object.__setattr__(self, "_worked_before", tuple(self._count(ordinal) for ordinal in self._days_off))

    def is_working_day(self, day: date) -> bool:
        """Tell whether people are at work on `day`."""
        ordinal = day.toordinal()
        return self._count(ordinal) != self._count(ordinal - 1)

    def next_working_day(self, day: date) -> date:
        """Return `day` when it is a working day, otherwise the first working day after it."""
        before = self._count(day.toordinal() - 1)
        return self._nth(before + 1)

    def add_working_days(self, day: date, count: int) -> date:
        """Return the working day `count` working days after `day` (before it when `count` is negative).

        `day` itself is never counted: Friday plus 1 is Monday, Saturday plus 1 is Monday, Saturday minus 1 is Friday.
        Adding 0 gives `next_working_day(day)`. Raises `Invalid` when the answer is past the calendar's last year, 9999.
        """
        ordinal = day.toordinal()
        if count > 0:
            return self._nth(self._count(ordinal) + count)
        return self._nth(self._count(ordinal - 1) + 1 + count)

    def working_days_between(self, start: date, end: date) -> int:
        """Return how many working days come after `start`, up to and including `end`.

        Monday to Tuesday is 1, Friday to Sunday 0, a day to itself 0; negative when `end` is before `start`.
        """
        return self._count(end.toordinal()) - self._count(start.toordinal())

    def days_overdue(self, due: date, today: date) -> int:
        """Return by how many working days a promise for `due` is late `today`; 0 while it is not.

        A promise that falls on a day off may still be kept on the next working day.
        """
        if today <= due:
            return 0
        return max(0, self._count(today.toordinal()) - self._count(due.toordinal() - 1) - 1)

    def start_of_day(self, day: date) -> datetime:
        """Return the instant (aware UTC) at which `day` begins in this calendar's zone."""
        return datetime.combine(day, time.min, self.zone).astimezone(UTC)

    def _count(self, ordinal: int) -> int:
        """Count the working days from 1 January of year 1, a Monday, up to and including `ordinal`."""
        weeks, rest = divmod(ordinal, 7)
        return 5 * weeks + (rest if rest < 5 else 5) - bisect_right(self._days_off, ordinal)

    def _nth(self, number: int) -> date:
        """Return the working day that `_count` numbers `number`: a day off before it moves it on by one weekday."""
        weeks, rest = divmod(number + bisect_left(self._worked_before, number) - 1, 5)
        return _day(7 * weeks + rest + 1)


@cache
def bank_holidays(nation: str) -> frozenset[date]:
    """Return the bank holidays of `nation` (one of `NATIONS`) from `FIRST_YEAR` to `LAST_YEAR`, with substitutes."""
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    return frozenset(country_holidays("GB", subdiv=_SUBDIVISION[nation], years=years))


def _day(ordinal: int) -> date:
    try:
        return date.fromordinal(ordinal)
    except (ValueError, OverflowError) as error:
        raise Invalid("Adding that many working days goes past the calendar; use fewer days") from error
