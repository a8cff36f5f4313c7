"""The authority's own word for the team round a child."""

from __future__ import annotations

import pytest

from engine.casework.terms import localised, term_of


@pytest.mark.parametrize(
    ("text", "term", "said"),
    [
        ("Hold the TAC meeting", "TAF", "Hold the TAF meeting"),
        ("Hold the TAC meeting", "TAC", "Hold the TAC meeting"),
        ("Team around the child (TAC)", "TAYP", "Team around the young person (TAYP)"),
        ("Ask the team around the child.", "TAF", "Ask the team around the family."),
        ("Ask the team around the child.", "Circle", "Ask the team around the child."),
        ("TACT and tac stay", "TAF", "TACT and tac stay"),
        ("", "TAF", ""),
        ("Both TACs, the TAC's notes", "TAF", "Both TAFs, the TAF's notes"),
        (
            "Teams around the child; their team around the child's day",
            "TAF",
            "Teams around the family; their team around the family's day",
        ),
        ("Teams around the children", "TAYP", "Teams around the young people"),
        ("Team Around The Child", "TAYP", "Team Around The Young Person"),
        ("a TAC_file and an ATAC", "TAF", "a TAC_file and an ATAC"),
    ],
)
def test_a_text_says_the_local_term(text: str, term: str, said: str) -> None:
    assert localised(text, term) == said


def test_without_one_the_national_term_stands() -> None:
    assert (term_of({}), term_of({"meeting_term": ""}), term_of({"meeting_term": "TAF"})) == ("TAC", "TAC", "TAF")
