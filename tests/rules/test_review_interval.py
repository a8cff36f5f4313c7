"""The review interval table answers everything, within what each authority publishes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.dmn import DecisionModel, DecisionResult
from engine.feel import Environment, to_plain


def ask(model: DecisionModel, authority: str, held: int, outcome: str | None) -> DecisionResult:
    known = {"authority": authority, "reviews_held": held, "outcome": outcome}
    return model.evaluate("review_interval", known, Environment())


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
    authority=st.text(max_size=5) | st.sampled_from([*PUBLISHED, "barnet"]),
    held=st.integers(0, 50),
    outcome=st.none() | st.text(max_size=3) | st.sampled_from(["better", "same", "worse"]),
)
def test_there_is_always_an_answer(
    review_interval: DecisionModel, authority: str, held: int, outcome: str | None
) -> None:
    result = ask(review_interval, authority, held, outcome)
    assert 4 <= int(to_plain(result.value)) <= 12
    assert result.warnings == ()
