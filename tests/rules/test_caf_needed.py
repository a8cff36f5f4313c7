"""Every row of the table behind the pre-assessment checklist, and an answer for all of its 4,374 sets of answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.dmn import DecisionModel, DecisionResult
from engine.feel import Environment, to_plain

RuleIds = Callable[[DecisionModel, str], set[str]]
AREAS = ("healthy", "safe", "learning", "positive_impact", "free_from_poverty")
WELL = dict.fromkeys(AREAS, "yes") | {"services_needed": "no", "can_provide": "yes", "harm_suspected": "no"}
NEED = {"learning": "no", "services_needed": "yes"}
ROWS: list[tuple[dict[str, Any], str, str]] = [
    # answers apart from those of a child who is well, route, row
    ({}, "not_needed", "going_well"),
    ({"can_provide": "no"}, "not_needed", "going_well"),
    ({"harm_suspected": "yes"}, "safeguarding", "harm_suspected"),
    ({"harm_suspected": "yes", "safe": "no"}, "safeguarding", "harm_suspected"),
    ({"safe": "no"}, "safeguarding", "not_safe"),
    ({"safe": "not_sure"}, "caf", "not_sure_of_the_child"),
    ({"healthy": "no"}, "single_agency", "needs_without_services"),
    ({"healthy": "no", "learning": "no"}, "single_agency", "needs_without_services"),
    (NEED | {"can_provide": "yes"}, "single_agency", "own_agency"),
    ({"services_needed": "yes", "can_provide": "yes"}, "single_agency", "own_agency"),
    (NEED | {"can_provide": "no"}, "caf", "others_needed"),
    ({"services_needed": "yes", "can_provide": "no"}, "caf", "others_needed"),
    (NEED | {"can_provide": "yes", "healthy": "not_sure"}, "caf", "not_sure_of_the_child"),
    ({"free_from_poverty": "not_sure"}, "caf", "not_sure_of_the_child"),
    ({"positive_impact": None}, "caf", "not_sure_of_the_child"),
    (NEED | {"can_provide": "not_sure"}, "caf", "not_sure_of_services"),
    (NEED | {"can_provide": None}, "caf", "not_sure_of_services"),
    ({"services_needed": "not_sure"}, "caf", "not_sure_of_services"),
    ({"services_needed": None}, "caf", "not_sure_of_services"),
]
ANSWERS = st.fixed_dictionaries(
    {name: st.sampled_from(["yes", "no", "not_sure", None]) for name in WELL if name != "harm_suspected"}
    | {"harm_suspected": st.sampled_from(["yes", "no", None])}
)


def ask(model: DecisionModel, answers: dict[str, Any]) -> DecisionResult:
    result = model.evaluate("caf_needed", WELL | answers, Environment())
    assert result.warnings == ()
    return result


@pytest.mark.parametrize(("answers", "route", "rule"), ROWS)
def test_row(caf_needed: DecisionModel, answers: dict[str, Any], route: str, rule: str) -> None:
    result = ask(caf_needed, answers)
    assert (to_plain(result.value)["caf_route"], [row.rule for row in result.matched]) == (route, [rule])


def test_every_row_was_asked_for(caf_needed: DecisionModel, rule_ids: RuleIds) -> None:
    assert rule_ids(caf_needed, "caf_needed") == {rule for _, _, rule in ROWS}


@given(ANSWERS)
def test_there_is_always_an_answer_and_a_reason(caf_needed: DecisionModel, answers: dict[str, Any]) -> None:
    said = to_plain(ask(caf_needed, answers).value)
    assert said["caf_route"] in {"caf", "single_agency", "not_needed", "safeguarding"}
    assert said["caf_reason"].endswith(".")


@given(ANSWERS)
def test_harm_takes_the_safeguarding_route_and_nothing_else_does(
    caf_needed: DecisionModel, answers: dict[str, Any]
) -> None:
    harm = answers["harm_suspected"] == "yes" or answers["safe"] == "no"
    assert (to_plain(ask(caf_needed, answers).value)["caf_route"] == "safeguarding") is harm


@given(ANSWERS)
def test_a_doubt_never_ends_in_nothing(caf_needed: DecisionModel, answers: dict[str, Any]) -> None:
    route = to_plain(ask(caf_needed, answers).value)["caf_route"]
    if any(answers[area] not in ("yes", "no") for area in AREAS):
        assert route in {"caf", "safeguarding"}
    if route == "not_needed":
        assert {answers[area] for area in AREAS} == {"yes"}
