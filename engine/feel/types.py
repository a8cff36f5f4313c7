"""Types by name: what `instance of` asks, and what written parameter types convert to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from engine.feel.nodes import TypeNode
from engine.feel.temporal import DaysTime, FeelDateTime, FeelTime, WideDate, YearsMonths
from engine.feel.values import FeelFunction, FeelRange, Value

TypeTest = Callable[[Value], bool]

_KINDS: dict[str, tuple[type, ...]] = {
    "number": (Decimal,),
    "string": (str,),
    "boolean": (bool,),
    "date": (date, WideDate),
    "time": (FeelTime,),
    "date and time": (FeelDateTime,),
    "dateTime": (FeelDateTime,),
    "days and time duration": (DaysTime,),
    "dayTimeDuration": (DaysTime,),
    "years and months duration": (YearsMonths,),
    "yearMonthDuration": (YearsMonths,),
    "duration": (DaysTime, YearsMonths),
    "list": (list,),
    "context": (dict,),
    "range": (FeelRange,),
    "function": (FeelFunction,),
}
_NAMES: dict[type, str] = {
    Decimal: "number",
    str: "string",
    bool: "boolean",
    date: "date",
    WideDate: "date",
    FeelTime: "time",
    FeelDateTime: "date and time",
    DaysTime: "days and time duration",
    YearsMonths: "years and months duration",
    list: "list",
    dict: "context",
    FeelRange: "range",
    FeelFunction: "function",
    type(None): "null",
}


def kind_name(value: Value) -> str:
    """Return FEEL's name for the kind of a value: `number`, `date and time`, `context`, ..."""
    return _NAMES.get(type(value), "unknown")


def type_test(node: TypeNode, types: Mapping[str, TypeTest]) -> TypeTest | None:
    """Return the test for a type: true for a value of it, never for null; None for an unknown name.

    `types` holds the tests of the model's own types by name.
    """
    if node.name == "Any":
        return lambda value: value is not None
    if node.name == "Null":
        return lambda value: value is None
    if node.name in types and not node.parts:
        return types[node.name]
    if node.result is not None:
        return _function_test(node)
    kinds = _KINDS.get(node.name)
    if kinds is None:
        return None
    if not node.parts:
        return lambda value: type(value) in kinds
    parts = [type_test(part, types) for part in node.parts]
    known = [part for part in parts if part is not None]
    if len(known) != len(parts):
        return None
    return _PARTED[node.name](known, node.fields)


def _list_test(parts: list[TypeTest], _: tuple[str, ...]) -> TypeTest:
    item = parts[0]
    return lambda value: type(value) is list and all(entry is None or item(entry) for entry in value)


def _context_test(parts: list[TypeTest], fields: tuple[str, ...]) -> TypeTest:
    pairs = tuple(zip(fields, parts, strict=True))

    def check(value: Value) -> bool:
        if type(value) is not dict:
            return False
        return all(name in value and (value[name] is None or part(value[name])) for name, part in pairs)

    return check


def _range_test(parts: list[TypeTest], _: tuple[str, ...]) -> TypeTest:
    end = parts[0]

    def check(value: Value) -> bool:
        if type(value) is not FeelRange:
            return False
        return all(bound is None or end(bound) for bound in (value.start, value.end))

    return check


_PARTED: dict[str, Callable[[list[TypeTest], tuple[str, ...]], TypeTest]] = {
    "list": _list_test,
    "context": _context_test,
    "range": _range_test,
}


def _function_test(node: TypeNode) -> TypeTest:
    def check(value: Value) -> bool:
        if type(value) is not FeelFunction or len(value.parameters) != len(node.parts):
            return False
        domain = value.domain or (None,) * len(node.parts)
        # A function may stand in for another that promises less and asks for more.
        accepts = all(conforms(wanted, given) for wanted, given in zip(node.parts, domain, strict=True))
        return accepts and (node.result is None or conforms(value.result, node.result))

    return check


def conforms(narrow: TypeNode | None, wide: TypeNode | None) -> bool:
    """Say whether every value of `narrow` is one of `wide`; a type not written is Any.

    DMN 1.5, 10.3.2.9.2.
    """
    if wide is None or wide.name == "Any" or (narrow is not None and narrow.name == "Null"):
        return True
    if narrow is None or narrow.name != wide.name:
        return False
    if wide.result is not None or narrow.result is not None:
        return _functions_conform(narrow, wide)
    if wide.name == "context" and wide.fields:
        own = dict(zip(narrow.fields, narrow.parts, strict=True))
        return all(conforms(own.get(name), part) for name, part in zip(wide.fields, wide.parts, strict=True))
    return len(narrow.parts) == len(wide.parts) and all(map(conforms, narrow.parts, wide.parts))


def _functions_conform(narrow: TypeNode, wide: TypeNode) -> bool:
    if len(narrow.parts) != len(wide.parts):
        return False
    return all(map(conforms, wide.parts, narrow.parts)) and conforms(narrow.result, wide.result)


def coerce(value: Value, test: TypeTest) -> tuple[bool, Value]:
    """Fit a value to a type: as it is, the only item of a list, as a list of one, or a date as its midnight in UTC.

    Returns whether it fits, and the fitted value; null fits every type. DMN 1.5, 10.3.2.9.4.
    """
    if value is None or test(value):
        return True, value
    if type(value) is list and len(value) == 1 and test(value[0]):
        return True, value[0]
    if type(value) is not list and test([value]):
        return True, [value]
    if isinstance(value, date | WideDate):
        midnight = FeelDateTime(value, FeelTime(0, 0, 0, offset=0))
        return (True, midnight) if test(midnight) else (False, None)
    return False, None
