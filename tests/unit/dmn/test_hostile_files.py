"""Files that were damaged or made to do harm: refused in words, or read; never a crash."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.dmn import read_model
from engine.errors import BudgetExceeded, Invalid
from tests.unit.dmn.dmn_files import (
    ask,
    decision,
    definitions,
    input_data,
    item,
    knowledge,
    literal,
    read,
    simple,
    table,
    world,
)

WHOLE = definitions(
    item("tAge", simple("number", "[0..120]")), input_data("age", "tAge"),
    knowledge("double", [("n", "number")], literal("n * 2")),
    decision(
        "D", table("UNIQUE", ["age"], ["band"], [["< 5", '"young"'], [">= 5", "double(age)"]]),
        requires=["input:age", "knowledge:double"],
    ),
    decision("E", f"<list>{literal('D')}<context><contextEntry>{literal('1')}</contextEntry></context></list>",
             requires=["decision:D"]),
).decode()
PIECES = (
    "<", ">", '"', "/", "=", "list", "context", "decision", "text", "typeRef", "href", "#id_D", "#id_E", "age", "tAge",
)


@given(seed=st.integers(0, 2**32), changes=st.integers(1, 4))
@settings(max_examples=150)
def test_a_damaged_file_is_read_or_refused(seed: int, changes: int) -> None:
    randomness, text = random.Random(seed), WHOLE
    for _ in range(changes):
        old = randomness.choice([piece for piece in PIECES if piece in text])
        places = [index for index in range(len(text)) if text.startswith(old, index)]
        place = randomness.choice(places)
        text = text[:place] + randomness.choice(PIECES) + text[place + len(old):]
    try:
        model = read_model(text.encode(), name="damaged.dmn")
        for each in model.decisions:
            model.evaluate(each, {"age": 4}, world())
    except Invalid as refusal:
        assert "damaged.dmn" in str(refusal)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')", "age.__class__", "age.real", "(1).__class__", "open('a')", "eval(\"1\")",
        '"".format', "[].append(1)", "item.__dict__", "exec(1)",
    ],
)
def test_no_cell_reaches_python(text: str) -> None:
    logic = table("UNIQUE", ["age"], ["y"], [["-", text]])
    model = read(input_data("age"), decision("D", logic, requires=["input:age"]), strict=False)
    result = ask(model, "D", age=5)
    assert result.value is None
    assert result.warnings


def test_a_cell_that_would_never_end_is_stopped() -> None:
    endless = "count(for a in 1..100000, b in 1..100000 return a)"
    model = read(decision("D", table("UNIQUE", ["true"], ["y"], [["-", endless]])))
    with pytest.raises(BudgetExceeded, match=r"decision 'D': .*more steps than") as stopped:
        ask(model, "D")
    assert stopped.value.details["decision"] == "id_D"


ENDLESS = "count(for a in 1..100000, b in 1..100000 return a)"


@pytest.mark.parametrize(
    ("inputs", "row", "place", "named"),
    [
        (["true"], ["-", "1", ENDLESS], "row 1, column 'z'", (1, "z")),
        (["1"], [f"> {ENDLESS}", "1", "2"], "row 1, column '1'", (1, "1")),
        ([ENDLESS], ["> 1", "1", "2"], "table of 'D', column 'count", (None, ENDLESS)),
    ],
)
def test_a_cell_that_is_stopped_is_named_by_row_and_column(
    inputs: list[str], row: list[str], place: str, named: tuple[int | None, str]
) -> None:
    model = read(decision("D", table("UNIQUE", inputs, ["y", "z"], [row])))
    with pytest.raises(BudgetExceeded, match=f"decision 'D': .*{place}.*more steps than") as stopped:
        ask(model, "D")
    assert (stopped.value.details["row"], stopped.value.details["column"]) == named


def test_a_cell_nested_too_deeply_is_refused_with_its_place() -> None:
    deep = "(" * 3000 + "1" + ")" * 3000
    with pytest.raises(Invalid, match=r"decision 'D'.*row 1, column 'y': .*nested too deeply"):
        read(decision("D", table("UNIQUE", ["true"], ["y"], [["-", deep]])))


def test_tables_share_one_budget() -> None:
    costly = "count(for a in 1..1000, b in 1..600 return a)"
    names = [f"D{n}" for n in range(8)]
    every = decision("All", literal(" + ".join(names)), requires=[f"decision:{name}" for name in names])
    with pytest.raises(BudgetExceeded):
        ask(read(*(decision(name, literal(costly)) for name in names), every), "All")
