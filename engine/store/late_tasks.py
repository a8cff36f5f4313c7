"""Which open tasks are late on a day: what `engine.casework.lateness` says of one, as a condition for many."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from engine.calendar import WorkingCalendar
from engine.casework.lateness import PROTECTING, last_overdue_day
from engine.store.tables.running import user_tasks

Day = date | sa.BindParameter[Any]


def protecting() -> sa.ColumnElement[bool]:
    """Return the condition on `user_tasks` that a task is of a diagram that protects a child."""
    return user_tasks.c.process_key.in_(sorted(PROTECTING))


def past(last: Day) -> sa.ColumnElement[bool]:
    """Return the condition on `user_tasks`, of those whose day is over, that a task is late: `last` as for `late`."""
    return sa.or_(user_tasks.c.due_on <= last, protecting())


def late(today: Day, last: Day) -> sa.ColumnElement[bool]:
    """Return the condition on `user_tasks` that a task is late `today`; `last` is the `last_overdue_day` of it."""
    # The range of the index first.
    return sa.and_(user_tasks.c.due_on < today, past(last))


def late_on(today: date, calendar: WorkingCalendar) -> sa.ColumnElement[bool]:
    """Return the condition on `user_tasks` that a task is late `today`: one range of days but after a day off."""
    last = last_overdue_day(today, calendar)
    return user_tasks.c.due_on <= last if _is_yesterday(last, today) else late(today, last)


def late_by_protecting(today: date, calendar: WorkingCalendar) -> sa.ColumnElement[bool] | None:
    """Return the condition that a task is late `today` only as it protects a child; None on a day on which none is.

    That is after days off: what was due on one of them is not late yet otherwise.
    """
    last = last_overdue_day(today, calendar)
    if _is_yesterday(last, today):
        return None
    return sa.and_(user_tasks.c.due_on > last, user_tasks.c.due_on < today, protecting())


def _is_yesterday(last: date, today: date) -> bool:
    return last == today - timedelta(days=1)
