"""How a promised day stands, at every boundary, in working days."""

from datetime import date, timedelta

import pytest

from engine.calendar import WorkingCalendar
from engine.queries.due_states import due_state, last_overdue_day, worst

CALENDAR = WorkingCalendar()
MONDAY = date(2026, 3, 2)
FRIDAY, SATURDAY, SUNDAY = date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1)


@pytest.mark.parametrize(
    ("due_on", "today", "state", "days"),
    [
        (None, MONDAY, "not_due", None),
        (MONDAY, MONDAY, "due_soon", 0),
        (MONDAY + timedelta(days=7), MONDAY, "due_soon", 5),
        (MONDAY + timedelta(days=8), MONDAY, "not_due", 6),
        (FRIDAY, MONDAY, "overdue", 1),
        (SATURDAY, MONDAY, "due_soon", 0),
        (SATURDAY, MONDAY + timedelta(days=1), "overdue", 1),
        (FRIDAY, SUNDAY, "due_soon", 0),
        (MONDAY, MONDAY + timedelta(days=14), "overdue", 10),
        (MONDAY, MONDAY + timedelta(days=15), "critically_overdue", 11),
        # Good Friday 3 April and Easter Monday 6 April 2026 are no working days.
        (date(2026, 4, 2), date(2026, 4, 7), "overdue", 1),
        (date(2026, 4, 3), date(2026, 4, 7), "due_soon", 0),
    ],
)
def test_a_day_stands_as_the_working_days_say(due_on, today, state, days):
    found = due_state(due_on, today=today, calendar=CALENDAR)
    assert (found.state, found.days) == (state, days)
    assert found.late == (state in ("overdue", "critically_overdue"))


@pytest.mark.parametrize(
    ("due_on", "today", "days"),
    [
        (SATURDAY, SATURDAY, None), (SATURDAY, SUNDAY, 1), (SATURDAY, MONDAY, 1), (FRIDAY, MONDAY, 1),
        (SATURDAY, MONDAY + timedelta(days=1), 1), (SATURDAY, MONDAY + timedelta(days=2), 2),
    ],
)  # fmt: skip
def test_no_day_off_makes_what_protects_a_child_less_late(due_on, today, days):
    found = due_state(due_on, today=today, calendar=CALENDAR, protecting=True)
    assert (found.late, found.days) == (days is not None, days or 0)


@pytest.mark.parametrize("offset", range(40))
def test_the_last_overdue_day_is_the_last_that_is_overdue(offset):
    today = date(2026, 3, 20) + timedelta(days=offset)
    last = last_overdue_day(today, CALENDAR)
    assert due_state(last, today=today, calendar=CALENDAR).late
    later = [last + timedelta(days=more) for more in range(1, 10)]
    assert not any(due_state(day, today=today, calendar=CALENDAR).late for day in later)


def test_the_worst_state_wins_and_nothing_is_not_due():
    assert worst(["due_soon", "critically_overdue", "overdue"]) == "critically_overdue"
    assert worst([]) == "not_due"
