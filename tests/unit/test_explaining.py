"""Why a row matched, in a sentence: counted from when, which limit, which row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.calendar import WorkingCalendar
from engine.casework.counting import COUNTED, counted_from
from engine.casework.facts import FACTS, RecordedFacts, derive
from engine.casework.feel_functions import HOST_FUNCTIONS
from engine.dmn import DecisionModel, read_model
from engine.explaining import Setting, explained
from engine.rule_files import FileHost
from tests.small_files import rules, timescales
from tests.worlds import shipped_models

CALENDAR = WorkingCalendar()
TODAY = date(2026, 4, 17)
LIMITS = read_model(timescales(late_days=30, soon_days=20), name="timescales.dmn")


def sentences(model: DecisionModel, decision: str, inputs: Mapping[str, Any], **facts: Any) -> list[str]:
    host = FileHost(LIMITS)
    result = model.evaluate(decision, inputs, host.environment(None))
    return list(explained(model, decision, result, Setting(TODAY, CALENDAR, host.time_limit, {**inputs, **facts})))


def of_cell(cell: str, value: Any, name: str = "reviews_held", **facts: Any) -> str:
    source = rules("late", [name], ["who"], [[cell, '"lead"']])
    (said,) = sentences(read_model(source, name="late.dmn", functions=HOST_FUNCTIONS), "late", {name: value}, **facts)
    return said


@pytest.mark.parametrize(
    ("cell", "value", "said"),
    [
        ("> 2", 3, "reviews_held: 3, more than 2: row 1."), (">= 2", 3, "reviews_held: 3, at least 2: row 1."),
        ("< 5", 3, "reviews_held: 3, less than 5: row 1."), ("<= 5", 3, "reviews_held: 3, at most 5: row 1."),
        ("(2..5]", 3, "reviews_held: 3, more than 2 and at most 5: row 1."), ("3", 3, "reviews_held: 3: row 1."),
        ('> time limit("late_days")', 31, "reviews_held: 31, more than 30, the limit here: row 1."),
        ('[time limit("soon_days")..time limit("late_days"))', 25,
         "reviews_held: 25, at least 20 and less than 30, the limits here: row 1."),
        ('[2..time limit("late_days"))', 25, "reviews_held: 25, at least 2 and less than 30, the limit here: row 1."),
        ("not(> 5)", 3, "reviews_held: 3: row 1."), ("true", True, "reviews_held: yes: row 1."),
        ("false", False, "reviews_held: no: row 1."), ('"not_asked"', "not_asked", "reviews_held: not asked: row 1."),
        ("-", 3, "Nothing was asked: row 1."), ("null", None, "reviews_held: not known: row 1."),
    ],
)  # fmt: skip
def test_what_a_cell_asks_is_said_with_its_number(cell: str, value: Any, said: str) -> None:
    assert of_cell(cell, value) == said


def test_the_day_it_is_counted_from_is_said_only_when_the_sum_comes_out() -> None:
    met = {"assessment_completed_on": date(2026, 3, 3)}
    days = CALENDAR.working_days_between(date(2026, 3, 3), TODAY)
    said = of_cell('> time limit("late_days")', days, "days_since_assessment", **met)
    assert (days, said) == (
        31, "days_since_assessment: 31 since the assessment on 3 March, more than 30, the limit here: row 1."
    )  # fmt: skip
    assert "since" not in of_cell('> time limit("late_days")', 32, "days_since_assessment", **met).partition(": ")[2]
    last_year = of_cell("> 1", 13, "open_months", opened_on=date(2025, 3, 3))
    assert last_year.startswith("open_months: 13 since the case was opened on 3 March 2025, more than 1")


def test_the_shipped_rules_are_told_with_unit_row_and_source() -> None:
    model = read_model(shipped_models()["escalation.dmn"], name="escalation.dmn", functions=HOST_FUNCTIONS)
    timescale = read_model(shipped_models()["timescales.dmn"], name="timescales.dmn")
    inputs = {"closed": False, "weeks_since_assessment": 6, "assessment_completed_on": date(2026, 3, 3)}
    host = FileHost(timescale)
    result = model.evaluate("escalation", inputs, host.environment(None))
    (said,) = explained(model, "escalation", result, Setting(TODAY, CALENDAR, host.time_limit, inputs))
    assert said == (
        "Waiting for the first meeting: 6 weeks since the assessment on 3 March, at least 6, the limit here: "
        "row 5, Lewisham: the first meeting in 6 weeks."
    )


def test_every_age_is_a_number_among_the_facts() -> None:
    assert {FACTS[name] for name in COUNTED} == {"number"}


@given(days=st.lists(st.integers(0, 700), min_size=13, max_size=13), today=st.integers(0, 60))
def test_what_is_counted_is_what_the_facts_count(days: list[int], today: int) -> None:
    """Whatever day is told, counting from it gives the fact; ages with one source are always told."""
    now = TODAY + timedelta(days=today)
    dates = {name: now - timedelta(days=back) for name, back in zip(DATES, days, strict=False)}
    open_still = dict.fromkeys(("first_tac_held_on", "assessment_completed_on"))
    recorded = RecordedFacts(authority="barnet", **{**dates, **open_still})
    known = {each.name: getattr(recorded, each.name) for each in fields(recorded)}
    facts = derive(recorded, today=now, calendar=CALENDAR)
    for name, how in COUNTED.items():
        told = counted_from(name, facts[name], known, today=now, calendar=CALENDAR)
        if told is not None:
            assert how.count(CALENDAR, told[1], now) == facts[name]
    assert counted_from("assessment_days", facts["assessment_days"], known, today=now, calendar=CALENDAR) is not None


DATES = [each.name for each in fields(RecordedFacts) if each.name.endswith(("_on", "_since"))]
