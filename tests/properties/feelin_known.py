"""Where our FEEL and `@bpmn-io/feelin` are known to disagree, and why ours is right, by the shape of the expression.

Answers are as `test_feelin_oracle` tells them: numbers as floats; durations, moments and ranges as tuples that begin
with what they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

OTHER = ("something else",)
"""Stands for functions, which are compared by what they answer."""
UNABLE = ("an error",)
"""The other stopped."""


@dataclass(frozen=True)
class Known:
    """A disagreement that is the other's: the shapes of the part, what the answers are then, and why ours is right."""

    shapes: frozenset[str]
    holds: Callable[[Any, Any, list[Any]], bool]
    """Given the other's answer, ours, and ours of the parts."""
    because: str


def known(shapes: str, because: str, holds: Callable[[Any, Any, list[Any]], bool]) -> Known:
    return Known(frozenset(shapes.split("  ")), holds, because)


def holds_null(part: Any) -> bool:
    return part is None or (isinstance(part, tuple | list) and None in part)


def is_text(value: Any) -> bool:
    return isinstance(value, str)


def is_duration(value: Any) -> bool:
    return isinstance(value, tuple) and value[0] == "duration"


def is_range(value: Any) -> bool:
    return isinstance(value, tuple) and value[0] == "range"


def has_part(items: list[Any], start: float, length: float) -> bool:
    begin = start - 1 if start > 0 else len(items) + start
    return start != 0 and 0 <= begin < len(items) and 0 <= length <= len(items) - begin


def is_past_end(parts: list[Any]) -> bool:
    text = next(each for each in parts if isinstance(each, str))
    return any(abs(each) > len(text) for each in parts[:2] if isinstance(each, float))


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def kinds(*values: Any) -> set[type]:
    return {type(each) for each in values}


def alike(one: Any, other: Any) -> bool:
    """Tell whether two answers are the same; numbers to nine digits, as the other's are floats."""
    if isinstance(one, float) and isinstance(other, float):
        return one == other or abs(one - other) <= 1e-9 * max(1, abs(one), abs(other))
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(each, other[name]) for name, each in one.items())
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(_same_part, one, other))
    return type(one) is type(other) and one == other


def _same_part(one: Any, other: Any) -> bool:
    numbers = type(one) in (int, float) and type(other) in (int, float)
    return abs(one - other) <= 1e-9 if numbers else alike(one, other)


