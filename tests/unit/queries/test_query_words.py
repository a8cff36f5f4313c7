"""Names, days and lists as sentences say them."""

from datetime import date

import pytest

from engine.queries import words
from engine.queries.event_sentences import CLOSED

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


def test_every_group_asked_is_named():
    assert words.groups(["coordinators"]) == "coordinators"
    assert words.groups(["mag_members", "coordinators"]) == "coordinators or MAG members"


def test_a_sentence_gets_its_capital_and_its_stop_once():
    assert words.sentence("late again") == "Late again."
    assert words.sentence("Is it late?") == "Is it late?"
    assert words.sentence("  ") == ""


def test_one_working_day_is_one():
    assert (words.working_days(1), words.working_days(2)) == ("1 working day", "2 working days")


def test_the_first_sentence_ends_at_its_stop():
    assert words.first_sentence("Meet them. They speak first.") == "Meet them."
    assert words.first_sentence("Meet them") == "Meet them"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (None, "none"),
        (True, "yes"),
        (12, "12"),
        ("2026-03-03", "3 March"),
        ("not_asked", "not asked"),
        (["given", "limited"], "given and limited"),
        ([], "none"),
        ("0192f0c1-2b3c-7d4e-8f90-a1b2c3d4e5f6", "somebody"),
    ],
)
def test_a_value_that_a_rule_looked_at_is_said_in_words(given, said):
    assert words.value(given, today=TODAY) == said


@pytest.mark.parametrize("reason", CLOSED)
def test_a_reason_at_the_beginning_of_a_line_keeps_its_capitals(reason):
    said = words.capital(CLOSED[reason])
    assert said[0].isupper() and ("CAF" in said) is ("CAF" in CLOSED[reason])
