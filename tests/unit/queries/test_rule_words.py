"""Cells of decision tables in words."""

from decimal import Decimal

import pytest

from engine.errors import Invalid
from engine.queries.rule_words import Cell, answered, asked, value


def limits(name: str) -> Decimal:
    if name != "quiet_days":
        raise Invalid("no such limit")
    return Decimal(10)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("true", "yes"), ("null", "nothing"), ('"line_manager"', "line manager"), ("3", "3"), (">= 2", "at least 2"),
        ('"a", "b"', "a or b"), ('not("a")', "not a"), ("[1..3)", "at least 1 and less than 3"),
        ('> time limit("quiet_days")', "more than 10 (the limit “quiet days”)"), ('@"2026-03-02"', "2 March 2026"),
    ],
)  # fmt: skip
def test_what_a_simple_cell_asks_is_said_in_words(text: str, words: str) -> None:
    assert asked(text, limits) == Cell(words)


@pytest.mark.parametrize("text", ["? + 1 > a", "> other", '> time limit("unknown")', "not(a)", "1 +"])
def test_anything_else_is_shown_as_it_is_written(text: str) -> None:
    assert asked(text, limits) == Cell(text, is_code=True)


@pytest.mark.parametrize("text", ["", "-"])
def test_a_cell_that_takes_anything_asks_nothing(text: str) -> None:
    assert asked(text, limits) is None


def test_an_answer_is_a_value_or_an_expression() -> None:
    assert answered('"A whole sentence."') == Cell("A whole sentence.")
    assert answered('time limit("quiet_days")') == Cell('time limit("quiet_days")', is_code=True)
    assert answered("") == Cell("nothing")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('"Late by " + string(late_days) + (if late_days = 1 then " day" else " days") + "."',
         "Late by [late days] days."),
        ('who + (if why = "left" then " has left" else " is away")',
         "[who] [if why is left: has left; otherwise: is away]"),
        ('if paused then "wait" else if days > 3 then "start" else null',
         "wait if paused, otherwise start if days is more than 3, otherwise nothing"),
    ],
)  # fmt: skip
def test_a_sentence_that_is_put_together_is_read_as_one(text: str, said: str) -> None:
    assert answered(text) == Cell(said)


@pytest.mark.parametrize("text", ["days + 1", 'if f(x) then "a" else "b"', "[1, 2][1]", 'upper case("a") + who'])
def test_what_is_no_sentence_is_shown_as_it_is_written(text: str) -> None:
    assert answered(text) == Cell(text, is_code=True)


def test_a_limit_of_an_example_is_a_number_as_its_file_has_it() -> None:
    assert (value(3), value(2.5), value(Decimal("2.50")), value([1, "a_b"])) == ("3", "2.5", "2.50", "1 and a b")
