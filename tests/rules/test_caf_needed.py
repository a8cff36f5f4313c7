"""The table behind the pre-assessment checklist answers each of the 4,374 sets of answers, and none of them badly."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.dmn import DecisionModel, DecisionResult
from engine.feel import Environment, to_plain

AREAS = ("healthy", "safe", "learning", "positive_impact", "free_from_poverty")
WELL = dict.fromkeys(AREAS, "yes") | {"services_needed": "no", "can_provide": "yes", "harm_suspected": "no"}
ANSWERS = st.fixed_dictionaries(
    {name: st.sampled_from(["yes", "no", "not_sure", None]) for name in WELL if name != "harm_suspected"}
    | {"harm_suspected": st.sampled_from(["yes", "no", None])}
)


def ask(model: DecisionModel, answers: dict[str, Any]) -> DecisionResult:
    result = model.evaluate("caf_needed", WELL | answers, Environment())
    assert result.warnings == ()
    return result


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
