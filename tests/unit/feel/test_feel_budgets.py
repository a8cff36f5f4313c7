"""What an expression may ask for has an end, and reaching it is an error in words, never a hang."""

from __future__ import annotations

import pytest

from engine.errors import BudgetExceeded
from engine.feel import Budget, Environment, compile_expression

TREE = "(for i in 1..60 return if i = 1 then [1] else [partial[-1], partial[-1]])"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("count(for i in 1..10000000 return i)", "range"),
        ("for i in 1..1e6000 return i", "range"),
        ("for i in 1..100000 return for j in 1..100000 return i * j", "steps"),
        ("some x in 1..100000 satisfies some y in 1..100000 satisfies false", "steps"),
        ("for i in 1..200000 return partial", "steps"),
        ("for i in 1..60 return if i = 1 then \"x\" else partial[-1] + partial[-1]", "string"),
        (f"{TREE} = {TREE}", "steps"),
        (f"is({TREE}, {TREE})", "steps"),
        (f"string({TREE})", "steps"),
        (f"flatten({TREE})", "steps"),
        (f"{TREE} in [{TREE}]", "steps"),
        (f"list contains([{TREE}], {TREE})", "steps"),
        (f"distinct values([{TREE}, {TREE}])", "steps"),
        ("{f: function(n) f(n + 1), r: f(1)}.r", "calls"),
        ("(function(f) f(f))(function(f) f(f))", "calls"),
        ("{f: function(n) if n < 2 then n else f(n - 1) + f(n - 2), r: f(60)}.r", "steps"),
        ("distinct values(for i in 1..100000 return [i])", "steps"),
        ("string(for i in 1..100000 return if i = 1 then [1] else [partial[-1]])", "calls"),
        ('matches("' + "a" * 300 + r'", "(a*)*(a*)*\1\2x")', "pattern"),
        ('matches("a", "' + "a" * 3000 + '")', "pattern"),
    ],
)  # fmt: skip
def test_overruns_say_what_was_too_much(text: str, what: str) -> None:
    with pytest.raises(BudgetExceeded) as overrun:
        compile_expression(text).evaluate()
    assert overrun.value.details["what"] == what


def test_a_budget_can_be_smaller() -> None:
    small = Budget(steps=50, range_size=10)
    assert compile_expression("count(for i in 1..10 return i)", budget=small).evaluate() == 10
    with pytest.raises(BudgetExceeded):
        compile_expression("count(for i in 1..11 return i)", budget=small).evaluate()


def test_each_evaluation_starts_with_a_full_budget() -> None:
    expression = compile_expression("count(for i in 1..10 return i)", budget=Budget(steps=60))
    assert [expression.evaluate() for _ in range(5)] == [10] * 5


def test_a_range_is_a_value_and_is_not_unfolded() -> None:
    assert compile_expression("5 in [1..1e30]").evaluate() is True


def test_warnings_are_bounded() -> None:
    environment = Environment()
    compile_expression("for i in 1..5000 return 1 + null").evaluate({}, environment)
    assert len(environment.warnings) == 100
