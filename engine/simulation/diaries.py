"""When people are at work, drawn for the whole time at the start, and when their work gets done."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from engine.calendar import WorkingCalendar
from engine.simulation.behaviour_kinds import Timing
from engine.simulation.behaviours import Away
from engine.simulation.chance import Chance

DAYS_A_YEAR = 365
NO_DUE_DAY = 5
"""Working days within which a task without a due day is meant to be done."""


@dataclass(frozen=True, slots=True)
class Diary:
    """One person's absences, each from its first day to the day of return, by first day; and how slow they are.

    `left_on` is the first day on which they no longer work there.
    """

    absences: tuple[tuple[date, date], ...]
    left_on: date | None
    slow: float

    def spell_from(self, day: date) -> tuple[date, date] | None:
        """Return the absence that begins on `day`: its first day and the day of return."""
        index = bisect_right(self.absences, (day, date.max))
        found = self.absences[index - 1] if index else None
        return found if found is not None and found[0] == day else None

    def back_on(self, day: date, calendar: WorkingCalendar) -> date | None:
        """Return the first working day, `day` or later, on which the person is at work; None when they have left."""
        while True:
            day = calendar.next_working_day(day)
            if self.left_on is not None and day >= self.left_on:
                return None
            index = bisect_right(self.absences, (day, date.max))
            if index == 0 or self.absences[index - 1][1] <= day:
                return day
            day = self.absences[index - 1][1]


def new_diary(
    chance: Chance, away: Away, *, first: date, days: int, slowest: float, calendar: WorkingCalendar, stays: bool
) -> Diary:
    """Draw the diary of one person from `first` on; one who `stays` does not leave for good."""
    years = days / DAYS_A_YEAR
    spells = [away.leave_days] * chance.count(away.leave_spells * years)
    spells += [chance.days(away.ill_days) for _ in range(chance.count(away.ill_spells * years))]
    spells += [away.long_ill_days] * chance.count(away.long_ill * years)
    absences = sorted(_spell(chance, first, days, int(length), calendar) for length in spells)
    left_on = None
    if not stays and days > away.settled and chance.happens(away.leaves * years):
        left_on = first + timedelta(days=chance.randint(away.settled, days))
    return Diary(tuple(_merged(absences)), left_on, 0.5 + chance.random() * max(0.0, slowest - 0.5))


def _spell(chance: Chance, first: date, days: int, length: int, calendar: WorkingCalendar) -> tuple[date, date]:
    begins = calendar.next_working_day(first + timedelta(days=chance.randrange(max(1, days))))
    return begins, calendar.add_working_days(begins, length)


def _merged(absences: Sequence[tuple[date, date]]) -> list[tuple[date, date]]:
    found: list[tuple[date, date]] = []
    for begins, ends in absences:
        if found and begins <= found[-1][1]:
            found[-1] = (found[-1][0], max(ends, found[-1][1]))
        else:
            found.append((begins, ends))
    return found


def day_done(
    chance: Chance, timing: Timing, *, opened_on: date, due_on: date | None, slow: float, calendar: WorkingCalendar
) -> date:
    """Draw the working day on which a task that opened on `opened_on` gets done by somebody who is `slow`."""
    soonest = calendar.add_working_days(opened_on, 1)
    due = due_on or calendar.add_working_days(opened_on, NO_DUE_DAY)
    drawn = chance.random()
    if drawn < timing.stuck * slow:
        return calendar.add_working_days(max(due, opened_on), chance.days(timing.stuck_days))
    if drawn < 1 - (1 - timing.on_time) * slow:
        return max(soonest, due) if timing.on_the_day else _early(chance, timing, soonest, due, calendar)
    return calendar.add_working_days(max(due, opened_on), chance.days(timing.late_days * slow))


def _early(chance: Chance, timing: Timing, soonest: date, due: date, calendar: WorkingCalendar) -> date:
    """Draw a day up to the due day; the middle of the time there is is likeliest."""
    span = max(0, calendar.working_days_between(soonest, due)) * timing.within
    return calendar.add_working_days(soonest, round(span * (chance.random() + chance.random()) / 2))
