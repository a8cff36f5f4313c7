"""Calls of function values, by place or by name."""

from __future__ import annotations

from collections.abc import Sequence

from engine.feel.environment import Runtime
from engine.feel.values import FeelFunction, Value


def call_function(
    runtime: Runtime,
    function: FeelFunction,
    arguments: Sequence[Value],
    *,
    names: tuple[str, ...] = (),
    position: int | None = None,
) -> Value:
    """Call a function value; null with a warning when the arguments are not those it takes."""
    values = _by_name(function, arguments, names) if names else _by_place(function, arguments)
    if values is None:
        runtime.warn("arguments", f"{function.name!r} was called with the wrong arguments", position)
        return None
    runtime.enter()
    try:
        return function.invoke(runtime, values)
    finally:
        runtime.leave()


def _by_place(function: FeelFunction, arguments: Sequence[Value]) -> Sequence[Value] | None:
    most = len(function.parameters)
    least = most if function.required is None else function.required
    if len(arguments) < least or (len(arguments) > most and not function.variadic):
        return None
    return arguments


def _by_name(
    function: FeelFunction, arguments: Sequence[Value], names: tuple[str, ...]
) -> Sequence[Value] | None:
    given = dict(zip(names, arguments, strict=True))
    if len(given) < len(names) or not given.keys() <= set(function.parameters):
        return None
    values = [given.get(name) for name in function.parameters]
    required = len(values) if function.required is None else function.required
    return None if any(name not in given for name in function.parameters[:required]) else values
