"""Names, days and lists as sentences say them."""

from datetime import date

import pytest

from engine.queries import words

TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("given", "family", "known", "said"),
    [
        ("Sam", "Whitlock", "", "Sam Whitlock"),
        ("Samuel", "Whitlock", "Sam", "Sam Whitlock"),
        ("", "Whitlock", "", "Whitlock"),
        ("", "", "", "Child not named yet"),
    ],
)
def test_a_child_is_called_what_people_call_them(given, family, known, said):
    assert words.child_name(given, family, known) == said


def test_a_day_has_its_year_only_when_it_is_another():
    assert words.day(date(2026, 6, 4), today=TODAY) == "4 June"
    assert words.day(date(2025, 6, 4), today=TODAY) == "4 June 2025"


def test_lists_are_joined_as_people_do():
    assert [words.listed(["a", "b", "c"][:count]) for count in range(4)] == ["", "a", "a and b", "a, b and c"]


def test_a_sentence_gets_its_capital_and_its_stop_once():
    assert words.sentence("late again") == "Late again."
    assert words.sentence("Is it late?") == "Is it late?"
    assert words.sentence("  ") == ""


def test_one_working_day_is_one():
    assert (words.working_days(1), words.working_days(2)) == ("1 working day", "2 working days")


def test_the_first_sentence_ends_at_its_stop():
    assert words.first_sentence("Meet them. They speak first.") == "Meet them."
    assert words.first_sentence("Meet them") == "Meet them"
