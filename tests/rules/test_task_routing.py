"""Exactly one row for whoever is asked and however they are, and harm never waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.dmn import DecisionModel, DecisionResult
from engine.feel import to_plain
from tests.rules.conftest import Limits, environment

ROLES = ["lead_professional", "assessor", "member", "line_manager", "coordinator", "mag_member", "safeguarding_lead"]
PEOPLE = st.fixed_dictionaries(
    {
        "asked": st.sampled_from(ROLES),
        "availability": st.sampled_from(["here", "away", "left", "nobody", "no_account"]),
        "cover": st.booleans(),
        "days_away": st.integers(0, 60),
        "urgent": st.booleans(),
    }
)


@pytest.fixture(scope="session")
def route(task_routing: DecisionModel, timescales: DecisionModel) -> Callable[[dict[str, Any]], DecisionResult]:
    def ask(asked: dict[str, Any]) -> DecisionResult:
        who = None if asked["availability"] == "nobody" else "Hana Verity"
        known = {"cover": False, "days_away": 0, "urgent": False, "who": who, "until": " until 3 June"} | asked
        result = task_routing.evaluate("task_routing", known, environment(Limits(timescales)))
        assert result.warnings == ()
        return result

    return ask


Route = Callable[[dict[str, Any]], DecisionResult]


@given(PEOPLE)
def test_exactly_one_row_answers(route: Route, people: dict[str, Any]) -> None:
    assert len(route(people).matched) == 1


@given(PEOPLE)
def test_harm_never_waits_for_somebody_who_is_not_there(route: Route, people: dict[str, Any]) -> None:
    said = to_plain(route(people | {"urgent": True}).value)
    if people["availability"] != "here":
        assert said["ask"] != "same"
        assert said["tell"] == "safeguarding_leads"


@given(PEOPLE)
def test_nobody_who_has_left_is_asked(route: Route, people: dict[str, Any]) -> None:
    if people["availability"] in ("left", "nobody", "no_account"):
        assert to_plain(route(people).value)["ask"] not in ("same", "cover")


@given(PEOPLE)
def test_the_reason_is_a_sentence_after_because(route: Route, people: dict[str, Any]) -> None:
    reason = to_plain(route(people).value)["reason"]
    assert reason.endswith(".")
    assert ("Hana Verity" in reason) is (people["availability"] not in ("here", "nobody"))
