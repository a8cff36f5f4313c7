"""Boxed expressions of every kind."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from engine.dmn import DecisionResult
from engine.errors import BudgetExceeded, Invalid
from tests.unit.dmn.dmn_files import ask, decision, input_data, literal, read, table


def evaluated(logic: str, **inputs: Any) -> DecisionResult:
    names = tuple(inputs)
    arrows = [f"input:{name}" for name in names]
    model = read(*(input_data(name) for name in names), decision("D", logic, requires=arrows))
    return ask(model, "D", **inputs)


def value(logic: str, **inputs: Any) -> Any:
    return evaluated(logic, **inputs).value


def entry(name: str, logic: str, kind: str = "") -> str:
    ref = f' typeRef="{kind}"' if kind else ""
    variable = f'<variable name="{name}"{ref}/>' if name else ""
    return f"<contextEntry>{variable}{logic}</contextEntry>"


def test_a_context_builds_entries_that_see_those_before() -> None:
    context = f"<context>{entry('net sum', literal('x * 2'))}{entry('gross', literal('net sum + 1'))}</context>"
    assert value(context, x=5) == {"net sum": Decimal(10), "gross": Decimal(11)}


def test_a_context_with_a_last_entry_without_name_answers_it() -> None:
    inner = table("UNIQUE", ["band"], ["y"], [['"low"', "x"], ['"high"', "-x"]])
    band = literal('if x < 9 then "low" else "high"')
    context = f"<context>{entry('band', band)}{entry('', inner)}</context>"
    assert value(context, x=5) == Decimal(5)
    assert value(context, x=50) == Decimal(-50)


def test_an_entry_that_is_not_of_its_type_is_null_with_a_warning() -> None:
    result = evaluated(f"<context>{entry('a', literal('x'), 'number')}</context>", x="text")
    assert result.value == {"a": None}
    assert "entry 'a'" in result.warnings[0].message


def test_a_list_and_a_relation() -> None:
    assert value(f"<list>{literal('1')}{literal('x')}</list>", x=2) == [Decimal(1), Decimal(2)]
    asha, ben = literal('"Asha"'), literal('"Ben"')
    relation = (
        '<relation><column name="name"/><column name="age"/>'
        f"<row>{asha}{literal('x')}</row><row>{ben}{literal('x + 1')}</row></relation>"
    )
    assert value(relation, x=3) == [{"name": "Asha", "age": Decimal(3)}, {"name": "Ben", "age": Decimal(4)}]


def test_a_conditional_takes_else_for_anything_but_true() -> None:
    parts = f"<if>{literal('x')}</if><then>{literal('1')}</then><else>{literal('2')}</else>"
    assert [value(f"<conditional>{parts}</conditional>", x=x) for x in (True, False, None)] == [1, 2, 2]


@pytest.mark.parametrize(
    ("match", "expected"),
    [("item > 2", [3, 4]), ("item > x", [4]), ("2", 2), ("-1", 4)],
)
def test_a_filter_by_condition_or_place(match: str, expected: Any) -> None:
    parts = f"<in>{literal('[1, 2, 3, 4]')}</in><match>{literal(match)}</match>"
    assert value(f"<filter>{parts}</filter>", x=3) == expected


def test_a_filter_sees_the_entries_of_the_item() -> None:
    people = [{"name": "Asha", "age": 2}, {"name": "Ben", "age": 9}]
    match = literal('item.age > 3 and name = "Ben"')
    parts = f"<in>{literal('people')}</in><match>{match}</match>"
    assert value(f"<filter>{parts}</filter>", people=people) == [people[1]]


def test_for_some_and_every() -> None:
    ends = f"<in>{literal('x')}</in>"
    loop = f'<for iteratorVariable="day">{ends}<return>{literal("day * 2 + count(partial)")}</return></for>'
    some = f'<some iteratorVariable="day">{ends}<satisfies>{literal("day > 2")}</satisfies></some>'
    every = f'<every iteratorVariable="day">{ends}<satisfies>{literal("day > 2")}</satisfies></every>'
    assert value(loop, x=[1, 2, 3]) == [2, 5, 8]
    assert [value(some, x=[1, 2, 3]), value(every, x=[1, 2, 3]), value(every, x=[3, 4])] == [True, False, True]
    assert value(some, x=[]) is False


def test_a_function_definition_in_a_context_may_call_itself() -> None:
    function = (
        '<functionDefinition><formalParameter name="n" typeRef="number"/>'
        f"{literal('if n <= 1 then 1 else n * factorial(n - 1)')}</functionDefinition>"
    )
    context = f"<context>{entry('factorial', function)}{entry('', literal('factorial(x)'))}</context>"
    assert value(context, x=5) == Decimal(120)


def test_a_parameter_of_the_wrong_type_is_null_with_a_warning() -> None:
    function = f'<functionDefinition><formalParameter name="n" typeRef="number"/>{literal("n")}</functionDefinition>'
    context = f"<context>{entry('f', function)}{entry('', literal('f(x)'))}</context>"
    result = evaluated(context, x="text")
    assert result.value is None
    assert "'n'" in result.warnings[0].message


def test_invoking_what_is_no_function_is_null_with_a_warning() -> None:
    invocation = "<invocation><literalExpression><text>x</text></literalExpression></invocation>"
    result = evaluated(invocation, x=1)
    assert result.value is None
    assert "not a function" in result.warnings[0].message


@pytest.mark.parametrize(
    ("logic", "words"),
    [
        ("<literalExpression><text> </text></literalExpression>", "empty"),
        ("<context><contextEntry><variable name='a'/></contextEntry></context>", "no expression"),
        (f"<conditional><if>{literal('true')}</if></conditional>", "if, then and else"),
        (f"<for><in>{literal('[]')}</in><return>{literal('1')}</return></for>", "no variable"),
        ('<relation><column name="a"/><row/></relation>', "0 cells for 1 columns"),
        ('<literalExpression expressionLanguage="groovy"><text>1</text></literalExpression>', "groovy"),
    ],
)
def test_what_cannot_work_is_refused(logic: str, words: str) -> None:
    with pytest.raises(Invalid, match=rf"decision 'D'.*{words}"):
        read(decision("D", logic))


@pytest.mark.parametrize("kind", ["Java", "PMML"])
def test_a_function_of_another_language_is_null_with_a_warning_and_the_rest_of_the_file_runs(kind: str) -> None:
    function = f'<functionDefinition kind="{kind}"><formalParameter name="n"/><context/></functionDefinition>'
    called = literal("{far: f(x), near: x + 1}")
    model = read(decision("D", f"<context>{entry('f', function)}{entry('', called)}</context>"))
    assert model.notices == (
        (
            f"decision 'D' (id_D), column 'f': a function of kind {kind} is never run here, "
            "so what calls it is null with a warning"
        ),
    )
    result = evaluated(f"<context>{entry('f', function)}{entry('', called)}</context>", x=1)
    assert result.value == {"far": None, "near": 2}
    assert [f"kind {kind}" in warning.message for warning in result.warnings] == [True]


@pytest.mark.parametrize("kind", ["some", "every"])
def test_a_condition_that_is_no_boolean_spoils_some_and_every(kind: str) -> None:
    ask_each = literal('if day = 2 then true else "not a boolean"')
    parts = f"<in>{literal('x')}</in><satisfies>{ask_each}</satisfies>"
    result = evaluated(f'<{kind} iteratorVariable="day">{parts}</{kind}>', x=[1, 2])
    assert result.value is None
    assert "not a boolean" in result.warnings[0].message


@pytest.mark.parametrize("name", ["body", "items", "item", "each"])
def test_the_entries_of_an_item_may_have_any_name(name: str) -> None:
    things = [{name: 1, "size": 5}, {name: 2, "size": 50}]
    parts = f"<in>{literal('x')}</in><match>{literal('size > 9')}</match>"
    assert value(f"<filter>{parts}</filter>", x=things) == [things[1]]


@pytest.mark.parametrize(("match", "words"), [('"text"', "came to text"), ("0", "no item 0"), ("1.5", "no item 1.5")])
def test_a_filter_that_asks_nothing_sensible_is_null_with_a_warning(match: str, words: str) -> None:
    result = evaluated(f"<filter><in>{literal('x')}</in><match>{literal(match)}</match></filter>", x=[1, 2])
    assert result.value is None
    assert words in result.warnings[0].message


def test_a_filter_takes_a_value_for_a_list_of_it_and_null_has_nothing_to_filter() -> None:
    parts = f"<filter><in>{literal('x')}</in><match>{literal('item > 1')}</match></filter>"
    assert value(parts, x=5) == [5]
    none = evaluated(parts, x=None)
    assert none.value is None and "nothing to filter" in none.warnings[-1].message
    result = evaluated(f"<filter><in>{literal('x')}</in><match>{literal('item + 1 > 1')}</match></filter>", x=[])
    assert (result.value, result.warnings) == ([], ()), "there is no item to say anything of"
    at = evaluated(f"<filter><in>{literal('[]')}</in><match>{literal('x')}</match></filter>", x=2)
    assert at.value is None and "no item 2" in at.warnings[0].message


def test_boxed_loops_inside_each_other_keep_within_the_budget() -> None:
    def loop(inner: str) -> str:
        return f'<for iteratorVariable="n"><in>{literal("[1..1000]")}</in><return>{inner}</return></for>'

    with pytest.raises(BudgetExceeded):
        value(loop(loop(literal("n"))))
