"""Lists, contexts, paths, filters, loops, conditions and functions."""

from __future__ import annotations

import pytest

from engine.feel import Environment, FeelFunction, HostFunction, Session, compile_expression, to_feel, to_plain
from tests.unit.feel.feel_asking import ask, codes

PEOPLE = {"people": [{"name": "Ada", "age": 7}, {"name": "Bo", "age": 12}, {"name": "Cy"}]}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("people.name", '["Ada", "Bo", "Cy"]'),
        ("people[1].name", '"Ada"'),
        ("people[-1].name", '"Cy"'),
        ("people[4]", "null"),
        ("people[0]", "null"),
        ("people[age > 10].name", '["Bo"]'),
        ('people[item.name = "Bo"].age', "[12]"),
        ("people[age = null].name", '["Cy"]'),
        ("count(people[age < 100])", "2"),
        ("people[age > 10][1].name", '"Bo"'),
        ("people[name]", "null"),
    ],
)
def test_paths_and_filters(text: str, value: str) -> None:
    assert ask(text, PEOPLE) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[1, 2, 3][item >= 2]", "[2, 3]"),
        ("[{item: 1}, {item: 2}][item >= 2]", "[{item: 2}]"),
        ("[1, 2, 3][true]", "[1, 2, 3]"),
        ("100[1]", "100"),
        ("100[item = 5]", "[]"),
        ("[null[1], null[item > 1], null[true]]", "[null, null, null]"),
        ("[7, 8][item in [7..8[]", "[7]"),
        ("[[2..7[.end..10].start", "7"),
        ("[]0..3].end, 1]", "[3, 1]"),
        ("[2..7[ = [2..7) and not([] = [1])", "true"),
        ("[][1]", "null"),
        # A place is a place however it is worked out; what is asked of items holds of none.
        ("for i in [1, -1] return [][i]", "[null, null]"),
        ("[[][item.x], [][item], [][x > 1]]", "[[], [], []]"),
        ("[1, 2, 3][1.5]", "null"),
        ("[[1, 2], [3]][1][2]", "2"),
    ],
)
def test_filters_of_plain_lists(text: str, value: str) -> None:
    assert ask(text) == value


def test_an_outer_variable_is_seen_in_a_filter_unless_the_item_has_it() -> None:
    assert ask("people[age > limit].name", {**PEOPLE, "limit": 10}) == '["Bo"]'
    assert ask("people[age > 10].name", {**PEOPLE, "age": 100}) == '["Bo", "Cy"]'


def test_later_entries_of_a_context_see_earlier_ones() -> None:
    assert ask("{a: 1, b: a + 1, c: {d: a + b}}.c.d") == "3"
    assert ask("{a: b, b: 1}.a") == "null"


def test_a_context_may_not_have_one_name_twice() -> None:
    assert ask("{a: 1, a: 2}") == "null"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("for x in [1, 2] return x * 2", "[2, 4]"),
        ("for x in 1..3 return x", "[1, 2, 3]"),
        ("for x in 3..1 return x", "[3, 2, 1]"),
        ("for x in [1..3) return x", "[1, 2]"),
        ("for x in [3..1] return x", "null"),
        ("for x in [1, 2], y in [x, 10] return x + y", "[2, 11, 4, 12]"),
        ("for x in [] return x", "[]"),
        ("for x in 5 return x", "[5]"),
        ("for x in null return x", "null"),
        ('for x in @"2026-02-27"..@"2026-03-01" return x.day', "[27, 28, 1]"),
        ("for i in 1..5 return if i <= 2 then 1 else partial[-1] + partial[-2]", "[1, 1, 2, 3, 5]"),
        ("for i in 1..3 return count(partial)", "[0, 1, 2]"),
        ("for i in 1..3 return partial", "[[], [[]], [[], [[]]]]"),
        ("for i in 1..2 return [for j in 1..2 return partial]", "[[[[], [[]]]], [[[], [[]]]]]"),
        ("some x in [1, 2, 3] satisfies x > 2", "true"),
        ("some x in [] satisfies x > 2", "false"),
        ("some x in [1, null] satisfies x > 2", "null"),
        ("every x in [1, 2] satisfies x > 0", "true"),
        ("every x in [1, null] satisfies x > 1", "false"),
        ("every x in [] satisfies false", "true"),
        ("every x in [1, 2], y in [3, 4] satisfies x < y", "true"),
        ("some x in null satisfies true", "null"),
    ],
)
def test_loops(text: str, value: str) -> None:
    assert ask(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("(function(a, b) a - b)(5, 2)", "3"),
        ("(function(a, b) a - b)(b: 5, a: 2)", "-3"),
        ("(function(a) a)()", "null"),
        ("(function(a) a)(1, 2)", "null"),
        ("(function(a: string) a)(1)", "null"),
        ('(function(a: date and time) a)(@"2026-03-02")', "2026-03-02T00:00:00Z"),
        ('(function(a: time) a)(@"2026-03-02")', "null"),
        ('(function(a: string) a)(["x"])', '"x"'),
        ("(function(a: list<number>) count(a))(1)", "1"),
        ("{twice: function(f, x) f(f(x)), r: twice(function(n) n * 3, 2)}.r", "18"),
        ("{fact: function(n) if n < 2 then 1 else n * fact(n - 1), r: fact(20)}.r", "2432902008176640000"),
        ("(for i in 1..3 return function() i)[2]()", "2"),
        ("[abs, floor][1](-5)", "5"),
        ("{f: function(x) function(y) x + y}.f(1)(2)", "3"),
    ],
)
def test_functions(text: str, value: str) -> None:
    assert ask(text) == value


def test_an_external_function_is_never_run() -> None:
    assert codes('(function(x) external {java: {class: "java.lang.Math"}})(1)') == ["external-function"]


def test_a_host_function_gets_the_environment_and_the_arguments() -> None:
    def add_days(environment: Environment, start: object, days: object) -> object:
        return to_feel(f"{environment.host}: {start} {days}")

    function = HostFunction("add working days", ("start", "days"), add_days)
    lent = {"add working days": function}
    place = Environment(host="Lewisham")
    assert compile_expression("add working days(1, 2)", functions=lent).evaluate({}, place) == "Lewisham: 1 2"
    named = compile_expression("add working days(days: 2, start: 1)", functions=lent)
    assert named.evaluate({}, place) == "Lewisham: 1 2"
    assert compile_expression("add working days(1)", functions=lent).evaluate({}, place) is None


def test_a_function_value_given_as_a_variable_can_be_called() -> None:
    twice = FeelFunction("twice", ("n",), lambda runtime, arguments: arguments[0] * 2)
    assert to_plain(compile_expression("twice(21)", names=["twice"]).evaluate({"twice": twice})) == 42


def test_one_session_serves_many_expressions() -> None:
    session = Session({"a": to_feel(2)})
    assert to_plain(compile_expression("for i in 1..3 return i * a").evaluate_in(session)) == [2, 4, 6]
    assert to_plain(compile_expression("a + 1").evaluate_in(session)) == 3


def test_a_compiled_expression_can_be_used_again() -> None:
    expression = compile_expression("sum(for x in items return x)", names=["items"])
    assert [to_plain(expression.evaluate({"items": [n, n]})) for n in range(3)] == [0, 2, 4]


def test_a_missing_variable_is_null_with_a_warning() -> None:
    place = Environment()
    assert compile_expression("limit + 1", names=["limit"]).evaluate({}, place) is None
    assert [warning.code for warning in place.warnings] == ["unknown-name", "null-operand"]
    assert "limit" in place.warnings[0].message
    assert place.warnings[0].position == 0
