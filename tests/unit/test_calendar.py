"""The working calendar against a day-by-day count, and against dates published for bank holidays."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.calendar import NATIONS, WorkingCalendar, bank_holidays
from engine.errors import Invalid

ENGLAND = WorkingCalendar("england-and-wales")
SCOTLAND = WorkingCalendar("scotland")
NORTHERN_IRELAND = WorkingCalendar("northern-ireland")
DAYS = st.dates(date(2019, 1, 1), date(2031, 12, 31))


def plain_count(calendar: WorkingCalendar, start: date, end: date) -> int:
    """Count one day at a time, with nothing in common with the calendar's arithmetic."""
    off = bank_holidays(calendar.nation) | calendar.closures
    days = (start + timedelta(days=step) for step in range(1, (end - start).days + 1))
    return sum(day.weekday() < 5 and day not in off for day in days)


@pytest.mark.parametrize(
    ("day", "nations"),
    [
        (date(2026, 1, 1), set(NATIONS)),  # New Year's Day
        (date(2026, 1, 2), {"scotland"}),
        (date(2027, 1, 4), {"scotland"}),  # 2 January 2027 is a Saturday
        (date(2028, 1, 3), set(NATIONS)),  # 1 January 2028 is a Saturday
        (date(2028, 1, 4), {"scotland"}),
        (date(2026, 3, 17), {"northern-ireland"}),
        (date(2026, 4, 3), set(NATIONS)),  # Good Friday
        (date(2026, 4, 6), {"england-and-wales", "northern-ireland"}),  # Easter Monday
        (date(2026, 7, 13), {"northern-ireland"}),  # 12 July 2026 is a Sunday
        (date(2027, 7, 12), {"northern-ireland"}),
        (date(2026, 8, 3), {"scotland"}),
        (date(2026, 8, 31), {"england-and-wales", "northern-ireland"}),
        (date(2026, 11, 30), {"scotland"}),
        (date(2024, 12, 2), {"scotland"}),  # St Andrew's Day 2024 is a Saturday
        (date(2026, 12, 28), set(NATIONS)),  # Boxing Day 2026 is a Saturday
        (date(2027, 12, 27), set(NATIONS)),  # Christmas Day 2027 is a Saturday
        (date(2027, 12, 28), set(NATIONS)),  # and Boxing Day a Sunday
        (date(2022, 9, 19), set(NATIONS)),  # one-off
        (date(2023, 5, 8), set(NATIONS)),  # one-off
        (date(2020, 5, 8), set(NATIONS)),  # the May bank holiday was moved to it
    ],
)
def test_bank_holidays_of_each_nation(day: date, nations: set[str]) -> None:
    closed = {nation for nation in NATIONS if not WorkingCalendar(nation).is_working_day(day)}
    assert closed == nations


def test_the_day_the_may_holiday_was_moved_from_is_worked() -> None:
    assert ENGLAND.is_working_day(date(2020, 5, 4))


@pytest.mark.parametrize(
    ("start", "count", "answer"),
    [
        (date(2026, 6, 5), 1, date(2026, 6, 8)),  # Friday
        (date(2026, 6, 6), 1, date(2026, 6, 8)),  # Saturday
        (date(2026, 6, 6), 0, date(2026, 6, 8)),
        (date(2026, 6, 5), 0, date(2026, 6, 5)),
        (date(2026, 6, 6), -1, date(2026, 6, 5)),
        (date(2026, 6, 8), -1, date(2026, 6, 5)),
        (date(2026, 4, 2), 1, date(2026, 4, 7)),  # over Easter
        (date(2026, 4, 7), -1, date(2026, 4, 2)),
        (date(2026, 12, 24), 1, date(2026, 12, 29)),  # over Christmas and its substitute
        (date(2026, 12, 24), 10, date(2027, 1, 12)),
    ],
)
def test_add_working_days(start: date, count: int, answer: date) -> None:
    assert ENGLAND.add_working_days(start, count) == answer


