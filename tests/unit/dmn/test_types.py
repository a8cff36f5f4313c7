"""Item definitions: what fits, what is coerced, what is refused."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from engine.dmn import DecisionResult
from engine.errors import Invalid
from engine.feel import to_plain
from tests.unit.dmn.dmn_files import ask, decision, input_data, item, literal, read, simple

PERSON = (
    '<itemComponent name="full name"><typeRef>string</typeRef></itemComponent>'
    '<itemComponent name="age"><typeRef>tAge</typeRef></itemComponent>'
)
SHORT = "<typeConstraint><text>count(?) &lt; 3</text></typeConstraint>"
TYPES = (
    item("tPeople", simple("tPerson"), collection=True),
    item("tPerson", PERSON),
    item("tAge", simple("number", "[0..120]")),
    item("tStatus", simple("string", '"open", "closed"')),
    item("tStatuses", simple("string", '"open", "closed"'), collection=True),
    item("tShortList", simple("number") + SHORT, collection=True),
)


def given(kind: str, value: Any, text: str = "x") -> DecisionResult:
    model = read(*TYPES, input_data("x", kind), decision("D", literal(text), requires=["input:x"]))
    return ask(model, "D", x=value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("number", 5), ("string", "a"), ("boolean", False), ("date", date(2026, 3, 2)), ("Any", [1]),
        ("tAge", 120), ("tStatus", "open"), ("tStatuses", ["open", "closed"]), ("tShortList", [1, 2]),
        ("tPerson", {"full name": "Asha Example", "age": 4}), ("tPeople", [{"full name": "A", "age": None}]),
        ("list<number>", [1, 2]), ("feel:number", 5), ("integer", 5),
    ],
)
def test_what_fits_stays_as_it_is(kind: str, value: Any) -> None:
    result = given(kind, value)
    assert to_plain(result.value) == value
    assert not result.warnings


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("number", "5"), ("string", 5), ("boolean", "true"), ("date", "2026-03-02"), ("tAge", 121), ("tStatus", "gone"),
        ("tStatuses", ["open", "gone"]), ("tShortList", [1, 2, 3]), ("tPerson", {"full name": "Asha"}),
        ("tPerson", {"full name": "Asha", "age": 500}), ("tPeople", [{"full name": 3, "age": 4}]),
        ("number", [1, 2]), ("list<number>", ["a"]),
    ],
)
def test_what_does_not_fit_is_null_with_a_warning(kind: str, value: Any) -> None:
    result = given(kind, value)
    assert result.value is None
    assert "input 'x'" in result.warnings[0].message
    assert result.warnings[0].code == "type"


def test_null_fits_every_type_and_counts_as_missing() -> None:
    result = given("tStatus", None)
    assert result.value is None and not result.warnings
    assert result.missing == {"x"}


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [("number", [5], 5), ("tStatuses", "open", ["open"]), ("tAge", [7], 7), ("list<number>", 3, [3])],
)
def test_lists_of_one_are_coerced_both_ways(kind: str, value: Any, expected: Any) -> None:
    assert to_plain(given(kind, value).value) == expected


def test_a_date_becomes_midnight_where_a_moment_is_wanted() -> None:
    value = to_plain(given("date and time", date(2026, 3, 2)).value)
    assert isinstance(value, datetime)
    assert value.isoformat() == "2026-03-02T00:00:00+00:00"


def test_the_result_of_a_decision_is_checked() -> None:
    model = read(decision("D", literal('"text"'), kind="number"), decision("E", literal("[4]"), kind="number"))
    wrong = ask(model, "D")
    assert wrong.value is None
    assert "result of decision 'D'" in wrong.warnings[0].message
    assert ask(model, "E").value == 4


def test_names_of_components_may_have_blanks() -> None:
    assert given("tPerson", {"full name": "Asha Example", "age": 4}, "x.full name").value == "Asha Example"
    people = [{"full name": "Asha", "age": 4}, {"full name": "Ben", "age": 9}]
    assert given("tPeople", people, 'x[full name = "Ben"].age').value == [9]


def test_instance_of_knows_the_files_own_types() -> None:
    assert given("Any", {"full name": "Asha", "age": 4}, "x instance of tPerson").value is True
    assert given("Any", {"full name": "Asha"}, "x instance of tPerson").value is False
    assert given("Any", [3, 4], "x instance of list<tAge>").value is True


def test_a_type_may_contain_itself() -> None:
    tree = (
        '<itemComponent name="name"><typeRef>string</typeRef></itemComponent>'
        '<itemComponent name="children" isCollection="true"><typeRef>tTree</typeRef></itemComponent>'
    )
    model = read(item("tTree", tree), input_data("x", "tTree"), decision("D", literal("x"), requires=["input:x"]))
    leaf = {"name": "leaf", "children": []}
    assert ask(model, "D", x={"name": "root", "children": [leaf]}).value is not None
    assert ask(model, "D", x={"name": "root", "children": [{"name": 5, "children": []}]}).value is None


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(Invalid, match="input data 'x'.*'tGone'"):
        read(input_data("x", "tGone"))
    with pytest.raises(Invalid, match="type 'tBad'.*'tGone'"):
        read(item("tBad", simple("tGone")))


def test_two_types_of_one_name_are_refused() -> None:
    with pytest.raises(Invalid, match="tAge"):
        read(item("tAge", simple("number")), item("tAge", simple("string")))


def test_instance_of_looks_at_the_kind_of_value_not_at_the_allowed_values() -> None:
    assert given("Any", 500, "x instance of tAge").value is True
    assert given("Any", "gone", "x instance of tAge").value is False
    assert given("Any", {"full name": "Asha", "age": 500}, "x instance of tPerson").value is True


def test_a_chain_of_types_too_long_to_read_is_refused_in_words() -> None:
    chain = [item(f"t{n}", simple(f"t{n + 1}")) for n in range(3000)]
    with pytest.raises(Invalid, match="nested too deeply"):
        read(*chain, item("t3000", simple("number")))
