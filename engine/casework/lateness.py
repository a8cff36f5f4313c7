"""When a promise is late: from the next working day on; what protects a child already on the next day. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from engine.calendar import WorkingCalendar

PROTECTING: Final = frozenset({"safeguarding_concern", "consent_withdrawn", "family_not_found"})
"""Diagrams that protect a child: no day off stops their clock, and only the line manager may let it run longer."""


def days_late(due_on: date, *, today: date, calendar: WorkingCalendar, protecting: bool = False) -> int:
    """Return by how many working days a promise for `due_on` is late `today`; 0 while it is not.

    One that fell on a day off may still be kept on the next working day, but for what protects a child: that is late
    by a day as soon as its day is over.
    """
    return max(calendar.days_overdue(due_on, today), int(protecting and due_on < today))


def last_overdue_day(today: date, calendar: WorkingCalendar) -> date:
    """Return the latest day whose promises are overdue `today`: what a search by date may stop at."""
    day = today - timedelta(days=1)
    while not calendar.days_overdue(day, today):
        day -= timedelta(days=1)
    return day
