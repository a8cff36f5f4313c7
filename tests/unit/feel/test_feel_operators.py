"""Arithmetic, comparison and logic, with null where kinds do not go together."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.feel import compile_expression
from tests.unit.feel.feel_asking import ask, codes


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1 + 0.2", "0.3"),
        ("0.1 + 0.2 = 0.3", "true"),
        ("1 / 3", "0." + "3" * 34),
        ("2 / 3", "0." + "6" * 33 + "7"),
        ("1e30 + 1", "1" + "0" * 29 + "1"),
        ("9 ** 0.5", "3"),
        ("2 ** -1", "0.5"),
        ('"a" + "b"', '"ab"'),
        ("1 + null", "null"),
        ('1 + "1"', "null"),
        ("true + 1", "null"),
        ("1 / 0", "null"),
        ("0 ** -1", "null"),
        ("(-8) ** 0.5", "null"),
        ("1e6000 * 1e6000", "null"),
        ('-"a"', "null"),
        ("-null", "null"),
    ],
)
def test_arithmetic(text: str, value: str) -> None:
    assert ask(text) == value


def test_integers_and_floats_given_become_exact_decimals() -> None:
    expression = compile_expression("a + b", names=["a", "b"])
    assert expression.evaluate({"a": 1, "b": 0.1}) == Decimal("1.1")
    assert expression.evaluate({"a": True, "b": 1}) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 = 1.0", "true"),
        ("1 != 2", "true"),
        ('1 = "1"', "null"),
        ("true = 1", "null"),
        ("null = null", "true"),
        ("1 = null", "false"),
        ("null != 1", "true"),
        ("[1, [2]] = [1, [2]]", "true"),
        ("[1, 2] = [2, 1]", "false"),
        ("{a: 1, b: 2} = {b: 2, a: 1}", "true"),
        ("{a: 1} = {a: 2}", "false"),
        ("[1..2] = [1..2]", "true"),
        ("[1..2) = [1..2]", "false"),
        ("(< 2) = (< 2)", "true"),
        ("1 < 2", "true"),
        ('"a" < "b"', "true"),
        ("2 <= 2", "true"),
        ('1 < "2"', "null"),
        ("null < 1", "null"),
        ("[1] < [2]", "null"),
        ("true > false", "null"),
        ("5 between 1 and 5", "true"),
        ("5 between 6 and null", "null"),
    ],
)
def test_comparison(text: str, value: str) -> None:
    assert ask(text) == value


@pytest.mark.parametrize("left", ["true", "false", "null"])
@pytest.mark.parametrize("right", ["true", "false", "null"])
def test_logic_has_three_values(left: str, right: str) -> None:
    both = "false" if "false" in (left, right) else "null" if "null" in (left, right) else "true"
    either = "true" if "true" in (left, right) else "null" if "null" in (left, right) else "false"
    assert ask(f"{left} and {right}") == both
    assert ask(f"{left} or {right}") == either


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 in [2, 3, 1]", "true"),
        ("1 in (2, 3)", "false"),
        ("1 in < 10", "true"),
        ("1 in (< 0, > 0)", "true"),
        ("1 in [< 0, > 0]", "true"),
        ("5 in (5..6]", "false"),
        ("5 in ]4..5]", "true"),
        ("5 in [4..5[", "false"),
        ("5 in != 5", "false"),
        ('"b" in ["a".."c"]', "true"),
        ("[1, 2] in [[1, 2], [3]]", "true"),
        ("1 in [[0..2], [5..6]]", "true"),
        ("null in null", "true"),
        ("null in [1..2]", "null"),
        ("3 in (1 + 2)", "true"),
    ],
)
def test_in(text: str, value: str) -> None:
    assert ask(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 instance of number", "true"),
        ('"a" instance of string', "true"),
        ("null instance of Any", "false"),
        ("[1, 2] instance of list<number>", "true"),
        ('[1, "a"] instance of list<number>', "false"),
        ("[] instance of list<string>", "true"),
        ("{a: 1} instance of context<a: number>", "true"),
        ("{a: 1} instance of context<a: string>", "false"),
        ("{} instance of context<a: string>", "false"),
        ("[1..2] instance of range<number>", "true"),
        ('@"P1D" instance of days and time duration', "true"),
        ('@"P1Y" instance of days and time duration', "false"),
        ('@"2026-01-01T00:00:00" instance of date and time', "true"),
        ("abs instance of function<number> -> Any", "true"),
        ("(function(a: number) a) instance of function<number> -> Any", "true"),
        ("(function(a: number) a) instance of function<string> -> Any", "false"),
        ("(function(a) a) instance of function<> -> Any", "false"),
        ("1 instance of tUnheardOf", "null"),
    ],
)
def test_instance_of(text: str, value: str) -> None:
    assert ask(text) == value


def test_a_type_of_the_model_is_asked_by_name() -> None:
    types = {"tAge": lambda value: isinstance(value, Decimal) and 0 <= value < 18}
    assert compile_expression("7 instance of tAge", types=types).evaluate() is True
    assert compile_expression("[7, 30] instance of list<tAge>", types=types).evaluate() is False


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1 + null", "null-operand"),
        ('1 + "a"', "type-mismatch"),
        ("1 / 0", "arithmetic"),
        ("nobody", "unknown-name"),
        ("{a: 1}.b", "unknown-entry"),
        ("[1][2]", "out-of-range"),
        ("1(2)", "not-a-function"),
        ("abs(1, 2)", "arguments"),
        ('date("x")', "no-result"),
        ('@"x"', "bad-literal"),
        ("1 instance of tNone", "unknown-type"),
        ("{a: 1, a: 2}", "duplicate-entry"),
        ('matches("a", "(")', "pattern"),
        ("(function() external {})()", "external-function"),
    ],
)
def test_what_comes_to_null_leaves_a_warning(text: str, code: str) -> None:
    assert codes(text)[0] == code


@pytest.mark.parametrize(
    "text", ["1 + 1", "null = 1", "null or true", "[1][item > 5]", "count([])", "if null then 1 else 2"]
)
def test_what_is_in_order_leaves_none(text: str) -> None:
    assert codes(text) == []