# Clauses are those of the built-in functions in DMN 1.3 to 1.5; what is of the language itself names no clause.
KNOWN = [
    known(
        "({} in [1..5])  ({} in (0..{}])  ({} in (< 3, 7))  ({} between 1 and {})  (every i in {} satisfies i > {})  "
        "(some i in {} satisfies i > {})  ({} in {})  includes({}, {})",
        "Semantics: a comparison with null is null, and so is what hangs on it; the other answers false",
        lambda theirs, ours, parts: ours is None and any(map(holds_null, parts)),
    ),
    known(
        "(null in {})",
        "Semantics: whether null lies in a range is not known; the other answers false",
        lambda theirs, ours, parts: ours is None and theirs is False,
    ),
    known(
        "before({}, {})  after({}, {})  (some i in {}, j in {} satisfies i > j)  (every i in {} satisfies i in {})",
        "10.3.4.7 and semantics: with nothing to compare it is null; the other takes null for nought, or answers false",
        lambda theirs, ours, parts: ours is None and any(map(holds_null, parts)),
    ),
    known(
        "(every i in {} satisfies i in {})  ({} in (> {}))",
        "Semantics: values of two kinds have no order, so it is null; the other may order them all the same",
        lambda theirs, ours, parts: ours is None and parts[0] is not None,
    ),
    known(
        "mode({})",
        "10.3.4.4: several that are as frequent come in order; the other leaves them as they come",
        lambda theirs, ours, parts: ours == sorted(theirs),
    ),
    known(
        "({} in {})  (every i in {} satisfies i in {})",
        "Semantics: nothing lies in a range that runs backwards; the other turns it round",
        lambda theirs, ours, parts: theirs is True and ours is False and parts[1][1] > parts[1][2],
    ),
    known(
        "({} in {})",
        "Semantics: what is no range or list is compared, and only null equals null; the other answers null",
        lambda theirs, ours, parts: theirs is None and ours is False and parts[1] is None,
    ),
    known(
        "({} = {})  meets({}, {})  met by({}, {})  overlaps({}, {})  before({}, {})  includes({}, {})",
        "Grammar: a half-open range ends with any bracket, whatever follows; the other takes it for a filter",
        lambda theirs, ours, parts: theirs == UNABLE and all(is_range(each) for each in parts),
    ),
    known(
        "({} != {})",
        "Semantics: values of two kinds are neither equal nor not; the other calls them unequal",
        lambda theirs, ours, parts: ours is None and theirs is True and kinds(parts[0]) != kinds(parts[1]),
    ),
    known(
        "string({})",
        "10.3.4.1: a duration below nought has one minus before it; the other writes one before each part",
        lambda theirs, ours, parts: is_duration(parts[0]) and theirs.replace("-", "") == ours.replace("-", ""),
    ),
    known(
        "date({}, {}, {})",
        "10.3.4.1: a day that the calendar does not have is null; the other goes on into the next month",
        lambda theirs, ours, parts: ours is None and parts[2] > 28,
    ),
    known(
        "date({})",
        "10.3.4.1: the date of a moment is the day on its own clock; the other takes the day that it is in UTC",
        lambda theirs, ours, parts: ours[1:4] == parts[0][1:4],
    ),
    known(
        "min({})  max({})",
        "10.3.4.4: texts have a least and a greatest; the other answers null of all but numbers",
        lambda theirs, ours, parts: theirs is None and ours in parts[0],
    ),
    known(
        "list replace({}, function(i, n) i < n, {})",
        "10.3.4.4: whether each item is to go is true or false; where it is null the answer is null",
        lambda theirs, ours, parts: ours is None and (parts[1] is None or kinds(*parts[0]) != kinds(parts[1])),
    ),
    known(
        "({} < {})  ({} <= {})  ({} > {})  ({} >= {})",
        "Semantics: values of two kinds have no order, so it is null; the other may order them all the same",
        lambda theirs, ours, parts: ours is None and kinds(parts[0]) != kinds(parts[1]),
    ),
    known(
        "(some i in {} satisfies i > {})  (every i in {} satisfies i > {})  (some i in {}, j in {} satisfies i > j)",
        "Semantics: values of two kinds have no order, so it is null; the other answers false",
        lambda theirs, ours, parts: ours is None and kinds(*parts[0]) != kinds(*as_list(parts[1])),
    ),
    known(
        "concatenate({}, {})  union({}, {})",
        "10.3.4.4: what is joined are lists, and null is none; the other joins null itself",
        lambda theirs, ours, parts: ours is None and None in parts,
    ),
    known(
        "[{}][item in {}]",
        "Grammar: a range that is half open ends with any bracket; nothing lies in one that runs backwards",
        lambda theirs, ours, parts: theirs == UNABLE or (theirs == [parts[0]] and parts[1][1] > parts[1][2]),
    ),
    known(
        "abs({})  -({})  ({} * {})  ({} / {})",
        "Semantics: durations are negated, made positive, multiplied and divided by numbers; the other answers null",
        lambda theirs, ours, parts: theirs is None and is_duration(parts[0]) and is_duration(ours),
    ),
    known(
        "[{}..10]  (-10..{}]",
        "Grammar: brackets say whether an end belongs, whatever the end is; the other opens an end that is null",
        lambda theirs, ours, parts: parts == [None] and theirs[1:3] == ours[1:3],
    ),
    known(
        "duration(\"P1Y1D\")",
        "Semantics: a duration is of months or of days and less, never of both; the other mixes them",
        lambda theirs, ours, parts: ours is None,
    ),
    known(
        "{}.time offset",
        "Semantics: a time or moment has its offset as a property; the other knows no such property",
        lambda theirs, ours, parts: theirs is None and ours == ("duration", 0, parts[0][-1] * 1000),
    ),
    known(
        "({}).months  ({}).minutes",
        "Semantics: the months are what is left beside whole years, minutes beside hours; the other counts them all",
        lambda theirs, ours, parts: theirs in (parts[0][1], int(parts[0][2] / 60_000)) and abs(ours) < abs(theirs),
    ),
    known(
        '({} in ["a".."r"])',
        "Semantics: strings have an order, so any text lies in a range or does not; the other lists single letters",
        lambda theirs, ours, parts: ours is ("a" <= parts[0] <= "r" if is_text(parts[0]) else None),
    ),
    known(
        "years and months duration({}, {})",
        "Semantics: whole months, towards none; the other keeps parts of a month",
        lambda theirs, ours, parts: abs(theirs[1] - ours[1]) <= 1,
    ),
    known(
        "({} in [{}..{}])  ({} in ({}..{}))  ({} between {} and {})",
        "Semantics: nothing lies in a range that runs backwards; the other turns it round",
        lambda theirs, ours, parts: theirs is True and ours is False and parts[1] >= parts[2],
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
        lambda theirs, ours, parts: theirs in (False, None) and ours is isinstance(parts[0], float | str),
    ),
    known(
        "({} - {}).days",
        "Semantics: the days of three days are 3; the other has weeks and months before",
        lambda theirs, ours, parts: isinstance(theirs, float) and abs(ours) >= 1,
    ),
    known(
        "remove({}, 1)  sublist({}, 1)  insert before({}, 1, {})  list replace({}, 1, {})",
        "10.3.4.4: the position is one of the list's, and an empty list has none, so the argument is invalid: null",
        lambda theirs, ours, parts: ours is None and parts[0] == [] and isinstance(theirs, list),
    ),
    known(
        "list replace({}, -1, {})",
        "10.3.4.4: places count from the end too; the other counts from the start alone",
        lambda theirs, ours, parts: ours == ([*parts[0][:-1], parts[1]] if parts[0] else None),
    ),
    known(
        "sublist({}, {}, {})",
        "10.3.4.4: a part that the list does not have is invalid: null; the other cuts it short, or counts from nought",
        lambda theirs, ours, parts: not has_part(*parts) if ours is None else parts[1] < 0,
    ),
    known(
        "substring({}, {})  substring({}, {}, {})  substring(start position: {}, string: {})",
        "10.3.4.3: the start is a position of the text, and past its end there is none: null; the other answers empty",
        lambda theirs, ours, parts: ours is None and theirs == "" and is_past_end(parts),
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
        "Semantics: lists are equal when they are as long and equal item by item; the other opens a list of one",
        lambda theirs, ours, parts: theirs in (None, True) and ours is False and parts[0] != parts[1],
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
