"""Built-ins that turn one kind of value into another, and logical negation."""

from __future__ import annotations

from decimal import Decimal

from engine.feel.environment import Runtime
from engine.feel.functions.registry import define
from engine.feel.numbers import parse_number
from engine.feel.temporal_text import parse_duration
from engine.feel.text import value_text
from engine.feel.values import Value

_GROUPING = (" ", ",", ".", None)
_POINTS = (",", ".", None)


@define("number", "from:string")
def _number(_: Runtime, text: str) -> Value:
    return parse_number(text)


@define("number", "from:number")
def _same_number(_: Runtime, number: Decimal) -> Value:
    return number


@define("number", "from:string", "grouping separator:string?", "decimal separator:string?")
def _number_with_separators(_: Runtime, text: str, grouping: str | None, point: str | None) -> Value:
    if grouping not in _GROUPING or point not in _POINTS or (point is not None and grouping == point):
        return None
    if grouping is not None:
        text = text.replace(grouping, "")
    if point == ",":
        if "." in text:
            return None
        text = text.replace(",", ".")
    return parse_number(text)


@define("string", "from:any", may_be_null=True)
def _string(runtime: Runtime, value: Value) -> Value:
    if value is None:
        return None
    text = value_text(value, runtime.spend)
    runtime.check_string(len(text))
    return text


@define("duration", "from:string")
def _duration(_: Runtime, text: str) -> Value:
    return parse_duration(text)


@define("not", "negand:boolean?", may_be_null=True)
def _not(_: Runtime, value: bool | None) -> Value:
    return None if value is None else not value
