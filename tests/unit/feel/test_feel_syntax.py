"""Text to nodes: precedence, names of several words, comments, escapes, and what is refused and where."""

from __future__ import annotations

import pytest

from engine.errors import BudgetExceeded
from engine.feel import FeelSyntaxError, compile_expression, compile_unary_tests, to_plain
from tests.unit.feel.feel_asking import ask


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("10 - 5 - 3", "2"),
        ("100 / 10 / 5", "2"),
        ("2 ** 3 ** 2", "64"),
        ("-2 ** 2", "4"),
        ("1 - -2", "3"),
        ("--2", "2"),
        ("1 + 1 = 2 and 2 < 3 or false", "true"),
        ("true or true and false", "true"),
        ("1 between 0 and 2 and true", "true"),
        ("not(false) and true", "true"),
        ("if true then 1 else 2 + 3", "1"),
        ("-10 instance of number", "true"),
        (".5 + 1.", None),
        ("1.5e2", "150"),
        ("0.10", "0.1"),
        ("1 /* one */ + 2 // two", "3"),
        ("1 +\u00a02", "3"),
    ],
)
def test_operators_bind_as_the_grammar_says(text: str, value: str | None) -> None:
    if value is None:
        with pytest.raises(FeelSyntaxError):
            ask(text)
    else:
        assert ask(text) == value


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r'"a\"b"', 'a"b'),
        (r'"a\\b"', "a\\b"),
        (r'"\n\t\r"', "\n\t\r"),
        (r'"\u00e9"', "é"),
        (r'"\U01F40E"', "🐎"),
        (r'"\ud83d\udc0e"', "🐎"),
        (r'"\d+"', "\\d+"),
        ('"naïve 🐎"', "naïve 🐎"),
    ],
)
def test_escapes_in_strings(written: str, read: str) -> None:
    assert compile_expression(written).evaluate() == read


def test_a_name_with_spaces_and_symbols_is_read_from_the_scope() -> None:
    variables = {"plan": 10, "plan date - start": 3, "start": 4}
    assert ask("plan date - start", variables) == "3"
    assert ask("plan - start", variables) == "6"
    assert ask("plan  date  -start + 1", variables) == "4"


def test_the_longest_name_in_scope_wins() -> None:
    assert ask("days left + days", {"days": 1, "days left": 5}) == "6"


def test_a_variable_may_hide_a_built_in() -> None:
    assert ask("count + 1", {"count": 2}) == "3"
    assert ask("count([1, 1])", {"other": 2}) == "2"


def test_words_in_a_row_are_one_name_even_when_unknown() -> None:
    expression = compile_expression("family name")
    assert expression.names_used == {"family name"}
    assert expression.evaluate({"family name": "Okafor"}) == "Okafor"


def test_keys_with_spaces_are_known_after_a_dot_and_in_a_filter() -> None:
    assert ask("{start-date: 1, last name: 2}.last name") == "2"
    assert ask("[{a-b: 1}, {a-b: 2}][a-b = 2].a-b") == "[2]"


def test_loop_and_parameter_names_may_have_spaces() -> None:
    assert ask("for each action in [1, 2] return each action * 2") == "[2, 4]"
    assert ask("(function(first value, b) first value + b)(1, 2)") == "3"


def test_the_free_variables_are_known_without_evaluating() -> None:
    expression = compile_expression("for x in items return x.age + limit", names=["items", "limit"])
    assert expression.names_used == {"items", "limit"}


def test_a_name_met_only_in_a_filter_may_be_an_entry_or_a_variable() -> None:
    expression = compile_expression("items[age > limit]", names=["items", "limit"])
    assert expression.names_used == {"items", "limit"}
    assert expression.names_possible == {"age"}


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("1 +", 1, 4),
        ("1 + )", 1, 5),
        ("if true then 1", 1, 15),
        ('"abc', 1, 1),
        ("[1, 2", 1, 6),
        ("{a 1}", 1, 5),
        ("1\n+ +", 2, 3),
        ("for x of y return x", 1, 20),
        ("x between 1", 1, 12),
        ("@5", 1, 2),
        ("a ]", 1, 3),
        ("", 1, 1),
        ("1e99999", 1, 1),
    ],
)
def test_what_is_refused_says_where(text: str, line: int, column: int) -> None:
    with pytest.raises(FeelSyntaxError) as refusal:
        compile_expression(text)
    details = refusal.value.details
    assert (details["text"], details["line"], details["column"]) == (text, line, column)
    assert refusal.value.message.endswith(".")


@pytest.mark.parametrize("text", ['"\ud800"', r'"\ud800"', r'"\udc00\ud800"', "\udfff", r'"\UFFFFFF"'])
def test_half_a_surrogate_pair_is_refused(text: str) -> None:
    with pytest.raises(FeelSyntaxError, match="surrogate"):
        compile_expression(text)


@pytest.mark.parametrize(
    "text", ["(" * 10_000, "[" * 10_000, "-" * 10_000 + "1", "a" + ".b" * 10_000, "if a then " * 999]
)
def test_nesting_has_a_limit(text: str) -> None:
    with pytest.raises(BudgetExceeded):
        compile_expression(text)


def test_a_long_chain_is_not_nesting() -> None:
    assert to_plain(compile_expression("1" + " + 1" * 5000).evaluate()) == 5001
    assert compile_expression("true" + " and true" * 5000).evaluate() is True


def test_text_has_a_limit() -> None:
    with pytest.raises(BudgetExceeded):
        compile_unary_tests('"' + "x" * 100_001 + '"')


def test_names_of_arguments_are_all_or_none() -> None:
    with pytest.raises(FeelSyntaxError, match="named"):
        compile_expression('substring(string: "abc", 2)')
