"""Our FEEL against another's: `@bpmn-io/feelin` under Node is asked the same, and every disagreement is explained.

A disagreement is followed down to the smallest part on whose parts both agree, and must be one of `KNOWN`: the part's
shape, the answers, and what the specification says. The same examples are asked each time: the other has faults of its
own, and a new one is met when this file is worked on, not when something else is.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.feel import Environment, compile_expression, compile_unary_tests
from engine.feel.temporal import DaysTime, FeelDateTime, FeelTime, YearsMonths, offset_at
from engine.feel.values import FeelFunction, FeelRange
from tests.properties.feel_texts import CONTEXTS, EXPRESSIONS, TESTS, Written
from tests.properties.feelin_known import KNOWN, KNOWN_TESTS, OTHER, UNABLE, Known, alike

ROOT = Path(__file__).parents[2]
EXPRESSIONS_ASKED, TESTS_ASKED = 900, 300

@dataclass
class Oracle:
    """The other, at the far end of a pipe."""

    process: subprocess.Popen[str]

    def ask(self, kind: str, text: str, context: Mapping[str, Any]) -> Any:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps({"kind": kind, "text": text, "context": context}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        return UNABLE if "error" in answer else _told(answer["value"])


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    node, script = Path(sys.executable).with_name("node"), Path(__file__).with_name("feelin_oracle.mjs")
    command = [str(node), str(script), str(ROOT / "web" / "assets")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "TZ": "UTC"}
    ) as process:
        yield Oracle(process)
        assert process.stdin is not None
        process.stdin.close()


def _told(value: Any) -> Any:
    if isinstance(value, list):
        return [_told(each) for each in value]
    if isinstance(value, dict):
        for kind in ("moment", "duration", "range"):
            if f"${kind}" in value:
                return (kind, *map(_told, value[f"${kind}"]))
        if "$number" in value:
            return float(value["$number"])
        return OTHER if "$other" in value else {name: _told(each) for name, each in value.items()}
    return value


def ours(text: str, context: Mapping[str, Any]) -> Any:
    return _plain(compile_expression(text, names=list(context)).evaluate(context, Environment()))


def _plain(value: Any) -> Any:
    """Return a FEEL value as the other's are told, by what it is and not as text: a date is its midnight in UTC."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, FeelRange):
        return ("range", *map(_plain, (value.start, value.end, value.start_included, value.end_included)))
    if isinstance(value, YearsMonths):
        return ("duration", value.months, 0)
    if isinstance(value, DaysTime):
        return ("duration", 0, value.nanos // 1_000_000)
    if isinstance(value, date):
        return _moment(value, FeelTime(0, 0, 0, 0, 0))
    if isinstance(value, FeelTime):
        return _moment(date(1900, 1, 1), value)
    if isinstance(value, FeelDateTime):
        return _moment(value.date, value.time)
    return OTHER if isinstance(value, FeelFunction) else value


def _moment(day: Any, time: FeelTime) -> tuple[Any, ...]:
    clock = (time.hour, time.minute, time.second, time.nanos // 1_000_000)
    return ("moment", day.year, day.month, day.day, *clock, offset_at(day, time))


def ours_of_tests(text: str, context: Mapping[str, Any]) -> Any:
    return compile_unary_tests(text, names=list(context)).matches(context["?"], context, Environment())


def disagreement(oracle: Oracle, written: Written, context: Mapping[str, Any]) -> tuple[Written, Any, Any] | None:
    """Return the smallest part on which they disagree, and both answers; None when they agree on all of it."""
    for part in written.parts:
        found = disagreement(oracle, part, context)
        if found is not None:
            return found
    theirs, mine = oracle.ask("expression", str(written), context), ours(str(written), context)
    return None if alike(theirs, mine) else (written, theirs, mine)


def explained(table: list[Known], written: Written, theirs: Any, mine: Any, context: Mapping[str, Any]) -> bool:
    parts = [ours(str(part), context) for part in written.parts]
    return any(written.pattern in each.shapes and each.holds(theirs, mine, parts) for each in table)


@settings(
    max_examples=EXPRESSIONS_ASKED, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
@given(written=EXPRESSIONS, context=CONTEXTS)
def test_expressions_come_to_the_same_or_the_difference_is_known(
    oracle: Oracle, written: Written, context: dict[str, Any]
) -> None:
    if alike(oracle.ask("expression", str(written), context), ours(str(written), context)):
        return
    found = disagreement(oracle, written, context)
    assert found is None or explained(KNOWN, *found, context), f"{found[0]} | theirs {found[1]!r} | ours {found[2]!r}"


@settings(max_examples=TESTS_ASKED, deadline=None, derandomize=True, database=None)
@given(written=TESTS, context=CONTEXTS, asked=st.integers(-3, 12))
def test_unary_tests_come_to_the_same_or_the_difference_is_known(
    oracle: Oracle, written: Written, context: dict[str, Any], asked: int
) -> None:
    context = context | {"?": asked}

    def differs(each: Written) -> bool:
        theirs, mine = oracle.ask("tests", str(each), context), ours_of_tests(str(each), context)
        return not alike(theirs, mine)

    if differs(written):
        # A list of tests, or the opposite of one, may differ only where one of its tests does.
        compared = [part for part in written.parts if part.pattern in SIMPLE] or [written]
        apart = [each for each in compared if differs(each)]
        assert apart, f"{written} for {asked}"
        for each in apart:
            theirs, mine = oracle.ask("tests", str(each), context), ours_of_tests(str(each), context)
            inner = each.parts and any(disagreement(oracle, part, context) for part in each.parts)
            assert inner or explained(KNOWN_TESTS, each, theirs, mine, context), f"{each} | {theirs!r} | {mine!r}"


SIMPLE = frozenset().union(*(each.shapes for each in KNOWN_TESTS)) | {"{}", "null"}


def test_every_known_difference_still_is_one(oracle: Oracle) -> None:
    """An entry that no longer differs, in the version of the other that is pinned, has to go."""
    still = [
        "(null in [1..5])", '(2 between 3 and 1)', "(abs(1) instance of number)",
        '(date("2026-03-05") - date("2025-02-01")).days', "remove([], 1)", 'substring("e", 2)', "median([3.5, 10, 2])",
        # A date is midnight, and what is added to it leaves the day it comes to.
        '(date("2026-02-28") + duration("PT36H") = date("2026-03-01"))',
        '("" < 1)', 'abs(@"P3D")', '(@"PT1H" * 0.5)', "[null..10]", 'duration("P1Y1D")',
        '@"2026-03-01T00:15:00Z".time offset', '@"P14M".months', '("blu" in ["a".."r"])',
        'years and months duration(@"2024-02-29", @"2026-02-28")', "after(2, null)", "date(2025, 2, 29)",
        'date(@"2026-03-01T00:15:00+01:00")', 'min(["red"])', "mode([-1, 2, 0])", "list replace([1, 2], -1, 0)",
        "sublist([1], -1, 2)", "list replace([1], function(i, n) i < n, null)", "(2 in [3..1])", "(null in [1..2])",
        "(1 in null)", "([2..7[ = ]0..3])", '(1 != "a")', 'string(@"-P13M")', "concatenate([1], null)",
        "([1] = [null])",
        "even(1.5)", "([1] = [1, 2])", '("a" + substring("e", 2))',
    ]  # fmt: skip
    assert [text for text in still if alike(oracle.ask("expression", text, {}), ours(text, {}))] == []
