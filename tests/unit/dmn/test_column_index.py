"""The index of a column says what its cells say, for any value."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from engine.dmn.column_index import Cell, build_lookups
from engine.feel import Environment, compile_unary_tests

NUMBERS = st.integers(-5, 5).map(str) | st.sampled_from(["0.5", "2.50", "-1.25"])
TEXTS = st.sampled_from(['"a"', '"b"', '""'])
PAIRS = st.tuples(NUMBERS, NUMBERS)
TESTS = (
    NUMBERS | TEXTS | st.sampled_from(["true", "false", "null"])
    | st.builds(lambda sign, number: f"{sign} {number}", st.sampled_from(["<", "<=", ">", ">=", "="]), NUMBERS)
    | st.builds(lambda ends, pair: f"{ends[0]}{pair[0]}..{pair[1]}{ends[1]}", st.sampled_from(["[]", "()"]), PAIRS)
)
CELLS = st.lists(TESTS, min_size=1, max_size=3).map(",".join)
COLUMNS = st.lists(CELLS | CELLS.map("not({})".format) | st.just("? > 2"), min_size=1, max_size=8)
NUMERIC = st.decimals(-7, 7, places=2) | st.integers(-6, 6).map(Decimal)
VALUES = NUMERIC | st.sampled_from(["a", "b", "", "z"]) | st.booleans()


@given(texts=COLUMNS, value=VALUES)
def test_the_index_agrees_with_the_cells(texts: list[str], value: object) -> None:
    cells = [Cell(1 << row, row + 1, compile_unary_tests(text)) for row, text in enumerate(texts)]
    expected = sum(cell.rows for cell in cells if cell.tests and cell.tests.matches(value) is True)
    lookup = build_lookups(cells).get(type(value))
    found = lookup.rows(value) if lookup else 0
    asked = lookup.cells if lookup else tuple(cells)
    found |= sum(cell.rows for cell in asked if cell.tests and cell.tests.matches(value) is True)
    assert found == expected


@given(texts=COLUMNS, value=VALUES)
def test_a_cell_that_would_warn_is_still_evaluated(texts: list[str], value: object) -> None:
    cells = [Cell(1 << row, row + 1, compile_unary_tests(text)) for row, text in enumerate(texts)]
    lookup = build_lookups(cells).get(type(value))
    for cell in cells if lookup else ():
        environment = Environment()
        assert cell.tests
        cell.tests.matches(value, {}, environment)
        assert not environment.warnings or (lookup and cell in lookup.cells)


def test_a_column_too_large_to_ask_about_is_left_to_its_cells() -> None:
    cells = [Cell(1 << row, row + 1, compile_unary_tests(f"> {row}")) for row in range(400)]
    assert build_lookups(cells) == {}


def test_cells_made_of_anything_else_are_evaluated() -> None:
    cells = [Cell(1, 1, compile_unary_tests("> limit", names=["limit"])), Cell(2, 2, compile_unary_tests("5"))]
    lookup = build_lookups(cells)[Decimal]
    assert lookup.cells == (cells[0],)
    assert [lookup.rows(Decimal(5)), lookup.rows(Decimal(6))] == [2, 0]


def test_rows_that_take_anything_are_part_of_what_is_looked_up() -> None:
    lookup = build_lookups([Cell(1, 1, compile_unary_tests("5"))], always=4)[Decimal]
    assert [lookup.rows(Decimal(5)), lookup.rows(Decimal(6))] == [5, 4]


def test_cells_still_to_be_evaluated_stay_in_row_order() -> None:
    cells = [Cell(1 << row, row + 1, compile_unary_tests(text)) for row, text in enumerate(["< 3", "? > 1", '"a"'])]
    assert build_lookups(cells)[str].cells == (cells[0], cells[1])
