"""One row for each of them whatever is known, and the family's wishes first."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.dmn import DecisionModel
from engine.feel import Environment, to_plain

POINTS: dict[str, dict[str | None, int]] = {
    "family_wishes": {"wanted": 200, "accepted": 130, "no_view": 60, "not_wanted": 0, None: 60},
    "agency_involvement": {"most": 10, "some": 5, "little": 0, None: 0},
    "relationship": {"trusted": 10, "known": 5, "none": 0, None: 0},
    "capacity": {"ready": 10, "with_help": 5, "not_now": 0, None: 0},
    "facilitating": {"yes": 10, "with_help": 5, "no": 0, None: 0},
    "sharing": {"yes": 10, "with_help": 5, "no": 0, None: 0},
}
WISHES = ["wanted", "accepted", "no_view", "not_wanted"]
ANSWERS = st.fixed_dictionaries(
    {factor: st.sampled_from([*answers]) | st.text(max_size=3) for factor, answers in POINTS.items()}
)


def judged(model: DecisionModel, answers: dict[str, Any]) -> dict[str, dict[str, Any]]:
    result = model.evaluate("lead_professional", dict.fromkeys(POINTS) | answers, Environment())
    assert result.warnings == ()
    rows = to_plain(result.value)
    assert [row["factor"] for row in rows] == [*POINTS]
    return {row["factor"]: row for row in rows}


def score(model: DecisionModel, answers: dict[str, Any]) -> int:
    return sum(int(row["points"]) for row in judged(model, answers).values())


@given(ANSWERS)
def test_each_factor_is_explained_exactly_once(lead_professional: DecisionModel, answers: dict[str, Any]) -> None:
    assert all(row["reason"].endswith(".") for row in judged(lead_professional, answers).values())


@given(ANSWERS, ANSWERS, st.sampled_from([(0, 1), (1, 2), (2, 3)]))
def test_what_the_family_wishes_outweighs_all_the_rest(
    lead_professional: DecisionModel, one: dict[str, Any], other: dict[str, Any], wishes: tuple[int, int]
) -> None:
    more, less = (WISHES[wish] for wish in wishes)
    preferred = score(lead_professional, one | {"family_wishes": more})
    assert preferred > score(lead_professional, other | {"family_wishes": less})


@given(ANSWERS, st.sampled_from([*POINTS]))
def test_a_better_answer_never_lowers_the_score(
    lead_professional: DecisionModel, answers: dict[str, Any], factor: str
) -> None:
    scores = [score(lead_professional, answers | {factor: answer}) for answer in POINTS[factor] if answer]
    assert scores == sorted(scores, reverse=True)