def test_days_between_runs_both_ways() -> None:
    assert ENGLAND.working_days_between(date(2026, 6, 1), date(2026, 6, 2)) == 1
    assert ENGLAND.working_days_between(date(2026, 6, 2), date(2026, 6, 1)) == -1
    assert ENGLAND.working_days_between(date(2026, 6, 5), date(2026, 6, 7)) == 0


@pytest.mark.parametrize(
    ("due", "today", "late"),
    [
        (date(2026, 6, 5), date(2026, 6, 5), 0),
        (date(2026, 6, 5), date(2026, 6, 7), 0),
        (date(2026, 6, 5), date(2026, 6, 8), 1),
        (date(2026, 6, 6), date(2026, 6, 8), 0),  # due on a Saturday: Monday still keeps it
        (date(2026, 6, 6), date(2026, 6, 9), 1),
        (date(2026, 4, 6), date(2026, 4, 7), 0),  # due on Easter Monday
        (date(2026, 4, 6), date(2026, 4, 8), 1),
        (date(2026, 6, 9), date(2026, 6, 8), 0),
    ],
)
def test_days_overdue(due: date, today: date, late: int) -> None:
    assert ENGLAND.days_overdue(due, today) == late


def test_local_closures_are_not_worked() -> None:
    closed = WorkingCalendar("england-and-wales", closures=frozenset({date(2026, 12, 29), date(2026, 12, 27)}))
    assert not closed.is_working_day(date(2026, 12, 29))
    assert closed.add_working_days(date(2026, 12, 24), 1) == date(2026, 12, 30)


@given(DAYS, st.integers(0, 900), st.sampled_from([ENGLAND, SCOTLAND, NORTHERN_IRELAND]))
def test_counting_agrees_with_one_day_at_a_time(start: date, length: int, calendar: WorkingCalendar) -> None:
    end = start + timedelta(days=length)
    assert calendar.working_days_between(start, end) == plain_count(calendar, start, end)


@given(DAYS, st.integers(1, 600))
def test_adding_then_counting_gives_the_number_back(start: date, count: int) -> None:
    end = ENGLAND.add_working_days(start, count)
    assert ENGLAND.is_working_day(end)
    assert ENGLAND.working_days_between(start, end) == count


@given(DAYS, st.integers(1, 600))
def test_subtracting_undoes_adding_from_a_working_day(start: date, count: int) -> None:
    day = ENGLAND.next_working_day(start)
    assert ENGLAND.add_working_days(ENGLAND.add_working_days(day, count), -count) == day


@given(DAYS, st.dates(date(2019, 1, 1), date(2031, 12, 31)))
def test_overdue_counts_from_the_next_working_day(due: date, today: date) -> None:
    kept_by = ENGLAND.next_working_day(due)
    assert ENGLAND.days_overdue(due, today) == max(0, ENGLAND.working_days_between(kept_by, today))


def test_outside_the_known_years_weekends_still_count() -> None:
    assert ENGLAND.working_days_between(date(2400, 1, 3), date(2400, 1, 10)) == 5


def test_start_of_day_follows_the_clocks() -> None:
    assert ENGLAND.start_of_day(date(2026, 1, 15)) == datetime(2026, 1, 15, tzinfo=UTC)
    assert ENGLAND.start_of_day(date(2026, 7, 15)) == datetime(2026, 7, 14, 23, tzinfo=UTC)
    paris = WorkingCalendar(zone=ZoneInfo("Europe/Paris"))
    assert paris.start_of_day(date(2026, 3, 30)) == datetime(2026, 3, 29, 22, tzinfo=UTC)


def test_wrong_use_is_refused_in_words() -> None:
    with pytest.raises(Invalid, match="england-and-wales"):
        WorkingCalendar("wales")
    with pytest.raises(Invalid, match="fewer days"):
        ENGLAND.add_working_days(date(2026, 1, 1), 10**9)
    with pytest.raises(Invalid, match="fewer days"):
        ENGLAND.add_working_days(date(2026, 1, 1), -(10**9))
