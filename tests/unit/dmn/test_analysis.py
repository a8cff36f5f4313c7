"""What is said of a table's gaps, clashes and dead rows: the same that trying every value says, and never a guess."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.dmn import DecisionModel, read_model
from engine.dmn.analysis import Analysis, Oddity, analyse
from engine.dmn.atoms import Surroundings
from engine.dmn.gaps import Region, merged, told
from engine.feel import Environment
from tests.small_files import rules
from tests.unit.dmn import dmn_files


def analysed(model: DecisionModel) -> Analysis:
    (found,) = analyse(model, Surroundings(Environment(), {}))
    return found


def of_one(policy: str, cells: Sequence[tuple[str, str]], **more: Any) -> Analysis:
    """Analyse a table of the input n, each row a cell and an output."""
    inside = dmn_files.table(policy, ["n"], ["out"], cells, **more)
    return analysed(dmn_files.read(dmn_files.decision("t", inside, requires=["input:n"]), dmn_files.input_data("n")))


def whats(found: Analysis) -> list[str]:
    return [each.what for each in found.oddities]


def odd(policy: str, inputs: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    found = analysed(read_model(rules("t", inputs, ["out"], rows, policy=policy), name="t.dmn"))
    assert found.untold == ()
    return [each.what for each in found.oddities]


@pytest.mark.parametrize(
    ("cells", "covered"),
    [
        (["< 5", ">= 5"], None), (["< 5", "> 5"], "n = 5"), (["[0..5]", "> 5"], "n = -1"),
        (["<= 5", ">= 6"], "n = 5.5"), (["< 5", "[5..10)", "(10..20]", "> 20"], "n = 10"),
        (["< 5", "not(< 5)"], None), (["1, 2", "not(1, 2)"], None), (["-5", "not(-5)"], None),
        (["<= -5", "> -4"], "n = -4"), (['"a"', '"b"'], None), (["true"], "n = false"), (["true", "false"], None),
        (["-"], None), (['< date("2026-06-04")', '> date("2026-06-04")'], "n = 2026-06-04"),
        (['< @"2026-06-04"', '>= @"2026-06-04"'], None), (['< @"P3D"', '> @"P3D"'], "n = P3D"),
        (['< duration("P1M")', '> duration("P1M")'], "n = P1M"),
        (['<= @"10:00:00"', '> @"12:00:00"'], "n = 12:00:00"),
        (['<= @"2026-06-04T10:00:00"', '> @"2026-06-04T12:00:00"'], "n = 2026-06-04T12:00:00"),
    ],
)  # fmt: skip
def test_a_gap_is_told_with_a_value_in_it(cells: list[str], covered: str | None) -> None:
    found = odd("FIRST", ["n"], [[cell, "1"] for cell in cells])
    assert found == ([] if covered is None else [f"no row covers {covered}"])


@pytest.mark.parametrize(
    ("rows", "gaps"),
    [
        ([["0", "0", "-"], ["1", "1, 2", "-"], ["not(0, 1)", "-", "-"]], ["x = 0, y = 1 or -1", "x = 1, y = 0 or -1"]),
        ([["0", "0", "> 5"], ["0", "not(0)", "> 5"], ["not(0)", "-", "-"]], ["x = 0, z = 5"]),
    ],
)
def test_gaps_beside_each_other_are_told_as_one(rows: list[list[str]], gaps: list[str]) -> None:
    said = odd("UNIQUE", ["x", "y", "z"], [[*row, str(number)] for number, row in enumerate(rows)])
    assert said == [f"no row covers {gap}" for gap in gaps]


def test_an_input_of_which_every_value_leaves_a_gap_is_not_told() -> None:
    numbers = tuple(map(Decimal, range(9)))
    points: list[Region] = [{"v0": (v0,), "v1": (v1,)} for v0, v1 in product(numbers[:2], repeat=2)]
    assert merged(points[:2], {"v0": 2, "v1": 2}) == [({"v0": (0,)}, {"v0": 0, "v1": 0})]
    assert merged(points, {"v0": 3, "v1": 2}) == [({"v0": (0, 1)}, {"v0": 0, "v1": 0})]
    assert told({"v0": numbers[:3], "v1": numbers}) == "v0 = 0, 1 or 2, v1 = 0, 1, 2, 3 or another"


def test_a_gap_names_only_the_inputs_that_make_it() -> None:
    rows = [["< 5", "-", "true", "1"], [">= 5", '"a"', "-", "1"], [">= 5", '"b"', "false", "1"]]
    assert odd("UNIQUE", ["n", "s", "b"], rows) == [
        'no row covers n = 5, s = "b", b = true', "no row covers n = 4, b = false"
    ]


def test_tables_with_a_default_or_many_answers_need_not_be_complete() -> None:
    assert odd("COLLECT", ["n"], [["1", "1"]]) == []
    assert of_one("FIRST", [("1", "1")], defaults=["0"]).oddities == ()


def test_rows_that_unique_may_not_share_are_told_with_an_input() -> None:
    rows = [["<= 5", "-", "1"], ["[5..9]", '"a"', "2"], ["> 9", "-", "3"], ["(5..9]", '"b"', "4"]]
    assert odd("UNIQUE", ["n", "s"], rows) == [
        'rows 1 (rule_1) and 2 (rule_2) both match n = 5, s = "a", and UNIQUE allows one'
    ]
    assert odd("ANY", ["n"], [["<= 5", "1"], [">= 5", "1"]]) == []
    (said,) = odd("ANY", ["n"], [["<= 5", "1"], [">= 5", "2"]])
    assert said.endswith("both match n = 5, with different outputs, which ANY does not allow")


def test_a_row_hidden_by_one_or_by_several_before_it() -> None:
    assert odd("FIRST", ["n"], [["> 3", "1"], ["> 5", "2"], ["-", "3"]]) == [
        "row 2 (rule_2) never counts: row 1 (rule_1) comes first whenever it matches"
    ]
    (said,) = odd("FIRST", ["n"], [["<= 3", "1"], ["> 3", "2"], ["[1..9]", "3"]])
    assert said.startswith("row 3 (rule_3) never counts")
    assert odd("FIRST", ["b"], [["true", "1"], ["false", "2"], ["-", "3"]]) == []


def test_a_row_that_can_never_match() -> None:
    assert odd("COLLECT", ["n"], [["[9..5]", "1"], ["-", "2"]]) == [
        "row 1 (rule_1) can never match: no value of 'n' meets its cell"
    ]
    found = of_one("COLLECT", [('"c"', "1"), ('"a"', "1")], input_values=['"a", "b"'])
    assert [each.rows for each in found.oddities] == [(1,)]


def test_values_that_may_come_are_all_that_is_looked_for() -> None:
    assert whats(of_one("FIRST", [('"a"', "1")], input_values=['"a", "b"'])) == ['no row covers n = "b"']
    kind = dmn_files.item("answer", dmn_files.simple("string", '"yes", "no"'))
    inside = dmn_files.table("FIRST", ["n"], ["out"], [['"yes"', "1"]], input_types=["answer"])
    t, n = dmn_files.decision("t", inside, requires=["input:n"]), dmn_files.input_data("n", "answer")
    assert whats(analysed(dmn_files.read(kind, t, n))) == ['no row covers n = "no"']


def test_outputs_that_no_row_gives() -> None:
    listed = ['"x", "y"', "1, 2"]
    inside = dmn_files.table("FIRST", ["n"], ["a", "b"], [["-", '"x"', "n"]], output_values=listed)
    t = dmn_files.decision("t", inside, requires=["input:n"])
    found = analysed(dmn_files.read(t, dmn_files.input_data("n")))
    assert whats(found) == ["no row gives \"y\", which the output 'a' lists"]


@pytest.mark.parametrize("cell", ["> m", "odd(?)", "? > 3 and ? < 5", "today()", "string(3)"])
def test_a_cell_beyond_it_is_named_and_nothing_is_claimed(cell: str) -> None:
    source = rules("t", ["n", "m"], ["out"], [[cell, "-", "1"], ["> 3", "-", "2"]], policy="UNIQUE")
    found = analysed(read_model(source, name="t.dmn"))
    assert found.untold == ("what 'n' matches in row 1: it is more than constants",)
    assert found.oddities == ()


def test_inputs_that_hang_on_one_another_make_no_claim() -> None:
    source = rules("t", ["n", "n + 1"], ["out"], [["< 5", "-", "1"], ["-", ">= 6", "2"]], policy="UNIQUE")
    found = analysed(read_model(source, name="t.dmn"))
    assert found.oddities == ()
    assert len(found.untold) == 2


def test_it_gives_up_and_says_so() -> None:
    names = [f"n{number}" for number in range(24)]
    # Each row asks of two inputs, so that nearly every set of rows can be what is left.
    rows = [["-"] * number + ["> 3", "< 3"] + ["-"] * (22 - number) + ["1"] for number in range(23)]
    model = read_model(rules("t", names, ["out"], [*rows, ["-"] * 24 + ["0"]], policy="FIRST"), name="t.dmn")
    found = analysed(model)
    assert found.untold == ()
    assert any("too many combinations" in each for each in found.gave_up)


CELLS = {
    "n": ["-", "< 1", "<= 1", "1", "[0..1]", "(0..2)", "> 0", ">= 2", "not(1)", "0, 2"],
    "s": ["-", '"a"', '"b"', '"a", "b"', 'not("a")'],
    "b": ["-", "true", "false"],
}
VALUES: dict[str, list[Any]] = {"n": [-1, 0, 0.5, 1, 1.5, 2, 3], "s": ["a", "b", "zz"], "b": [True, False]}
ROWS = st.lists(st.tuples(*map(st.sampled_from, CELLS.values())), min_size=1, max_size=5)


@given(rows=ROWS, policy=st.sampled_from(["UNIQUE", "FIRST"]))
def test_it_says_what_trying_every_value_says(rows: list[tuple[str, ...]], policy: str) -> None:
    def ask(model: DecisionModel, values: Sequence[Any]) -> set[int]:
        result = model.evaluate("t", dict(zip(CELLS, values, strict=True)), Environment())
        return {row.row for row in result.matched}

    table = [[*row, str(number)] for number, row in enumerate(rows)]
    found = analysed(read_model(rules("t", [*CELLS], ["out"], table, policy=policy), name="t.dmn"))
    every = read_model(rules("t", [*CELLS], ["out"], table, policy="RULE ORDER"), name="t.dmn")
    matched = {values: ask(every, values) for values in product(*VALUES.values())}
    kinds: dict[str, list[Oddity]] = {kind: [] for kind in ("gap", "overlap", "hidden", "never")}
    for each in found.oddities:
        kinds[each.kind].append(each)
    # A text that is written nowhere is looked for in clashes, not in gaps.
    expected = {values: hit for values, hit in matched.items() if values[1] != "zz" and f'"{values[1]}"' in str(rows)}
    if expected:
        assert bool(kinds["gap"]) is any(not hit for hit in expected.values())
    for gap in kinds["gap"]:
        assert ask(every, [gap.example.get(name) for name in CELLS]) == set()
    if policy == "UNIQUE":
        assert bool(kinds["overlap"]) is any(len(hit) > 1 for hit in matched.values())
        for clash in kinds["overlap"]:
            assert set(clash.rows) <= ask(every, [clash.example.get(name) for name in CELLS])
    dead = {row for kind in ("hidden", "never") for each in kinds[kind] for row in each.rows[-1:]}
    with_nulls = [ask(every, values) for values in product(*([*values, None] for values in VALUES.values()))]
    if policy == "FIRST":
        assert dead == set(range(1, len(rows) + 1)) - {min(hit) for hit in with_nulls if hit}


def test_an_output_that_is_not_of_its_columns_type_is_told() -> None:
    inside = dmn_files.table("FIRST", ["n"], ["out"], [["1", '"x"'], ["2", "3"], ["-", "null"]])
    typed = inside.replace('<output name="out"', '<output name="out" typeRef="number"')
    found = analysed(dmn_files.read(dmn_files.decision("t", typed, requires=["input:n"]), dmn_files.input_data("n")))
    assert [(each.kind, each.what, each.rows) for each in found.oddities] == [
        ("type", "row 1 (rule_1), column 'out': \"x\" is not of the type 'number'", (1,))
    ]
