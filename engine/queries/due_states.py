"""How a promised day stands today, in the authority's working days. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from engine.calendar import WorkingCalendar
from engine.casework.lateness import days_late, last_overdue_day
from engine.casework.severity import STATES, State

__all__ = [
    "CRITICAL_AFTER", "SOON_WITHIN", "STATES", "Due", "State", "Thresholds", "due_state", "last_overdue_day",
    "thresholds", "worst",
]  # fmt: skip

CRITICAL_AFTER: Final = 10
"""Working days late after which something is critically overdue: a review's limit before the line manager is told."""
SOON_WITHIN: Final = 5
"""Working days before a date within which something is due soon: one working week."""


@dataclass(frozen=True, slots=True)
class Due:
    """How a promise stands: `days` are working days late (overdue) or left; None without a date."""

    state: State
    days: int | None

    @property
    def late(self) -> bool:
        """Tell whether the day has passed."""
        return self.state in ("critically_overdue", "overdue")


def due_state(due_on: date | None, *, today: date, calendar: WorkingCalendar, protecting: bool = False) -> Due:
    """Say how a promise for `due_on` (a local day) stands on `today`.

    What protects a child (`protecting`) is late as soon as its day is over: see `engine.casework.lateness`.
    """
    if due_on is None:
        return Due("not_due", None)
    late = days_late(due_on, today=today, calendar=calendar, protecting=protecting)
    if late:
        return Due("critically_overdue" if late > CRITICAL_AFTER else "overdue", late)
    left = max(0, calendar.working_days_between(today, due_on))
    return Due("due_soon" if left <= SOON_WITHIN else "not_due", left)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The latest days whose promises are critically overdue, overdue, due soon on a day: `due_state` for searches."""

    critical: date
    overdue: date
    soon: date

    def place(self, due_on: date | None) -> int:
        """Return the place in `STATES` of a promise for `due_on`."""
        if due_on is None or due_on > self.soon:
            return 3
        return 0 if due_on <= self.critical else 1 if due_on <= self.overdue else 2


def thresholds(today: date, calendar: WorkingCalendar) -> Thresholds:
    """Return the days at which `due_state` changes on `today`."""
    overdue = last_overdue_day(today, calendar)
    critical = overdue
    while calendar.days_overdue(critical, today) <= CRITICAL_AFTER:
        critical -= timedelta(days=1)
    soon = today
    while calendar.working_days_between(today, soon + timedelta(days=1)) <= SOON_WITHIN:
        soon += timedelta(days=1)
    return Thresholds(critical, overdue, soon)


def worst(states: list[State]) -> State:
    """Return the most pressing of `states`; `not_due` when there is none."""
    return min(states, key=STATES.index, default="not_due")
