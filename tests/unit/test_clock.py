"""Clocks: aware instants in UTC, and a local day worked out from them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from engine.clock import FakeClock, SystemClock, local_day

LONDON = ZoneInfo("Europe/London")
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_the_machine_s_clock_is_in_utc() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)


def test_a_fake_clock_stands_still_until_it_is_moved() -> None:
    clock = FakeClock(NOON)
    assert clock.now() == clock.now() == NOON
    clock.advance(timedelta(days=1, minutes=5))
    assert clock.now() == datetime(2026, 6, 2, 12, 5, tzinfo=UTC)
    clock.set(NOON - timedelta(weeks=1))
    assert clock.now() == datetime(2026, 5, 25, 12, tzinfo=UTC)


def test_a_fake_clock_tells_utc_whatever_zone_it_was_set_in() -> None:
    clock = FakeClock(NOON.astimezone(timezone(timedelta(hours=5))))
    assert clock.now().tzinfo is UTC
    clock.set(datetime(2026, 6, 1, 13, tzinfo=LONDON))
    assert (clock.now(), clock.now().tzinfo) == (NOON, UTC)


def test_a_clock_refuses_an_instant_without_a_zone() -> None:
    naive = NOON.replace(tzinfo=None)
    with pytest.raises(ValueError, match="zone"):
        FakeClock(naive)
    with pytest.raises(ValueError, match="zone"):
        FakeClock(NOON).set(naive)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 6, 1, 22, 59, tzinfo=UTC), date(2026, 6, 1)),
        (datetime(2026, 6, 1, 23, 0, tzinfo=UTC), date(2026, 6, 2)),
        (datetime(2026, 1, 1, 23, 59, tzinfo=UTC), date(2026, 1, 1)),
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), date(2026, 3, 29)),
    ],
)
def test_the_local_day_changes_at_local_midnight(instant: datetime, day: date) -> None:
    assert local_day(instant, LONDON) == day
