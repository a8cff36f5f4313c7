"""An answer for any two services, and the same answer the other way round."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.dmn import DecisionModel, DecisionResult
from engine.feel import Environment, to_plain

KINDS = [
    "health", "speech_language", "emotional", "behaviour", "self_care", "learning", "attendance", "parenting",
    "family_support", "relationships", "youth_work", "housing", "work", "money",
]  # fmt: skip
SERVICE = st.fixed_dictionaries(
    {
        "help": st.none() | st.text(max_size=3) | st.sampled_from(KINDS),
        "agency": st.sampled_from(["clinic", "school", "council", None]),
        "person": st.sampled_from(["child", "mother", None]),
    }
)


def ask(model: DecisionModel, first: dict[str, Any], second: dict[str, Any]) -> DecisionResult:
    known = {
        f"{which}_{name}": value
        for which, each in (("first", first), ("second", second))
        for name, value in each.items()
    }
    result = model.evaluate("service_overlap", known, Environment())
    assert result.warnings == ()
    return result


@given(SERVICE, SERVICE)
def test_there_is_always_an_answer_and_the_order_does_not_matter(
    service_overlap: DecisionModel, first: dict[str, Any], second: dict[str, Any]
) -> None:
    one, other = (
        to_plain(ask(service_overlap, first, second).value),
        to_plain(ask(service_overlap, second, first).value),
    )
    assert one["overlap"] in {"same", "near", "none", "not_known"}
    assert one == other


@given(SERVICE, SERVICE, st.sampled_from(KINDS))
def test_the_same_help_from_two_agencies_is_never_missed(
    service_overlap: DecisionModel, first: dict[str, Any], second: dict[str, Any], kind: str
) -> None:
    one, other = first | {"help": kind, "agency": "clinic"}, second | {"help": kind, "agency": "school"}
    same = first["person"] == second["person"]
    assert to_plain(ask(service_overlap, one, other).value)["overlap"] == ("same" if same else "near")
