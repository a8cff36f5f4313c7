"""How a built-in is declared, and how arguments are fitted to its parameters.

A parameter is written `name:type`, with `?` after the type when null may be given, `=` when the argument
may be left out, `*` on the last when it takes all that follow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from engine.feel.environment import Runtime
from engine.feel.numbers import ArithmeticFault
from engine.feel.temporal import DaysTime, FeelDateTime, FeelTime, WideDate, YearsMonths
from engine.feel.values import FeelFunction, FeelRange, HostFunction, Value

Body = Callable[..., Value]
_KINDS: dict[str, frozenset[type]] = {
    "number": frozenset({Decimal}),
    "string": frozenset({str}),
    "boolean": frozenset({bool}),
    "context": frozenset({dict}),
    "date": frozenset({date, WideDate}),
    "moment": frozenset({FeelDateTime}),
    "day": frozenset({date, WideDate, FeelDateTime}),
    "time": frozenset({FeelTime}),
    "clock": frozenset({FeelTime, FeelDateTime, date, WideDate}),
    "daystime": frozenset({DaysTime}),
    "duration": frozenset({DaysTime, YearsMonths}),
    "range": frozenset({FeelRange}),
    "function": frozenset({FeelFunction}),
    "list": frozenset({list}),
    "any": frozenset(),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a built-in."""

    name: str
    kind: str
    null: bool
    optional: bool
    variadic: bool


@dataclass(frozen=True, slots=True)
class Overload:
    """One way of calling a built-in."""

    parameters: tuple[Parameter, ...]
    body: Body
    required: int
    variadic: bool

    def fit(self, arguments: Sequence[Value]) -> list[Value] | None:
        """Return the arguments made to fit, or None when they do not."""
        count = len(self.parameters)
        if len(arguments) < self.required or (len(arguments) > count and not self.variadic):
            return None
        fitted: list[Value] = []
        for place, argument in enumerate(arguments):
            fits, value = _fit(self.parameters[min(place, count - 1)], argument)
            if not fits:
                return None
            fitted.append(value)
        return fitted

    def by_name(self, given: dict[str, Value]) -> list[Value] | None:
        """Return the arguments in order, with null for those left out; None when the names do not fit."""
        names = [parameter.name for parameter in self.parameters]
        if self.variadic or not given.keys() <= set(names):
            return None
        if any(name not in given for name in names[: self.required]):
            return None
        used = max(place for place, name in enumerate(names) if name in given) + 1 if given else 0
        return [given.get(name) for name in names[:used]]


def _fit(parameter: Parameter, value: Value) -> tuple[bool, Value]:
    kinds = _KINDS[parameter.kind]
    if not kinds or type(value) in kinds:
        return True, value
    if value is None:
        return parameter.null, None
    if parameter.kind == "list":
        return True, [value]
    if type(value) is list and len(value) == 1 and type(value[0]) in kinds:
        return True, value[0]
    return False, None


class BuiltIn:
    """A function of the standard, with all the ways of calling it."""

    __slots__ = ("may_be_null", "name", "overloads", "value")

    def __init__(self, name: str) -> None:
        self.name = name
        self.overloads: list[Overload] = []
        self.may_be_null = False
        self.value: FeelFunction

    def call(self, runtime: Runtime, arguments: Sequence[Value], position: int | None = None) -> Value:
        """Call by place; null with a warning when no way of calling fits."""
        for overload in self.overloads:
            fitted = overload.fit(arguments)
            if fitted is not None:
                return self._run(runtime, overload, fitted, position)
        code = "null-operand" if None in arguments else "arguments"
        runtime.warn(code, f"{self.name!r} was called with the wrong arguments", position)
        return None

    def call_named(
        self, runtime: Runtime, names: Sequence[str], arguments: Sequence[Value], position: int | None
    ) -> Value:
        """Call by the parameters' names; null with a warning when no way of calling fits."""
        given = dict(zip(names, arguments, strict=True))
        for overload in self.overloads if len(given) == len(names) else ():
            ordered = overload.by_name(given)
            fitted = None if ordered is None else overload.fit(ordered)
            if fitted is not None:
                return self._run(runtime, overload, fitted, position)
        runtime.warn("arguments", f"{self.name!r} was called with the wrong arguments", position)
        return None

    def _run(self, runtime: Runtime, overload: Overload, arguments: list[Value], position: int | None) -> Value:
        try:
            result = overload.body(runtime, *arguments)
        except ArithmeticFault:
            result = None
        if result is None and not self.may_be_null:
            runtime.warn("no-result", f"{self.name!r} has no result for what it was given", position)
        return result


_BUILT_INS: dict[str, BuiltIn] = {}


def define(name: str, *parameters: str, may_be_null: bool = False) -> Callable[[Body], Body]:
    """Register the decorated function as one way of calling the built-in `name`.

    The function takes the `Runtime` and then the fitted arguments. `may_be_null` says that null is an
    ordinary result, not worth a warning.
    """
    parsed = tuple(_parameter(text) for text in parameters)

    def register(body: Body) -> Body:
        built_in = _BUILT_INS.setdefault(name, BuiltIn(name))
        required = sum(not parameter.optional for parameter in parsed)
        variadic = bool(parsed) and parsed[-1].variadic
        built_in.overloads.append(Overload(parsed, body, required, variadic))
        built_in.may_be_null = built_in.may_be_null or may_be_null
        built_in.value = _as_value(built_in)
        return body

    return register


def _parameter(text: str) -> Parameter:
    name, _, rest = text.partition(":")
    kind = rest.rstrip("?=*")
    return Parameter(name, kind, "?" in rest, "=" in rest, "*" in rest)


def _as_value(built_in: BuiltIn) -> FeelFunction:
    first = built_in.overloads[0]
    names = tuple(parameter.name for parameter in first.parameters)
    least = min(overload.required for overload in built_in.overloads)
    return FeelFunction(built_in.name, names, built_in.call, required=least, variadic=True)


def find_built_in(name: str) -> BuiltIn | None:
    """Return the built-in called `name`, or None."""
    return _BUILT_INS.get(name)


def built_in(name: str) -> FeelFunction | None:
    """Return the built-in called `name` as a value, or None."""
    found = _BUILT_INS.get(name)
    return None if found is None else found.value


def built_in_names() -> frozenset[str]:
    """Return the names of all built-ins."""
    return frozenset(_BUILT_INS)


def host_function(function: HostFunction) -> FeelFunction:
    """Return a host function as a FEEL function, which hands it the environment."""

    def invoke(runtime: Runtime, arguments: Sequence[Any]) -> Value:
        return function.call(runtime.environment, *arguments)

    return FeelFunction(function.name, function.parameters, invoke)
