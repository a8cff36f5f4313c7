"""Our FEEL against another's: `@bpmn-io/feelin` under Node is asked the same, and every disagreement is explained.

A disagreement is followed down to the smallest part on whose parts both agree, and must be one of `KNOWN`: the part's
shape, the answers, and what the specification says. The same examples are asked each time: the other has faults of its
own, and a new one is met when this file is worked on, not when something else is.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.feel import Environment, compile_expression, compile_unary_tests, to_plain
from tests.properties.feel_texts import CONTEXTS, EXPRESSIONS, TESTS, Written

ROOT = Path(__file__).parents[2]
EXPRESSIONS_ASKED, TESTS_ASKED = 600, 300
OTHER = "something else"
"""Stands for dates, durations, ranges and functions, which are compared by what is made of them."""


@dataclass(frozen=True)
class Known:
    """A disagreement that is the other's: the shapes of the part, what the answers are then, and why ours is right."""

    shapes: frozenset[str]
    holds: Callable[[Any, Any, list[Any]], bool]
    """Given the other's answer, ours, and ours of the parts."""
    because: str


def known(shapes: str, because: str, holds: Callable[[Any, Any, list[Any]], bool]) -> Known:
    return Known(frozenset(shapes.split("  ")), holds, because)


# Clauses are those of the built-in functions in DMN 1.3 to 1.5; what is of the language itself names no clause.
KNOWN = [
    known(
        "({} in [1..5])  ({} in (0..{}])  ({} in (< 3, 7))  ({} between 1 and {})  (every i in {} satisfies i > {})  "
        "(some i in {} satisfies i > {})",
        "Semantics: a comparison with null is null, and so is what hangs on it; the other answers false",
        lambda theirs, ours, parts: ours is None and None in parts,
    ),
    known(
        "({} between 1 and {})  ({} in (0..{}])",
        "Semantics: `x between a and b` is `x >= a and x <= b`, so nothing lies in a range that runs backwards; "
        "the other turns it round",
        lambda theirs, ours, parts: theirs is True and ours is False and parts[1] < 1,
    ),
    known(
        "({} instance of number)  ({} instance of string)",
        "Grammar: `instance of` takes any expression; the other asks it only of what is no call or sum",
        lambda theirs, ours, parts: theirs is False and ours is isinstance(parts[0], float | str),
    ),
    known(
        "({} - {}).days",
        "Semantics: the days of three days are 3; the other has weeks and months before",
        lambda theirs, ours, parts: isinstance(theirs, float) and abs(ours) >= 1,
    ),
    known(
        "remove({}, 1)  sublist({}, 1)  insert before({}, 1, {})",
        "10.3.4.4: the position is one of the list's, and an empty list has none, so the argument is invalid: null",
        lambda theirs, ours, parts: ours is None and parts[0] == [] and isinstance(theirs, list),
    ),
    known(
        "substring({}, {})",
        "10.3.4.3: the start is a position of the text, and past its end there is none: null; the other answers empty",
        lambda theirs, ours, parts: ours is None and theirs == "" and abs(parts[1]) > len(parts[0]),
    ),
    known(
        "median({})",
        "10.3.4.4: the middle one of the numbers in order; the other orders them as text",
        lambda theirs, ours, parts: alike(ours, float(median(parts[0]))),
    ),
    known(
        "even({})  odd({})",
        "10.3.4.5: asked of whole numbers; of others it is null",
        lambda theirs, ours, parts: theirs is False and ours is None and parts[0] % 1 != 0,
    ),
    known(
        "({} = {})",
        "Semantics: lists are equal when they are as long and equal item by item; the other answers null of others",
        lambda theirs, ours, parts: theirs is None and ours is False and parts[0] != parts[1],
    ),
    known(
        "({} + {})",
        "Semantics: adding to null is null, as is joining text to null; the other leaves it out",
        lambda theirs, ours, parts: ours is None and None in parts,
    ),
]  # fmt: skip
KNOWN_TESTS = [
    known(
        "< {}  <= {}  > {}  >= {}  ? > {}  [{}..{}]  ({}..{}]",
        "Semantics: a comparison with null is null; the other answers false",
        lambda theirs, ours, parts: ours is None and theirs is False and None in parts,
    ),
    known(
        "[{}..{}]  ({}..{}]",
        "Semantics: nothing lies in a range that runs backwards; the other turns it round",
        lambda theirs, ours, parts: theirs is True and ours is False and parts[1] <= parts[0],
    ),
]


@dataclass
class Oracle:
    """The other, at the far end of a pipe."""

    process: subprocess.Popen[str]

    def ask(self, kind: str, text: str, context: Mapping[str, Any]) -> Any:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps({"kind": kind, "text": text, "context": context}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert "error" not in answer, f"{text}: {answer['error']}"
        return _told(answer["value"])


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    node, script = Path(sys.executable).with_name("node"), Path(__file__).with_name("feelin_oracle.mjs")
    command = [str(node), str(script), str(ROOT / "web" / "assets")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Oracle(process)
        assert process.stdin is not None
        process.stdin.close()


def _told(value: Any) -> Any:
    if isinstance(value, list):
        return [_told(each) for each in value]
    if isinstance(value, dict):
        if "$number" in value:
            return float(value["$number"])
        return OTHER if value.keys() & {"$temporal", "$other"} else {name: _told(each) for name, each in value.items()}
    return value


def ours(text: str, context: Mapping[str, Any]) -> Any:
    return _plain(to_plain(compile_expression(text, names=list(context)).evaluate(context, Environment())))


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, list):
        return [_plain(each) for each in value]
    try:
        return float(value)
    except TypeError:
        return OTHER


def ours_of_tests(text: str, context: Mapping[str, Any]) -> Any:
    return compile_unary_tests(text, names=list(context)).matches(context["?"], context, Environment())


def alike(one: Any, other: Any) -> bool:
    """Tell whether two answers are the same; numbers to nine digits, as the other's are floats."""
    if isinstance(one, float) and isinstance(other, float):
        return one == other or abs(one - other) <= 1e-9 * max(1, abs(one), abs(other))
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    return type(one) is type(other) and one == other


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
        "even(1.5)", "([1] = [1, 2])", '("a" + substring("e", 2))',
    ]  # fmt: skip
    assert [text for text in still if alike(oracle.ask("expression", text, {}), ours(text, {}))] == []
