"""Every row of the overlap table, an answer for any two services, and the same answer the other way round."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.dmn import DecisionModel, DecisionResult
from engine.feel import Environment, to_plain

RuleIds = Callable[[DecisionModel, str], set[str]]
KINDS = [
    "health", "speech_language", "emotional", "behaviour", "self_care", "learning", "attendance", "parenting",
    "family_support", "relationships", "youth_work", "housing", "work", "money",
]  # fmt: skip
ROWS = [
    # help, other help, same agency, same person, overlap, row
    ("parenting", "parenting", True, True, "none", "one_agency"),
    ("tea", "parenting", False, True, "not_known", "first_not_known"),
    (None, "parenting", False, True, "not_known", "first_not_known"),
    ("parenting", None, False, True, "not_known", "second_not_known"),
    ("money", "money", False, True, "same", "same_help_same_person"),
    ("money", "money", False, False, "near", "same_help_two_people"),
    ("parenting", "behaviour", False, True, "near", "around_parenting"),
    ("family_support", "parenting", False, False, "near", "around_parenting"),
    ("emotional", "youth_work", False, True, "near", "around_feelings"),
    ("attendance", "learning", False, True, "near", "around_learning"),
    ("learning", "speech_language", False, True, "near", "around_learning"),
    ("speech_language", "health", False, True, "near", "around_health"),
    ("housing", "money", False, True, "near", "around_money"),
    ("housing", "health", False, True, "none", "different_help"),
    ("parenting", "emotional", False, True, "none", "different_help"),
]
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


@pytest.mark.parametrize(("help_", "other", "agency", "person", "overlap", "rule"), ROWS)
def test_row(
    service_overlap: DecisionModel, help_: str | None, other: str | None, agency: bool, person: bool, overlap: str,
    rule: str,
) -> None:  # fmt: skip
    first = {"help": help_, "agency": "clinic", "person": "child"}
    second = {"help": other, "agency": "clinic" if agency else "school", "person": "child" if person else "mother"}
    result = ask(service_overlap, first, second)
    assert (to_plain(result.value)["overlap"], [row.rule for row in result.matched]) == (overlap, [rule])


def test_every_row_was_asked_for(service_overlap: DecisionModel, rule_ids: RuleIds) -> None:
    assert rule_ids(service_overlap, "service_overlap") == {row[5] for row in ROWS}


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


def test_agencies_that_are_not_known_are_not_the_same(service_overlap: DecisionModel) -> None:
    nobody = {"help": "money", "agency": None, "person": "mother"}
    assert to_plain(ask(service_overlap, nobody, nobody).value)["overlap"] == "same"
