"""What letters to a family say of the day on which plan or help is looked at again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from engine.casework import letter_templates
from engine.casework.family_letters import Occasion, Reader, invitation, notes, plan

TODAY = date(2026, 3, 17)
ABOUT = Occasion(on=TODAY, at=None, place="", agenda="", lead="Hana Moore", answer_to="ring 01632 960001")


@pytest.mark.parametrize(
    ("next_on", "said"),
    [
        (TODAY + timedelta(days=1), "again on Wednesday 18 March 2026."),
        (TODAY, "again on Tuesday 17 March 2026."),
        (TODAY - timedelta(days=1), "again as soon as a day is agreed."),
        (None, ""),
    ],
)
@pytest.mark.parametrize("part", ["", "how school goes"])
def test_a_letter_never_names_a_review_day_that_is_over(next_on: date | None, said: str, part: str) -> None:
    to = Reader(name="Ada Whitlock", part=part)
    for key, values in (
        ("plan", plan(to, ABOUT, aims=(), agreed=(), next_on=next_on)),
        ("notes", notes(to, ABOUT, said="", agreed=(), next_on=next_on)),
    ):
        letter = letter_templates.fill(key, letter_templates.usual(key), values)
        assert said in letter.body and ("look at it together" in letter.body) == (next_on is not None)
        assert "16 March" not in letter.body


@pytest.mark.parametrize(
    ("agenda", "said"),
    [
        ("Mornings", "What it is about: Mornings. You speak first"),
        ("How are mornings? ", "What it is about: How are mornings? You speak first"),
        ("", "who will do what by when. You speak first"),
    ],
)
def test_what_a_meeting_is_about_is_a_sentence_of_its_own(agenda: str, said: str) -> None:
    about = replace(ABOUT, at=time(10), agenda=agenda)
    assert any(said in text for text in invitation(Reader(name="Ada Whitlock", part=""), about).values())
