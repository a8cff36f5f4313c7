"""The day on which a plan is next worth a look is never too late, and mostly exact."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.calendar import WorkingCalendar
from engine.casework.facts import FACT_NAMES, RecordedFacts, derive
from engine.casework.turning_days import DAILY, next_turn
from tests.unit.casework.test_facts import RECORDED

CALENDAR = WorkingCalendar(closures=frozenset({date(2026, 6, 3), date(2026, 6, 5)}))
HORIZON = 80
DAYS = st.dates(date(2025, 11, 1), date(2026, 7, 1))


def course(recorded: RecordedFacts, name: str, today: date) -> list[Any]:
    """Return what a fact is on each day from `today` to the horizon."""
    days = (today + timedelta(days=count) for count in range(HORIZON + 1))
    return [derive(recorded, today=day, calendar=CALENDAR)[name] for day in days]


def turn(recorded: RecordedFacts, today: date, **watched: Any) -> int | None:
    """Return in how many days the next turn is; None when it is past the horizon."""
    now = derive(recorded, today=today, calendar=CALENDAR)
    given_ = {"steps": {}, "whole": frozenset()} | watched
    day = next_turn(recorded, now, today=today, calendar=CALENDAR, **given_)
    return None if day is None or (day - today).days > HORIZON else (day - today).days


@given(RECORDED, DAYS, st.sampled_from(FACT_NAMES))
def test_the_first_change_of_any_fact_is_known_to_the_day(recorded: RecordedFacts, today: date, name: str) -> None:
    values = course(recorded, name, today)
    changed = next((day for day, value in enumerate(values) if value != values[0]), None)
    assert turn(recorded, today, whole={name}) == changed


@given(RECORDED, DAYS, st.sampled_from([*DAILY]), st.sets(st.integers(-12, 40), max_size=4).map(sorted))
def test_a_step_is_passed_on_the_day_it_is_said_to_be(
    recorded: RecordedFacts, today: date, name: str, steps: list[int]
) -> None:
    values = course(recorded, name, today)

    def side(value: int) -> int:
        return sum(value >= step for step in steps)

    if name in ("actions_overdue_past_review", "lead_vacant"):  # neither a number nor below or above one
        changed = next((day for day, value in enumerate(values) if value != values[0]), None)
    else:
        changed = next((day for day, value in enumerate(values) if side(value) != side(values[0])), None)
    assert turn(recorded, today, steps={name: tuple(steps)}) == changed


@given(RECORDED, DAYS, st.sets(st.sampled_from(FACT_NAMES)))
def test_of_several_facts_the_first_counts(recorded: RecordedFacts, today: date, names: set[str]) -> None:
    turns = [day for name in names if (day := turn(recorded, today, whole={name})) is not None]
    assert turn(recorded, today, whole=names) == min(turns, default=None)


def test_a_missed_review_is_missed_once() -> None:
    recorded = RecordedFacts(authority="barnet", opened_on=date(2025, 1, 6), next_review_on=date(2025, 6, 2))
    assert turn(recorded, date(2026, 6, 2), whole={"reviews_missed"}) is None


def test_what_nobody_looks_at_never_turns() -> None:
    recorded = RecordedFacts(authority="barnet", opened_on=date(2026, 1, 5), open_actions_due=(date(2026, 6, 9),))
    assert turn(recorded, date(2026, 6, 2)) is None
    assert turn(recorded, date(2026, 6, 2), steps={"overdue_actions": (5,)}) is None
