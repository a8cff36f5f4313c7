"""Where a table's answer may change: skipping the days between two turning points never misses a change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.dmn import DecisionModel, TurningPoints
from engine.feel import Environment
from tests.unit.dmn.dmn_files import decision, input_data, literal, read, table
from tests.unit.dmn.test_host_index import COLUMNS, LIMIT, LIMITS, Host

NOON = datetime(2026, 6, 3, 12, tzinfo=UTC)


def model(
    *rows: tuple[str, str, str], inputs: tuple[str, str] = ("a", "b"), defaults: tuple[str, ...] = ()
) -> DecisionModel:
    """Return a table on two undeclared inputs; a row is (cell, cell, what it says)."""
    logic = table("COLLECT", inputs, ["said"], rows, defaults=defaults)
    return read(decision("D", logic), functions={LIMIT.name: LIMIT})


def points(rules: DecisionModel, **limits: int) -> TurningPoints:
    found = rules.turning_points("D", host(limits))
    assert found is not None
    return found


def host(limits: Mapping[str, Any]) -> Host:
    given_ = {name: Decimal(value) if isinstance(value, int) else value for name, value in limits.items()}
    return Host(given_, fixed_key=str(limits))


def test_a_step_stands_where_other_rows_match_and_nowhere_else() -> None:
    rules = model(("> 10", "-", '"late"'), ("[1..10]", "-", '"soon"'), ("-", "< 2.5, 7", '"other"'))
    assert points(rules).steps == {"a": (1, 11), "b": (3, 7, 8)}
    assert points(rules).whole == frozenset()


def test_inputs_stand_in_one_place_when_the_same_rows_match() -> None:
    found = points(model(("> 10", "-", '"late"'), ("-", '"yes"', '"agreed"'), ("-", "= a", '"whole"')))
    assert found.place({"a": 3, "b": "yes", "c": 1}) == found.place({"a": 3, "b": "yes", "c": 2})
    stepped = points(model(("> 10", "-", '"late"'), ("-", '"yes"', '"agreed"')))
    assert stepped.place({"a": 3, "b": "yes"}) == stepped.place({"a": 10, "b": "yes"})
    others = [{"a": 11, "b": "yes"}, {"a": 3, "b": "no"}, {"a": 3, "b": None}, {"a": None, "b": "yes"}]
    assert stepped.place({"a": 3, "b": "yes"}) not in [stepped.place(each) for each in others]


def test_a_limit_of_the_host_makes_a_step_of_that_host() -> None:
    rules = model(('>= time limit("a")', "-", '"late"'))
    assert points(rules, a=5).steps["a"] == (5,)
    assert points(rules, a=8).steps["a"] == (8,)


def test_what_cannot_be_looked_up_counts_whole() -> None:
    found = points(model((">= b / 2", "-", '"half"'), (">= 4", "-", '"four"')))
    assert found.whole == {"a", "b"}
    assert points(model(("-", "> 1", '"x"'), inputs=("a + c", "b"))).whole == {"a", "c"}


def test_what_a_row_says_counts_while_it_matches() -> None:
    found = points(model(("> 1", "-", '"for " + string(days)'), ("> 1", "-", '"plainly"')))
    assert found.whole_given([2]) == frozenset()
    assert found.whole_given([1]) == found.whole_given([1, 2]) == {"days"}


@pytest.mark.parametrize(
    "rules",
    [
        model(("> date(today())", "-", '"x"')),
        model(("-", "-", "string(today())")),
        model(("-", "-", '"x"'), inputs=("now()", "b")),
        model(("-", "-", '"x"'), defaults=('"nothing"',)),
        read(decision("D", literal("a + 1"))),
        read(input_data("a"), decision("D", table("UNIQUE", ["a"], ["x"], [["1", "2"]]), requires=["input:a"])),
    ],
    ids=["a cell asks the day", "an output does", "a column does", "a default", "no table", "a declared input"],
)
def test_where_it_is_not_known_it_says_so(rules: DecisionModel) -> None:
    assert rules.turning_points("D", Host()) is None


@given(cells=COLUMNS, limits=LIMITS, value=st.integers(-12, 12), other=st.integers(-12, 12))
def test_between_two_steps_the_answer_is_the_same(
    cells: list[str], limits: Mapping[str, Any], value: int, other: int
) -> None:
    rules = model(*((cell, "-", str(number)) for number, cell in enumerate(cells)))
    asked = host(limits)
    found = points(rules, **limits)

    def answer(number: int) -> Any:
        # `x` stands in some cells; it is a text of its own.
        return rules.evaluate("D", {"a": number, "x": "x"}, Environment(now=NOON, host=asked)).value

    between = [step for step in found.steps.get("a", ()) if min(value, other) < step <= max(value, other)]
    if "a" not in found.whole and not between:
        assert answer(value) == answer(other)
