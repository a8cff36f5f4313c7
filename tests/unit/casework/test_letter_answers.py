"""Where a letter says an answer: whole lines for short words, anywhere for long ones; and another put in its place."""

from __future__ import annotations

from datetime import date

import pytest

from engine.casework.letter_answers import put, says, takes_the_place

LONG = "Since her gran died Sam has hardly spoken at school."
LETTER = f"Dear Jo,\n\nWhat is needed:\nSleep\n\nHow the child develops:\nSleeps badly. {LONG} No more.\n\nNo\n"
REVIEWED = "Dear Jo,\n\nThings are better for your family.\n\nThings are better at school, says Jo.\n"


@pytest.mark.parametrize(
    ("name", "answer", "said"),
    [
        ("needs", "Sleep", True),
        ("needs", "Sleeps", False),
        ("needs", "No", True),
        ("needs", "N", False),
        ("needs", "", False),
        ("development", f"  {LONG.replace(' died', '  died')} ", True),
    ],
)
def test_what_a_letter_says(name: str, answer: str, said: bool) -> None:
    assert says(LETTER, name, answer) is said


@pytest.mark.parametrize(
    ("was", "now", "line"),
    [
        ("Sleep", "Sleep and school", "What is needed:\nSleep and school\n"),
        ("Sleep", "School\nSleep", "What is needed:\nSchool\nSleep\n"),
        ("Sleep", r"\1 & school", "What is needed:\n\\1 & school\n"),
        (LONG, f"{LONG} It was in May.", f"{LONG} It was in May. No more."),
        (LONG, "In May her gran died.", "Sleeps badly. In May her gran died. No more."),
    ],
)
def test_an_answer_is_put_in_once_however_often(was: str, now: str, line: str) -> None:
    once = put(LETTER, "needs", was, now)
    assert line in once and "Sleeps badly." in once
    assert put(once, "needs", was, now) == once


def test_an_answer_is_made_shorter_and_nothing_is_put_where_nothing_was() -> None:
    longer = put(LETTER, "needs", "Sleep", "Sleep and school")
    assert put(longer, "needs", "Sleep and school", "Sleep") == LETTER
    assert put(LETTER, "parenting", "", "They manage") == LETTER
    assert put(LETTER, "parenting", "They manage", "They do not") == LETTER


def test_how_things_are_is_said_in_the_words_of_the_letter() -> None:
    assert says(REVIEWED, "outcome", "better") and not says(REVIEWED, "outcome", "worse")
    worse = put(REVIEWED, "outcome", "better", "worse")
    assert "Things are worse for your family." in worse and "Things are better at school" in worse


def test_a_new_letter_says_which_one_it_takes_the_place_of() -> None:
    said = takes_the_place(LETTER, date(2026, 3, 4))
    assert said.startswith("Dear Jo,\n\nWe have corrected something in what you had from us on 4 March 2026.")
    assert said.endswith(LETTER.removeprefix("Dear Jo,"))
