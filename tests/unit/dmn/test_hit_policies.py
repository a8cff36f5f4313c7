"""Every hit policy: which rows count, what the answer is, and what is said when there is none."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from engine.errors import Invalid
from tests.unit.dmn.dmn_files import ask, decision, input_data, read, table

BANDS = [["< 10", '"low"'], ["[5..20]", '"middle"'], ["> 15", '"high"']]
ORDER = ['"high", "middle", "low"']


def answer(policy: str, rules: list[list[str]], days: Any, **options: Any) -> Any:
    model = read(
        input_data("days", "number"),
        decision("Band", table(policy, ["days"], ["Band"], rules, **options), requires=["input:days"]),
    )
    return ask(model, "Band", days=days)


@pytest.mark.parametrize(("days", "expected"), [(3, "low"), (12, "middle"), (30, "high")])
def test_unique_answers_the_one_row_that_matches(days: int, expected: str) -> None:
    result = answer("UNIQUE", BANDS, days)
    assert result.value == expected
    assert result.warnings == ()


def test_unique_with_two_rows_is_null_with_a_warning_and_shows_both() -> None:
    result = answer("UNIQUE", BANDS, 7)
    assert result.value is None
    assert "2 rows match" in result.warnings[0].message
    assert "Band" in result.warnings[0].message
    assert [row.row for row in result.matched] == [1, 2]


def test_no_row_is_null_without_a_warning() -> None:
    result = answer("UNIQUE", [["< 10", '"low"']], 50)
    assert result.value is None
    assert result.matched == ()
    assert result.warnings == ()


def test_first_stops_at_the_first_row() -> None:
    result = answer("FIRST", BANDS, 7)
    assert result.value == "low"
    assert [row.row for row in result.matched] == [1]


def test_any_wants_equal_outputs() -> None:
    same = [["< 10", '"low"'], ["< 20", '"low"'], ["> 15", '"high"']]
    assert answer("ANY", same, 3).value == "low"
    differing = answer("ANY", same, 17)
    assert differing.value is None
    assert "different outputs" in differing.warnings[0].message


def test_priority_follows_the_output_values_and_shows_the_best_first() -> None:
    result = answer("PRIORITY", BANDS, 7, output_values=ORDER)
    assert result.value == "middle"
    assert [row.row for row in result.matched] == [2, 1]


def test_priority_without_output_values_is_refused() -> None:
    with pytest.raises(Invalid, match="output values"):
        answer("PRIORITY", BANDS, 7)


def test_output_order_lists_by_priority_and_rule_order_by_row() -> None:
    assert answer("OUTPUT ORDER", BANDS, 7, output_values=ORDER).value == ["middle", "low"]
    assert answer("RULE ORDER", BANDS, 7).value == ["low", "middle"]


def test_an_output_that_is_not_listed_comes_last() -> None:
    rules = [["-", "null"], ["-", '"low"'], ["-", '"high"']]
    assert answer("OUTPUT ORDER", rules, 7, output_values=ORDER).value == ["high", "low", None]


def test_collect_lists_in_row_order_and_is_empty_when_nothing_matches() -> None:
    assert answer("COLLECT", BANDS, 7).value == ["low", "middle"]
    assert answer("COLLECT", [["< 0", '"never"']], 7).value == []


POINTS = [["> 1", "3"], ["> 2", "5"], ["> 3", "3"], ["> 100", "9"]]


@pytest.mark.parametrize(
    ("policy", "expected", "none"),
    [("COLLECT SUM", 11, None), ("COLLECT MIN", 3, None), ("COLLECT MAX", 5, None), ("COLLECT COUNT", 3, 0)],
)
def test_aggregations(policy: str, expected: int, none: int | None) -> None:
    assert answer(policy, POINTS, 7).value == Decimal(expected)
    assert answer(policy, POINTS, 0).value == none


@pytest.mark.parametrize("policy", ["COLLECT SUM", "COLLECT MIN", "COLLECT MAX"])
def test_an_aggregation_over_mixed_kinds_is_null_with_a_warning(policy: str) -> None:
    result = answer(policy, [["-", "1"], ["-", '"two"']], 7)
    assert result.value is None
    assert policy in result.warnings[0].message


def test_min_and_max_compare_dates() -> None:
    rules = [["-", 'date("2026-03-01")'], ["-", 'date("2025-03-01")']]
    assert answer("COLLECT MAX", rules, 1).value.isoformat() == "2026-03-01"


def test_default_output_when_no_row_matches() -> None:
    assert answer("UNIQUE", BANDS[:1], 50, defaults=['"none of these"']).value == "none of these"
    assert answer("UNIQUE", BANDS[:1], 5, defaults=['"none of these"']).value == "low"


def test_several_outputs_make_a_context_and_each_may_have_its_order() -> None:
    rules = [["> 1", '"ask"', '"soon"'], ["> 2", '"tell"', '"now"'], ["> 3", '"tell"', '"soon"']]
    levels = ['"tell", "ask"', '"now", "soon"']
    model = read(
        input_data("days", "number"),
        decision(
            "Step", table("PRIORITY", ["days"], ["level", "when"], rules, output_values=levels), requires=["input:days"]
        ),
    )
    result = ask(model, "Step", days=9)
    assert result.value == {"level": "tell", "when": "now"}
    assert [row.row for row in result.matched] == [2, 3, 1]


def test_defaults_of_several_outputs() -> None:
    model = read(
        input_data("days", "number"),
        decision(
            "Step",
            table("UNIQUE", ["days"], ["level", "when"], [["> 9", '"tell"', '"now"']], defaults=['"none"', ""]),
            requires=["input:days"],
        ),
    )
    assert ask(model, "Step", days=1).value == {"level": "none", "when": None}


@pytest.mark.parametrize("letter", ["U", "F", "A", "R", "C"])
def test_hit_policies_may_be_written_as_letters(letter: str) -> None:
    assert answer(letter, [["-", "1"]], 7).value in (Decimal(1), [Decimal(1)])
