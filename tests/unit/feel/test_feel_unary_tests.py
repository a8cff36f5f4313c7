"""The cells of a decision table's inputs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from engine.feel import Environment, Session, compile_unary_tests, to_feel
from tests.unit.feel.feel_asking import passes


@pytest.mark.parametrize(
    ("cell", "value", "answer"),
    [
        ("-", 5, True),
        (" - ", None, True),
        ("5", 5, True),
        ("5", 6, False),
        ("5", 5.0, True),
        ("5", None, False),
        ('"a"', "a", True),
        ('"a", "b"', "b", True),
        ('"a", "b"', "c", False),
        ("1, 2", "1", None),
        ("not(1, 2)", 3, True),
        ("not(1, 2)", 2, False),
        ('not("a")', None, True),
        ("< 5", 4, True),
        ("< 5", 5, False),
        ("<= 5", 5, True),
        ("> 5, < 0", -1, True),
        ("= 5", 5, True),
        ("!= 5", 5, False),
        ("[1..5]", 1, True),
        ("(1..5]", 1, False),
        ("]1..5[", 5, False),
        ("[1..5), 9", 9, True),
        ("< 5", None, None),
        ("< 5", "a", None),
        ("[1..5]", "a", None),
        ("not(< 5)", None, None),
        ("true", True, True),
        ("true", False, False),
        ("false", False, True),
        ("true", None, False),
        ("null", None, True),
        ("null", 1, False),
        ("? > 3 and ? < 10", 5, True),
        ("? > 3 and ? < 10", 10, False),
        ("even(?)", 4, True),
        ("not(even(?))", 4, False),
        ('starts with(?, "S")', "Sam", True),
        ("limit", 30, True),
        ("> limit", 31, True),
        ("[limit..limit + 5]", 33, True),
        ("limit * 2", 60, True),
        ("limit > 10", "anything", True),
        ("limit > 100", "anything", False),
        ("[1, 2, 3]", 2, True),
        ("[1, 2, 3]", 4, False),
        ("[1, 2]", [1, 2], True),
        ("1", [1], True),
        ('list contains(?, "a")', ["a", "b"], True),
        ('@"2026-03-03"', date(2026, 3, 3), True),
        ('>= @"2026-03-03"', date(2026, 3, 2), False),
        ('[@"2026-01-01"..@"2026-12-31"]', date(2026, 6, 1), True),
        ('> duration("P1D")', "x", None),
        ("{a: 1}", {"a": 1}, True),
    ],
)
def test_cells(cell: str, value: Any, answer: bool | None) -> None:
    assert passes(cell, value, {"limit": 30}) is answer


def test_minus_before_a_number_is_no_hyphen() -> None:
    assert passes("-1", -1) is True
    assert passes("- 1", -1) is True


def test_a_cell_says_that_it_matches_always() -> None:
    assert compile_unary_tests("-").always
    assert not compile_unary_tests("5").always


def test_a_cell_knows_its_variables() -> None:
    assert compile_unary_tests("> a limit, b", names=["a limit", "b"]).names_used == {"a limit", "b"}


def test_many_cells_share_a_session() -> None:
    environment = Environment()
    session = Session({"limit": to_feel(3)}, environment)
    cell = compile_unary_tests("> limit", names=["limit"])
    other = compile_unary_tests("some x in ? satisfies x = limit", names=["limit"])
    assert cell.matches_in(session, Decimal(4)) is True
    assert other.matches_in(session, to_feel([1, 3])) is True
    assert cell.matches_in(session, Decimal(3)) is False
    assert environment.warnings == []


@pytest.mark.parametrize(
    "cell", ["not((0..3])", "not([1..4))", "not(]0..3])", "not((0..3], 3)", "not((0..4))", "not((0..2], [3..3])"]
)
def test_a_range_with_an_open_end_can_be_negated(cell: str) -> None:
    matched = [compile_unary_tests(cell).matches(value) for value in (0, 1, 2, 3, 4)]
    assert matched == [True, False, False, False, True]
