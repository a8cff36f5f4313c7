"""Built-ins that compare points and ranges (DMN 1.5, table 78), and `range`, which reads one from text."""

from __future__ import annotations

from collections.abc import Callable

from engine.feel import nodes as n
from engine.feel.compare import equal, in_range, order
from engine.feel.environment import FeelSyntaxError, Runtime
from engine.feel.functions.registry import define, find_built_in
from engine.feel.parser import parse_expression
from engine.feel.values import FeelRange, Value

Relation = Callable[[Value, Value], bool | None]
_POINT_MAKERS = frozenset({"date", "time", "date and time", "duration"})


class _Unordered(Exception):
    """Two ends have no order, so the whole question is null."""


def _side(one: Value, other: Value) -> int:
    compared = order(one, other)
    if compared is None:
        raise _Unordered
    return compared


def _starts(one: FeelRange, other: FeelRange) -> int:
    """Compare where two ranges start: an unbounded start comes before all others, an open one after a closed."""
    if one.start is None or other.start is None:
        return (other.start is None) - (one.start is None) if one.start is not other.start else 0
    compared = _side(one.start, other.start)
    return compared or other.start_included - one.start_included


def _ends(one: FeelRange, other: FeelRange) -> int:
    if one.end is None or other.end is None:
        return (one.end is None) - (other.end is None)
    compared = _side(one.end, other.end)
    return compared or one.end_included - other.end_included


def _end_to_start(one: FeelRange, other: FeelRange) -> int:
    """Return below zero when `one` is over before `other` starts, zero when they share one point, else above."""
    if one.end is None or other.start is None:
        return 1
    compared = _side(one.end, other.start)
    return compared if compared else (0 if one.end_included and other.start_included else -1)


def _as_range(value: Value) -> FeelRange:
    return value if isinstance(value, FeelRange) else FeelRange(value, True, value, True)


def _before(one: Value, other: Value) -> bool:
    return _end_to_start(_as_range(one), _as_range(other)) < 0


def _meets(one: FeelRange, other: FeelRange) -> bool:
    return _end_to_start(one, other) == 0


def _overlaps(one: FeelRange, other: FeelRange) -> bool:
    return _end_to_start(one, other) >= 0 and _end_to_start(other, one) >= 0


def _overlaps_before(one: FeelRange, other: FeelRange) -> bool:
    return _starts(one, other) < 0 and _end_to_start(one, other) >= 0 and _ends(one, other) <= 0


def _finishes(one: Value, whole: FeelRange) -> bool:
    if not isinstance(one, FeelRange):
        return whole.end_included and whole.end is not None and _side(whole.end, one) == 0
    return _ends(one, whole) == 0 and _starts(one, whole) >= 0


def _begins(one: Value, whole: FeelRange) -> bool:
    if not isinstance(one, FeelRange):
        return whole.start_included and whole.start is not None and _side(whole.start, one) == 0
    return _starts(one, whole) == 0 and _ends(one, whole) <= 0


def _during(one: Value, whole: FeelRange) -> bool | None:
    if not isinstance(one, FeelRange):
        return in_range(one, whole)
    return _starts(one, whole) >= 0 and _ends(one, whole) <= 0


def _coincides(one: Value, other: Value) -> bool | None:
    if isinstance(one, FeelRange) and isinstance(other, FeelRange):
        return _starts(one, other) == 0 and _ends(one, other) == 0
    return None if isinstance(one, FeelRange) or isinstance(other, FeelRange) else equal(one, other)


def _relation(name: str, relation: Relation, *signatures: tuple[str, str], swap: bool = False) -> None:
    """Register `relation` for each pair of parameters; `swap` hands them over the other way round."""

    def body(_: Runtime, one: Value, other: Value) -> Value:
        if one is None or other is None or _odd(one) or _odd(other):
            return None
        try:
            return relation(other, one) if swap else relation(one, other)
        except _Unordered:
            return None

    for signature in signatures:
        define(name, *signature)(body)


def _odd(value: Value) -> bool:
    return isinstance(value, FeelRange) and value.operator == "!="


_ANY = (("point1:any", "point2:any"), ("range1:any", "range2:any"), ("point:any", "range:any"),
        ("range:any", "point:any"))  # fmt: skip
_RANGES = (("range1:range", "range2:range"),)
_PART_OF = (("point:any", "range:range"), ("range1:range", "range2:range"))
_WHOLE_OF = (("range:range", "point:any"), ("range1:range", "range2:range"))
_relation("before", _before, *_ANY)
_relation("after", _before, *_ANY, swap=True)
_relation("meets", _meets, *_RANGES)
_relation("met by", _meets, *_RANGES, swap=True)
_relation("overlaps", _overlaps, *_RANGES)
_relation("overlaps before", _overlaps_before, *_RANGES)
_relation("overlaps after", _overlaps_before, *_RANGES, swap=True)
_relation("finishes", _finishes, *_PART_OF)
_relation("finished by", _finishes, *_WHOLE_OF, swap=True)
_relation("includes", _during, *_WHOLE_OF, swap=True)
_relation("during", _during, *_PART_OF)
_relation("starts", _begins, *_PART_OF)
_relation("started by", _begins, *_WHOLE_OF, swap=True)
_relation("coincides", _coincides, *_ANY)


@define("range", "from:string")
def _range(runtime: Runtime, text: str) -> Value:
    if len(text) > 1000:
        return None
    try:
        node = parse_expression(text)
    except FeelSyntaxError:
        return None
    if not isinstance(node, n.RangeOf):
        return None
    start, end = _point(runtime, node.start), _point(runtime, node.end)
    side = order(start, end)
    if side is None or side > 0:
        return None
    return FeelRange(start, node.start_included, end, node.end_included)


def _point(runtime: Runtime, node: n.Node) -> Value:
    """Return a literal end of a range: a constant, or `date("...")` and its like."""
    if isinstance(node, n.Literal):
        return node.value
    if not isinstance(node, n.Call) or not isinstance(node.function, n.Name) or len(node.arguments) != 1:
        return None
    maker, argument = find_built_in(node.function.name), node.arguments[0]
    if node.function.name not in _POINT_MAKERS or maker is None or not isinstance(argument, n.Literal):
        return None
    return maker.call(runtime, [argument.value])
