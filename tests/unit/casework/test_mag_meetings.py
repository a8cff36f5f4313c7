"""The multi-agency groups of a profile, and the next of their meetings for which papers are in time."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from engine.calendar import WorkingCalendar
from engine.casework.profiles import Group, Meeting, check_profile, groups, next_meeting
from engine.errors import Invalid

CALENDAR = WorkingCalendar("england-and-wales")
PROFILE: dict[str, Any] = {
    "mags": ["East", {"name": "North", "meetings": ["2026-04-15", "2026-03-18"]}, {"name": "South", "meetings": []}]
}


def test_a_group_is_a_name_or_a_name_with_its_meetings() -> None:
    check_profile(PROFILE)
    assert groups(PROFILE) == [Group("East"), Group("North", (date(2026, 3, 18), date(2026, 4, 15))), Group("South")]
    assert groups({}) == []


@pytest.mark.parametrize(
    ("today", "meets_on"),
    [(date(2026, 3, 10), date(2026, 3, 18)), (date(2026, 3, 11), date(2026, 3, 18)),
     (date(2026, 3, 12), date(2026, 4, 15)), (date(2026, 4, 9), None)],
)  # fmt: skip
def test_the_next_meeting_is_the_first_whose_papers_are_not_yet_due(today: date, meets_on: date | None) -> None:
    found = next_meeting(PROFILE, calendar=CALENDAR, today=today, ahead=5)
    assert found == (Meeting("North", meets_on) if meets_on else None)


@pytest.mark.parametrize("wrong", ["North", [{"name": " "}], [{"name": "North", "meetings": ["soon"]}], [3]])
def test_other_shapes_are_refused(wrong: Any) -> None:
    with pytest.raises(Invalid, match="mags"):
        check_profile({"mags": wrong})
