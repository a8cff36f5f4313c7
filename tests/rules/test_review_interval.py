"""Every row of the review interval table, and an answer for everything."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.dmn import DecisionModel, DecisionResult
from engine.feel import Environment, to_plain

RuleIds = Callable[[DecisionModel, str], set[str]]
ROWS = [
    ("sefton", 0, None, 6, "sefton_first"),
    ("sefton", 1, "better", 12, "sefton_later"),
    ("sefton", 2, "same", 12, "sefton_later"),
    ("sefton", 1, "worse", 6, "sefton_worse"),
    ("sefton", 0, "worse", 6, "sefton_first"),
    ("lewisham", 0, None, 6, "six_weekly"),
    ("derbyshire", 4, "better", 6, "six_weekly"),
    ("trafford", 1, "better", 8, "trafford_better"),
    ("trafford", 1, "same", 6, "trafford"),
    ("worcestershire", 1, "better", 12, "worcestershire_better"),
    ("worcestershire", 0, None, 6, "worcestershire"),
    ("salford", 1, "worse", 4, "salford_worse"),
    ("salford", 1, "better", 12, "salford_better"),
    ("salford", 0, "worse", 8, "salford"),
    ("salford", 1, "same", 8, "salford"),
    ("devon", 3, "worse", 12, "devon"),
    ("barnet", 0, None, 6, "first_review"),
    ("barnet", 0, "worse", 6, "first_review"),
    ("barnet", 1, "worse", 4, "worse"),
    ("barnet", 2, "worse", 4, "worse"),
    ("barnet", 1, "better", 8, "better"),
    ("barnet", 1, "same", 6, "otherwise"),
    ("barnet", 1, None, 6, "otherwise"),
]


def ask(model: DecisionModel, authority: str, held: int, outcome: str | None) -> DecisionResult:
    known = {"authority": authority, "reviews_held": held, "outcome": outcome}
    return model.evaluate("review_interval", known, Environment())


@pytest.mark.parametrize(("authority", "held", "outcome", "weeks", "rule"), ROWS)
def test_row(
    review_interval: DecisionModel, authority: str, held: int, outcome: str | None, weeks: int, rule: str
) -> None:
    result = ask(review_interval, authority, held, outcome)
    assert (to_plain(result.value), [row.rule for row in result.matched]) == (weeks, [rule])
    assert result.warnings == ()


def test_every_row_was_asked_for(review_interval: DecisionModel, rule_ids: RuleIds) -> None:
    assert rule_ids(review_interval, "review_interval") == {row[4] for row in ROWS}


PUBLISHED = {
    "sefton": (1, 12), "lewisham": (6, 6), "derbyshire": (6, 6), "trafford": (6, 8), "worcestershire": (6, 12),
    "salford": (4, 12), "devon": (12, 12),
}  # fmt: skip
"""The fewest and most weeks that each authority publishes; Sefton only the most."""


@given(
    authority=st.sampled_from(sorted(PUBLISHED)),
    held=st.integers(0, 50),
    outcome=st.none() | st.sampled_from(["better", "same", "worse"]),
)
def test_no_answer_is_outside_what_an_authority_publishes(
    review_interval: DecisionModel, authority: str, held: int, outcome: str | None
) -> None:
    fewest, most = PUBLISHED[authority]
    assert fewest <= int(to_plain(ask(review_interval, authority, held, outcome).value)) <= most


@given(authority=st.sampled_from([*PUBLISHED, "barnet"]), held=st.integers(1, 50))
def test_worse_is_never_later_than_better(review_interval: DecisionModel, authority: str, held: int) -> None:
    worse, same, better = (
        to_plain(ask(review_interval, authority, held, outcome).value) for outcome in ("worse", "same", "better")
    )
    assert worse <= same <= better


@given(
    authority=st.text(max_size=5) | st.sampled_from([row[0] for row in ROWS]),
    held=st.integers(0, 50),
    outcome=st.none() | st.text(max_size=3) | st.sampled_from(["better", "same", "worse"]),
)
def test_there_is_always_an_answer(
    review_interval: DecisionModel, authority: str, held: int, outcome: str | None
) -> None:
    result = ask(review_interval, authority, held, outcome)
    assert 4 <= int(to_plain(result.value)) <= 12
    assert result.warnings == ()
