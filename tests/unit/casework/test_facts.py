"""The ages a decision sees, day by day, and the stored form of the raw facts."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.calendar import WorkingCalendar
from engine.casework.facts import FACT_NAMES, FACTS, RecordedFacts, derive
from engine.errors import Invalid

CALENDAR = WorkingCalendar("england-and-wales")
OPENED = date(2026, 1, 5)
"""A Monday."""


def facts_on(today: date, **recorded: Any) -> dict[str, Any]:
    values: dict[str, Any] = {"authority": "barnet", "opened_on": OPENED} | recorded
    return derive(RecordedFacts(**values), today=today, calendar=CALENDAR)


def test_every_fact_of_the_catalogue_and_no_other_is_given() -> None:
    assert set(facts_on(OPENED)) == set(FACT_NAMES)


def test_values_have_the_catalogue_s_types() -> None:
    types = {"string": str, "number": int, "date": date, "boolean": bool}
    facts = facts_on(date(2026, 6, 1), lead_professional="p1", next_review_on=date(2026, 5, 1))
    assert not {name for name, value in facts.items() if value is not None and type(value) is not types[FACTS[name]]}


@pytest.mark.parametrize(
    ("today", "recorded", "expected"),
    [
        # an open assessment ages from its start, a finished one does not
        (date(2026, 1, 19), {"assessment_started_on": OPENED}, {"assessment_days": 10}),
        (date(2026, 1, 20), {"assessment_started_on": OPENED}, {"assessment_days": 11}),
        (
            date(2026, 2, 16),
            {"assessment_started_on": OPENED, "assessment_completed_on": OPENED},
            {"assessment_days": 0, "days_since_assessment": 30, "weeks_since_assessment": 6},
        ),
        (date(2026, 2, 15), {"assessment_completed_on": OPENED}, {"weeks_since_assessment": 5}),
        # the first TAC meeting ends the waiting
        (
            date(2026, 2, 16),
            {"assessment_completed_on": OPENED, "first_tac_on": OPENED, "first_tac_held_on": date(2026, 1, 6)},
            {"days_since_assessment": 0, "weeks_since_assessment": 0, "tac_date_fixed": True, "tac_held": True},
        ),
        # consent for a time: its last day is a day of it, and nothing counts while it has no end
        (OPENED, {"consent": "given"}, {"consent_has_end": False, "days_to_consent_end": 0, "consent_lapsed_days": 0}),
        (
            date(2026, 1, 15),
            {"consent": "limited", "consent_until_on": date(2026, 1, 16)},
            {"consent_has_end": True, "days_to_consent_end": 1, "consent_lapsed_days": 0},
        ),
        (date(2026, 1, 16), {"consent_until_on": date(2026, 1, 16)}, {"days_to_consent_end": 0}),
        (date(2026, 1, 19), {"consent_until_on": date(2026, 1, 16)}, {"days_to_consent_end": -1}),
        (
            date(2026, 1, 19),
            {"consent": "lapsed", "consent_lapsed_since": OPENED},
            {"consent_has_end": False, "consent_lapsed_days": 10},
        ),
        # a review due on Easter Monday may still be held on Tuesday
        (
            date(2026, 4, 7),
            {"next_review_on": date(2026, 4, 6)},
            {"review_overdue_days": 0, "days_to_review": -1, "reviews_missed": 0},
        ),
        (
            date(2026, 4, 8),
            {"next_review_on": date(2026, 4, 6), "reviews_missed": 1},
            {"review_overdue_days": 1, "reviews_missed": 2},
        ),
        (date(2026, 4, 2), {"next_review_on": date(2026, 4, 7)}, {"days_to_review": 1, "review_overdue_days": 0}),
        (OPENED, {}, {"review_date_set": False, "days_to_review": 0, "review_overdue_days": 0, "reviews_missed": 0}),
        (OPENED, {"next_review_on": OPENED, "plan_agreed_on": OPENED}, {"review_date_set": True, "plan_agreed": True}),
        (OPENED, {"invitations_sent_on": OPENED}, {"invitations_sent": True}),
        # outcomes are met only when there were some
        (OPENED, {}, {"outcomes_met": False}),
        (OPENED, {"outcomes_open": 0}, {"outcomes_met": True}),
        (OPENED, {"outcomes_open": 1}, {"outcomes_met": False}),
        # actions
        (
            date(2026, 3, 9),
            {"open_actions_due": (date(2026, 3, 9), date(2026, 3, 2), date(2026, 3, 6))},
            {"open_actions": 3, "overdue_actions": 2, "oldest_action_overdue_days": 5},
        ),
        (OPENED, {}, {"open_actions": 0, "overdue_actions": 0, "oldest_action_overdue_days": 0}),
        # people
        (date(2026, 1, 20), {"lead_vacant_since": OPENED}, {"days_without_lead": 11, "lead_vacant": True}),
        (date(2026, 1, 20), {"lead_absent_since": OPENED}, {"days_without_lead": 11, "lead_vacant": False}),
        # whoever leads in between leads on the last day they were named for, and not after it
        (OPENED, {"interim_until_on": OPENED}, {"days_without_lead": 0, "lead_vacant": False}),
        (date(2026, 1, 6), {"interim_until_on": OPENED}, {"days_without_lead": 1, "lead_vacant": True}),
        (
            date(2026, 1, 20),
            {"interim_until_on": date(2026, 1, 16), "lead_absent_since": OPENED},
            {"days_without_lead": 11, "lead_vacant": True},
        ),
        (date(2026, 1, 20), {"interim_until_on": date(2026, 1, 21)}, {"days_without_lead": 0, "lead_vacant": False}),
        # named again for longer, the time in between began no later
        (
            date(2026, 1, 20),
            {"interim_until_on": date(2026, 1, 30), "interim_first_until_on": OPENED},
            {"days_without_lead": 11, "lead_vacant": True},
        ),
        (
            date(2026, 1, 20),
            {"lead_vacant_since": date(2026, 1, 19), "interim_first_until_on": OPENED},
            {"days_without_lead": 11, "lead_vacant": True},
        ),
        (OPENED, {}, {"days_without_lead": 0, "manager_stage_days": 0, "days_silent": 0}),
        (date(2026, 1, 19), {"manager_stage_since": OPENED}, {"manager_stage_days": 10}),
        (OPENED, {}, {"lead_declined": False, "lead_declined_days": 0, "disagreement_days": 0}),
        (date(2026, 1, 6), {"lead_declined_since": OPENED}, {"lead_declined": True, "lead_declined_days": 1}),
        (
            date(2026, 1, 8),
            {"disagreement_stage": "practitioners", "disagreement_since": OPENED},
            {"disagreement_days": 3, "disagreement_stage": "practitioners"},
        ),
        # silence runs from the last news, else from the plan, else from the start
        (date(2026, 2, 2), {}, {"days_silent": 20}),
        (date(2026, 2, 2), {"plan_agreed_on": date(2026, 1, 26)}, {"days_silent": 5}),
        (
            date(2026, 2, 2),
            {"plan_agreed_on": OPENED, "last_progress_on": date(2026, 1, 30)},
            {"days_silent": 1},
        ),
        # nothing is older than nought when a date lies ahead
        (OPENED, {"assessment_started_on": date(2026, 2, 2)}, {"assessment_days": 0}),
    ],
)
def test_ages(today: date, recorded: dict[str, Any], expected: dict[str, Any]) -> None:
    facts = facts_on(today, **recorded)
    assert {name: facts[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("last_review_on", "next_review_on", "passed"),
    [
        (None, None, False),
        (date(2026, 2, 27), None, False),  # held before the action fell due
        (date(2026, 3, 4), None, True),  # held after it
        (None, date(2026, 3, 8), True),  # fell due and went by
        (None, date(2026, 3, 9), False),  # today
        (None, date(2026, 3, 20), False),
    ],
)
def test_actions_overdue_past_a_review(
    last_review_on: date | None, next_review_on: date | None, passed: bool
) -> None:
    facts = facts_on(
        date(2026, 3, 9),
        open_actions_due=(date(2026, 3, 3),),
        last_review_on=last_review_on,
        next_review_on=next_review_on,
    )
    assert facts["actions_overdue_past_review"] is passed


@pytest.mark.parametrize(
    ("since", "today", "months"),
    [
        (date(2026, 1, 31), date(2026, 2, 28), 0),
        (date(2026, 1, 31), date(2026, 3, 1), 1),
        (date(2026, 1, 5), date(2027, 1, 4), 11),
        (date(2026, 1, 5), date(2027, 1, 5), 12),
        (date(2026, 1, 5), date(2026, 1, 1), 0),
    ],
)
def test_whole_months_open(since: date, today: date, months: int) -> None:
    assert facts_on(today, opened_on=since)["open_months"] == months


DATES = st.none() | st.dates(date(2024, 1, 1), date(2028, 1, 1))
RECORDED = st.builds(
    RecordedFacts,
    authority=st.just("barnet"),
    opened_on=st.dates(date(2024, 1, 1), date(2026, 1, 1)),
    lead_professional=st.none() | st.text(),
    open_actions_due=st.lists(st.dates(date(2024, 1, 1), date(2028, 1, 1)), max_size=5).map(tuple),
    outcomes_open=st.none() | st.integers(0, 9),
    reviews_held=st.integers(0, 9),
    **{field.name: DATES for field in fields(RecordedFacts) if field.type == "date | None"},
)


@given(RECORDED)
def test_stored_facts_come_back_equal_in_what_they_derive(recorded: RecordedFacts) -> None:
    restored = RecordedFacts.from_json(json.loads(json.dumps(recorded.as_json())))
    today = date(2026, 6, 1)
    assert restored.as_json() == recorded.as_json()
    assert derive(restored, today=today, calendar=CALENDAR) == derive(recorded, today=today, calendar=CALENDAR)


@given(RECORDED, st.dates(date(2024, 1, 1), date(2027, 1, 1)))
def test_numbers_and_booleans_are_never_null(recorded: RecordedFacts, today: date) -> None:
    facts = derive(recorded, today=today, calendar=CALENDAR)
    assert not [name for name in FACT_NAMES if FACTS[name] in ("number", "boolean") and facts[name] is None]


@given(RECORDED, st.dates(date(2024, 1, 1), date(2027, 1, 1)))
def test_waiting_a_day_never_makes_an_age_smaller(recorded: RecordedFacts, today: date) -> None:
    now = derive(recorded, today=today, calendar=CALENDAR)
    later = derive(recorded, today=today + timedelta(days=1), calendar=CALENDAR)
    falling = ("days_to_review", "days_to_consent_end")
    growing = [name for name in FACT_NAMES if FACTS[name] == "number" and name not in falling]
    assert not [name for name in growing if later[name] < now[name]]


def test_stored_facts_of_a_later_version_are_read() -> None:
    stored = RecordedFacts(authority="barnet", opened_on=OPENED).as_json() | {"not_yet_known": 1}
    assert RecordedFacts.from_json(stored) == RecordedFacts(authority="barnet", opened_on=OPENED)


@pytest.mark.parametrize("stored", [{}, {"authority": "barnet", "opened_on": "yesterday"}])
def test_unreadable_stored_facts_are_refused(stored: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="Stored facts"):
        RecordedFacts.from_json(stored)
