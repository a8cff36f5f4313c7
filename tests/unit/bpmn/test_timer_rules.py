"""When timers are due: calendar periods, absolute hours, both nights the clocks change, cycles."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.bpmn.timers import is_iso, local_instant, parse_period, schedule
from engine.errors import Invalid

LONDON = ZoneInfo("Europe/London")
BEFORE_SPRING = datetime(2026, 3, 28, 9, 0, tzinfo=UTC)  # 09:00 local, the day before the clocks go forward
BEFORE_AUTUMN = datetime(2026, 10, 24, 8, 0, tzinfo=UTC)  # 09:00 local, the day before they go back


def due(value: Any, now: datetime = BEFORE_SPRING, *, repeats: bool = False) -> datetime:
    return schedule(value, now=now, zone=LONDON, repeats=repeats).due


@pytest.mark.parametrize(
    ("value", "now", "expected"),
    [
        ("P1D", BEFORE_SPRING, datetime(2026, 3, 29, 8, 0, tzinfo=UTC)),
        ("PT24H", BEFORE_SPRING, datetime(2026, 3, 29, 9, 0, tzinfo=UTC)),
        ("P1D", BEFORE_AUTUMN, datetime(2026, 10, 25, 9, 0, tzinfo=UTC)),
        ("PT24H", BEFORE_AUTUMN, datetime(2026, 10, 25, 8, 0, tzinfo=UTC)),
        ("P1W", BEFORE_AUTUMN, datetime(2026, 10, 31, 9, 0, tzinfo=UTC)),
        ("P1DT2H", BEFORE_SPRING, datetime(2026, 3, 29, 10, 0, tzinfo=UTC)),
        ("PT90M", BEFORE_SPRING, datetime(2026, 3, 28, 10, 30, tzinfo=UTC)),
        ("PT0S", BEFORE_SPRING, BEFORE_SPRING),
        (timedelta(days=1), BEFORE_SPRING, datetime(2026, 3, 29, 8, 0, tzinfo=UTC)),
        (timedelta(hours=3), BEFORE_SPRING, datetime(2026, 3, 28, 12, 0, tzinfo=UTC)),
        (timedelta(hours=-3), BEFORE_SPRING, datetime(2026, 3, 28, 6, 0, tzinfo=UTC)),
        ("P1M", datetime(2026, 1, 31, 9, 0, tzinfo=UTC), datetime(2026, 2, 28, 9, 0, tzinfo=UTC)),
        ("P1Y", datetime(2028, 2, 29, 9, 0, tzinfo=UTC), datetime(2029, 2, 28, 9, 0, tzinfo=UTC)),
        ("2026-07-09", BEFORE_SPRING, datetime(2026, 7, 8, 23, 0, tzinfo=UTC)),
        (date(2026, 7, 9), BEFORE_SPRING, datetime(2026, 7, 8, 23, 0, tzinfo=UTC)),
        ("2026-07-09T09:00:00", BEFORE_SPRING, datetime(2026, 7, 9, 8, 0, tzinfo=UTC)),
        ("2026-07-09T09:00:00Z", BEFORE_SPRING, datetime(2026, 7, 9, 9, 0, tzinfo=UTC)),
        ("2026-07-09T09:00:00+02:00", BEFORE_SPRING, datetime(2026, 7, 9, 7, 0, tzinfo=UTC)),
        (datetime(2026, 7, 9, 9, 0), BEFORE_SPRING, datetime(2026, 7, 9, 8, 0, tzinfo=UTC)),  # noqa: DTZ001 - local on purpose
    ],
)
def test_due(value: Any, now: datetime, expected: datetime) -> None:
    assert due(value, now) == expected


def test_a_local_time_the_clocks_skip_is_the_later_one() -> None:
    assert local_instant(datetime(2026, 3, 29, 1, 30), LONDON) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # noqa: DTZ001
    assert due("P1D", datetime(2026, 3, 28, 1, 30, tzinfo=UTC)) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_a_local_time_that_happens_twice_is_the_first_one() -> None:
    assert due("2026-10-25T01:30:00") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_period_without_days_keeps_the_second_of_two_equal_hours() -> None:
    second_half_past_one = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert due("PT1H", second_half_past_one) == datetime(2026, 10, 25, 2, 30, tzinfo=UTC)
    assert due("PT0S", second_half_past_one) == second_half_past_one


@pytest.mark.parametrize(
    "bad", [None, True, 5, "tomorrow", "P", "PT", "P-1D", "R0/P1D", "R/PT0S", "2026-02-30", "P9999Y", []]
)
def test_rules_without_a_meaning_are_refused(bad: Any) -> None:
    with pytest.raises(Invalid):
        due(bad)


def cycle(text: str, now: datetime = BEFORE_SPRING) -> list[datetime]:
    found, times = schedule(text, now=now, zone=LONDON, repeats=True), []
    while found is not None and len(times) < 5:
        times.append(found.due)
        found = found.following(found.due, LONDON)
    return times


def test_a_cycle_keeps_the_local_time_of_day_and_stops_after_its_last() -> None:
    assert cycle("R3/P1D") == [datetime(2026, 3, day, 8, 0, tzinfo=UTC) for day in (29, 30, 31)]
    assert cycle("R2/2026-04-01T09:00:00/P1W") == [datetime(2026, 4, day, 8, 0, tzinfo=UTC) for day in (1, 8)]
    assert len(cycle("R/PT1H")) == 5
    assert len(cycle("PT1H")) == 5


def test_a_monthly_cycle_goes_back_to_the_31st() -> None:
    days = [when.day for when in cycle("R4/P1M", datetime(2026, 1, 31, 12, 0, tzinfo=UTC))]
    assert days == [28, 31, 30, 31]


def test_missed_repetitions_are_one_firing_and_count_as_used() -> None:
    found = schedule("R/PT1H", now=BEFORE_SPRING, zone=LONDON, repeats=True)
    later = BEFORE_SPRING + timedelta(days=3, minutes=10)
    following = found.following(later, LONDON)
    assert following is not None
    assert (following.due, following.number) == (BEFORE_SPRING + timedelta(days=3, hours=1), 73)
    assert schedule("R3/PT1H", now=BEFORE_SPRING, zone=LONDON, repeats=True).following(later, LONDON) is None


@given(
    period=st.sampled_from(["PT1S", "PT7M", "P1D", "P3DT5H", "P1M", "P1Y2M3DT4H", "P1W"]),
    asleep=st.timedeltas(timedelta(0), timedelta(days=4000)),
)
def test_skipping_ahead_lands_where_counting_would(period: str, asleep: timedelta) -> None:
    first = schedule(f"R/{period}", now=BEFORE_SPRING, zone=LONDON, repeats=True)
    now = first.due + asleep
    found = first.following(now, LONDON)
    assert found is not None and found.period is not None
    assert found.due > now
    assert found.period.after(BEFORE_SPRING, LONDON, found.number - 1) <= now


@given(st.integers(0, 9999), st.integers(0, 99_999), st.integers(0, 999_999), st.integers(0, 9_999_999))
def test_any_period_reads_back(years: int, months: int, days: int, hours: int) -> None:
    period = parse_period(f"P{years}Y{months}M{days}DT{hours}H")
    assert period is not None
    assert (period.months, period.days, period.seconds) == (years * 12 + months, days, hours * 3600)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("P3D", True),
        ("R3/PT1H", True),
        ("2026-06-04", True),
        ("2026-06-04T09:00:00", True),
        ("review_on", False),
        ("P", False),
        ('duration("P1D")', False),
        ("${due}", False),
    ],
)
def test_plain_iso_text_is_told_from_expressions(text: str, iso: bool) -> None:
    assert is_iso(text) is iso
