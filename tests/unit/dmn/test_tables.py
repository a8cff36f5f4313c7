"""Cells, columns and rows: what matches, what is shown, and how warnings name their place."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from engine.dmn import DecisionResult
from engine.errors import Invalid
from engine.feel import HostFunction
from tests.unit.dmn.dmn_files import ask, decision, input_data, item, read, simple, table


def one_column(cells: list[str], value: Any, kind: str = "", **options: Any) -> DecisionResult:
    """Ask a table whose rows answer their own number, in a list."""
    rules = [[cell, str(number)] for number, cell in enumerate(cells, start=1)]
    model = read(
        input_data("x", kind), input_data("limit"),
        decision("Rows", table("RULE ORDER", ["x"], ["row"], rules, **options), requires=["input:x", "input:limit"]),
    )
    return ask(model, "Rows", x=value, limit=10)


def rows(cells: list[str], value: Any, **options: Any) -> list[int]:
    return [int(row) for row in one_column(cells, value, **options).value or []]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", [1, 2, 5]), ("b", [2, 5, 7]), ("z", [5, 7]), (Decimal(5), [3, 5]), (True, [4, 5]), (None, [5, 6]),
        (1, [5]), (False, [5]),
    ],
)
def test_constants_lists_and_negations(value: Any, expected: list[int]) -> None:
    cells = ['"a"', '"a","b"', "5", "true", "-", "null", 'not("a")']
    assert rows(cells if isinstance(value, str) else cells[:6], value) == expected


def test_a_number_is_not_the_boolean_python_takes_it_for() -> None:
    assert rows(["1", "true", "0", "false"], True) == [2]
    assert rows(["1", "true", "0", "false"], 1) == [1]
    assert rows(["1", "true", "0", "false"], Decimal("0.0")) == [3]


@pytest.mark.parametrize(("value", "expected"), [(9, [1, 3]), (10, [2, 3]), (11, [2, 4])])
def test_comparisons_and_ranges_may_use_other_inputs(value: int, expected: list[int]) -> None:
    assert rows(["< limit", "[limit..20]", "]0..limit]", "> limit"], value) == expected


def test_a_cell_may_be_an_expression_about_the_input() -> None:
    assert rows(["? * 2 > limit", "even(?)"], 6) == [1, 2]


def test_dates_in_cells() -> None:
    cells = ['< date("2026-01-01")', '[date("2026-01-01")..date("2026-12-31")]']
    assert rows(cells, date(2026, 3, 2)) == [2]


def test_empty_cells_match_anything() -> None:
    assert rows(["", "-"], 3) == [1, 2]


def test_rows_shared_by_equal_cells_all_match() -> None:
    assert rows(["> 1", '"no"', "> 1", "5", "5"], 5) == [1, 3, 4, 5]


def test_a_later_column_is_only_asked_about_rows_still_open() -> None:
    rules = [["1", "< limit", "1"], ["2", '"not a number" < x', "2"]]
    model = read(
        input_data("x"), input_data("limit"),
        decision("D", table("UNIQUE", ["x", "x"], ["row"], rules), requires=["input:x", "input:limit"]),
    )
    result = ask(model, "D", x=1, limit=10)
    assert result.value == Decimal(1)
    assert result.warnings == ()


def test_a_matched_row_says_everything_about_itself() -> None:
    rules = [
        ["> 30", '"Lewisham"', '"tell"', "Local limit", ""],
        ["-", "-", '"wait"', "", ""],
    ]
    model = read(
        input_data("days"), input_data("authority"),
        decision(
            "Escalate",
            table("FIRST", ["days", "authority"], ["level"], rules, notes=["Why", "Source"]),
            requires=["input:days", "input:authority"],
        ),
    )
    result = ask(model, "Escalate", days=31, authority="Lewisham")
    (row,) = result.matched
    assert (row.decision, row.table, row.row, row.rule) == ("Escalate", "table", 1, "rule_1")
    assert row.inputs == {"days": Decimal(31), "authority": "Lewisham"}
    assert row.outputs == {"level": "tell"}
    assert row.annotations == {"Why": "Local limit"}


def test_a_warning_names_table_row_and_column() -> None:
    result = one_column(["5", '> "text"', "-"], 7)
    assert result.value == [Decimal(3)]
    assert any("'Rows', row 2, column 'x'" in warning.message for warning in result.warnings)


def test_a_warning_in_an_output_names_the_row() -> None:
    rows_ = [["-", '1 + "a"']]
    model = read(input_data("x"), decision("D", table("UNIQUE", ["x"], ["y"], rows_), requires=["input:x"]))
    result = ask(model, "D", x=1)
    assert result.value is None
    assert "'D', row 1" in result.warnings[0].message


def test_outputs_may_use_inputs() -> None:
    model = read(input_data("x"), decision("D", table("UNIQUE", ["x"], ["y"], [["-", "x * 2"]]), requires=["input:x"]))
    assert ask(model, "D", x=4).value == Decimal(8)


def test_an_input_outside_the_input_values_is_null_with_a_warning() -> None:
    result = one_column(["-"], "green", input_values=['"red", "blue"'])
    assert result.value is None
    assert "green" in result.warnings[0].message
    assert one_column(["-"], "red", input_values=['"red", "blue"']).value == [Decimal(1)]


def test_a_null_input_is_not_checked_against_the_input_values() -> None:
    result = one_column(["null"], None, input_values=['"red", "blue"'])
    assert result.value == [Decimal(1)]


def test_evaluations_do_not_touch_each_other() -> None:
    model = read(input_data("x"), decision("D", table("COLLECT", ["x"], ["y"], [["1", "x"]]), requires=["input:x"]))
    first, second = ask(model, "D", x=1), ask(model, "D", x=2)
    assert (first.value, second.value) == ([Decimal(1)], [])
    assert first.matched and not second.matched


def test_an_input_expression_in_two_columns_is_evaluated_once() -> None:
    calls: list[Any] = []

    def ages(environment: Any, value: Any) -> Any:
        calls.append(value)
        return value

    model = read(
        input_data("x"),
        decision(
            "D", table("UNIQUE", ["age(x)", "age(x)"], ["y"], [["> 1", "< 9", '"between"']]), requires=["input:x"]
        ),
        functions={"age": HostFunction("age", ("x",), ages)},
    )
    assert ask(model, "D", x=5).value == "between"
    assert len(calls) == 1


@pytest.mark.parametrize("cell", ['"bleu"', "5", '["green"]', "{a: 1}", 'upper case("red")'])
def test_a_constant_that_is_none_of_the_output_values_is_refused_with_its_place(cell: str) -> None:
    said = [["-", '"red"', "1"], ["-", cell, "2"]]
    paint = decision("Paint", table("COLLECT", ["1"], ["colour", "tins"], said, output_values=['"red", "blue"', ""]))
    with pytest.raises(Invalid, match="row 2, column 'colour'.*output values.*\"red\", \"blue\"") as refused:
        read(paint)
    assert (refused.value.details["row"], refused.value.details["column"]) == (2, "colour")


def test_output_values_may_be_left_out_and_may_be_ranges() -> None:
    said = [["-", '"red"', "3"], ["-", "null", "-"]]
    paint = decision("Paint", table("COLLECT", ["1"], ["colour", "tins"], said, output_values=['"red"', "[1..5]"]))
    answer = ask(read(paint), "Paint")
    assert answer.value == [{"colour": "red", "tins": Decimal(3)}, {"colour": None, "tins": None}]
    assert answer.warnings == ()


def test_a_computed_output_outside_the_output_values_is_null_with_a_warning() -> None:
    paint = decision(
        "Paint", table("UNIQUE", ["1"], ["colour"], [["-", "x"]], output_values=['"red"']), requires=["input:x"]
    )
    model = read(input_data("x"), paint)
    assert ask(model, "Paint", x="red").value == "red"
    answer = ask(model, "Paint", x="bleu")
    assert answer.value is None
    (warning,) = answer.warnings
    assert "table of 'Paint', row 1" in warning.message
    assert "none of the output values" in warning.message


@pytest.mark.parametrize(
    ("kind", "value", "fits"),
    [
        ("boolean", True, True), ("boolean", "yes", False), ("boolean", 1, False),
        ("number", 3, True), ("number", "3", False), ("number", True, False),
        ("string", "a", True), ("string", date(2026, 3, 2), False), ("string", ["a"], True),
        ("date", date(2026, 3, 2), True), ("date", "2026-03-02", False), ("Colour", "red", True),
        ("Colour", "blue", False), ("Any", "yes", True), ("", "yes", True), ("boolean", None, True),
    ],
)
@pytest.mark.parametrize("declared", [True, False])
def test_what_is_not_of_its_columns_type_is_null_with_a_warning(
    kind: str, value: Any, fits: bool, declared: bool
) -> None:
    rules = [["null", "1"], ["-", "2"]]
    lone = decision("Rows", table("RULE ORDER", ["x"], ["row"], rules, input_types=[kind]))
    whole = [input_data("x", kind), decision("Rows", table("RULE ORDER", ["x"], ["row"], rules), requires=["input:x"])]
    colour = item("Colour", simple("string", '"red","green"'))
    result = ask(read(colour, *(whole if declared else [lone])), "Rows", x=value)
    assert result.value == ([2] if fits and value is not None else [1, 2])
    assert [warning.code for warning in result.warnings] == ([] if fits else ["type"])
    if not fits:
        said = "input 'x'" if declared else f"table of 'Rows', column 'x': {value}"
        assert f"{said} is not of the type '{kind}'" in result.warnings[0].message
        assert result.matched[0].inputs["x"] is None
