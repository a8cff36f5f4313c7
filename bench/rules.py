"""A decision table of 20 rows and 5 inputs, once compiled."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from statistics import median
from zoneinfo import ZoneInfo

from bench.furnished import Databases
from bench.measuring import Figure, Scale, timed
from engine.clock import SystemClock
from engine.dmn import DecisionModel, read_model
from engine.feel import Environment

ROWS = 20
MOST_MICROSECONDS = 40
A_BATCH = 200
_INPUTS = ("age", "days_overdue", "reviews_missed", "consent", "lead")


def measure(databases: Databases, scale: Scale) -> Iterator[Figure]:
    """Measure the table with facts that match an early, a middle and a late row; it needs no database."""
    if databases.kind != "sqlite":
        return
    for policy in ("FIRST", "COLLECT"):
        model = read_model(table(policy), name="bench.dmn")
        acts = [partial(_evaluate_many, model, row) for row in (2, 11, 20)]
        spans = [timed(act) * 1000 / A_BATCH for _ in range(scale.rounds * 2) for act in acts]
        yield _figure(policy, median(spans))


def _evaluate_many(model: DecisionModel, row: int) -> None:
    now = SystemClock().now()
    facts = {"age": row, "days_overdue": 3 * row, "reviews_missed": 1, "consent": "given", "lead": True}
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


def _rule(number: int) -> str:
    cells = (f"[{number}..{number + 1}]", f"&gt;= {2 * number}", "&lt; 5", '"given", "limited"', "-")
    entries = "".join(
        f'<inputEntry id="c_{number}_{at}"><text>{cell}</text></inputEntry>' for at, cell in enumerate(cells)
    )
    return (
        f'<rule id="r_{number}">{entries}<outputEntry id="a_{number}"><text>"row {number}"</text></outputEntry></rule>'
    )
