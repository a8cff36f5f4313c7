"""A decision table of 20 rows and 5 inputs, beside another FEEL; a sum in a cell; compiling the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from importlib.resources import files
from statistics import mean
from typing import Any
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from bench import other_feel
from bench.furnished import Databases
from bench.measuring import Figure, Scale, timed
from engine.casework.feel_functions import HOST_FUNCTIONS
from engine.clock import SystemClock
from engine.dmn import DecisionModel, read_model
from engine.feel import Environment, Session, compile_expression

ROWS = 20
MOST_MICROSECONDS = 25
TIMES_THE_OTHER = 10
MOST_TIMES_PYTHON = 3
MOST_MILLISECONDS_TO_COMPILE = 20
A_BATCH = 200
SUMS = 20_000
ASKED = (2, 11, 20)
_INPUTS = ("age", "days_overdue", "reviews_missed", "consent", "lead")


def measure(databases: Databases, scale: Scale) -> Iterator[Figure]:
    """Measure the table with facts that match an early, a middle and a late row; it needs no database."""
    if databases.kind != "sqlite":
        return
    for policy in ("FIRST", "COLLECT"):
        model = read_model(table(policy), name="bench.dmn")
        acts = [partial(_evaluate_many, model, row) for row in ASKED]
        # The least: what else runs on the machine only ever adds.
        spans = [min(timed(act) for _ in range(scale.rounds * 2)) * 1000 / A_BATCH for act in acts]
        yield _figure(policy, mean(spans))
        if policy == "FIRST":
            yield _beside_the_other(model, mean(spans), scale)
    yield _sum_in_a_cell(scale)
    yield _compiling(scale)


def _beside_the_other(model: DecisionModel, microseconds: float, scale: Scale) -> Figure:
    rows = [(cells(number), f'"row {number}"') for number in range(1, ROWS + 1)]
    ask = other_feel.table(_INPUTS, rows)
    spans = []
    for row in ASKED:
        assert ask(_facts(row)) == model.evaluate("decide", _facts(row), Environment()).value
        spans.append(min(timed(lambda row=row: ask(_facts(row))) for _ in range(scale.rounds * 2)) * 1000)
    times = mean(spans) / microseconds
    return Figure(
        row="rules",
        measure="the same, FIRST, by @bpmn-io/feelin in V8 called from Python",
        database="none",
        figure=f"{mean(spans):.0f} us: {times:.0f}x",
        reach=f"at least {TIMES_THE_OTHER}x ours",
        met=times >= TIMES_THE_OTHER,
        numbers={"microseconds": mean(spans), "times": times},
    )


def _sum_in_a_cell(scale: Scale) -> Figure:
    """Compare `a + b` inside a compiled cell, as the table evaluates it, with Python's own."""
    expression, one, other = compile_expression("a + b", names=("a", "b")), Decimal("12.5"), Decimal(30)
    frame = Session({"a": one, "b": other}).frame
    names = {"a": one, "b": other}
    add: Callable[[dict[str, Decimal]], Decimal] = lambda known: known["a"] + known["b"]  # noqa: E731
    code = expression.code

    def ours() -> None:
        for _ in range(SUMS):
            code(frame)

    def pythons() -> None:
        for _ in range(SUMS):
            add(names)

    mine, python = (min(timed(act) for _ in range(scale.rounds * 4)) for act in (ours, pythons))
    return Figure(
        row="rules",
        measure="a + b of two inputs in a compiled cell, beside a Python lambda on Decimals by name",
        database="none",
        figure=f"{mine * 1e6 / SUMS:.0f} ns: {mine / python:.1f}x",
        reach=f"at most {MOST_TIMES_PYTHON}x",
        met=mine <= MOST_TIMES_PYTHON * python,
        numbers={"nanoseconds": mine * 1e6 / SUMS, "times": mine / python},
    )


def _compiling(scale: Scale) -> Figure:
    source = files("rules").joinpath("escalation.dmn").read_bytes()
    milliseconds = min(
        timed(lambda: read_model(source, name="escalation.dmn", functions=HOST_FUNCTIONS)) for _ in range(scale.rounds)
    )
    return Figure(
        row="rules",
        measure="compile escalation.dmn",
        database="none",
        figure=f"{milliseconds:.1f} ms",
        reach=f"at most {MOST_MILLISECONDS_TO_COMPILE} ms",
        met=milliseconds <= MOST_MILLISECONDS_TO_COMPILE,
        numbers={"milliseconds": milliseconds},
    )


def _facts(row: int) -> dict[str, Any]:
    return {"age": row, "days_overdue": 3 * row, "reviews_missed": 1, "consent": "given", "lead": True}


def _evaluate_many(model: DecisionModel, row: int) -> None:
    now = SystemClock().now()
    facts = _facts(row)
    for _ in range(A_BATCH):
        result = model.evaluate("decide", facts, Environment(now=now, zone=ZoneInfo("Europe/London"), warnings=[]))
        assert result.value is not None


def _figure(policy: str, microseconds: float) -> Figure:
    return Figure(
        row="rules",
        measure=f"a decision table, {ROWS} rows x {len(_INPUTS)} inputs, {policy}",
        database="none",
        figure=f"{microseconds:.1f} us",
        reach=f"at most {MOST_MICROSECONDS} us",
        met=microseconds <= MOST_MICROSECONDS,
        numbers={"microseconds": microseconds},
    )


def table(policy: str) -> bytes:
    """Return a DMN file with one table: ranges, comparisons, lists and text, as rule files have them."""
    inputs = "".join(
        f'<input id="i_{name}"><inputExpression id="e_{name}"><text>{name}</text></inputExpression></input>'
        for name in _INPUTS
    )
    rules = "".join(_rule(number) for number in range(1, ROWS + 1))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="bench" name="bench" namespace="bench">'
        f'<decision id="decide" name="decide"><decisionTable id="t" hitPolicy="{policy}">{inputs}'
        f'<output id="o" name="said" />{rules}</decisionTable></decision></definitions>'
    ).encode()


def cells(number: int) -> tuple[str, ...]:
    """Return the cells of a row."""
    return f"[{number}..{number + 1}]", f">= {2 * number}", "< 5", '"given", "limited"', "-"


def _rule(number: int) -> str:
    entries = "".join(
        f'<inputEntry id="c_{number}_{at}"><text>{escape(cell)}</text></inputEntry>'
        for at, cell in enumerate(cells(number))
    )
    return (
        f'<rule id="r_{number}">{entries}<outputEntry id="a_{number}"><text>"row {number}"</text></outputEntry></rule>'
    )
