"""Code of function definitions and calls."""

from __future__ import annotations

from collections.abc import Sequence

from engine.feel import nodes as n
from engine.feel.calls import call_function
from engine.feel.compile_base import RUNTIME, Code, Compiler, Frame, Item, Slot, compiles, warn
from engine.feel.environment import Runtime
from engine.feel.functions import BuiltIn, built_in, find_built_in, host_function
from engine.feel.types import TypeTest, coerce, kind_name, type_test
from engine.feel.values import FeelFunction, Value


class Closure:
    """A function written in FEEL, with the frame it was made in."""

    __slots__ = ("body", "checks", "cost", "frame", "slots")

    def __init__(
        self, frame: Frame, slots: tuple[int, ...], checks: tuple[TypeTest | None, ...], body: Code, cost: int
    ) -> None:
        self.frame = frame
        self.slots = slots
        self.checks = checks
        self.body = body
        self.cost = cost

    def __call__(self, runtime: Runtime, arguments: Sequence[Value]) -> Value:
        """Run the body on one value for each parameter; null when a value does not fit its written type."""
        runtime.spend(self.cost)
        frame = self.frame.copy()
        frame[RUNTIME] = runtime
        for slot, check, argument in zip(self.slots, self.checks, arguments, strict=True):
            fits, value = (True, argument) if check is None else coerce(argument, check)
            if not fits:
                runtime.warn("type-mismatch", f"A function was given {kind_name(argument)} that it does not take")
                return None
            frame[slot] = value
        return self.body(frame)


@compiles(n.FunctionOf)
def _function(compiler: Compiler, node: n.FunctionOf) -> Code:
    if node.body is None:
        return _external(node)
    mark = compiler.mark()
    slots = tuple(compiler.bind(name) for name, _ in node.parameters)
    checks = tuple(None if kind is None else type_test(kind, compiler.types) for _, kind in node.parameters)
    body, cost = compiler.costed(node.body)
    compiler.release(mark)
    names = tuple(name for name, _ in node.parameters)
    domain = tuple(kind for _, kind in node.parameters)

    def run(frame: Frame) -> Value:
        return FeelFunction("function", names, Closure(frame.copy(), slots, checks, body, cost), domain=domain)

    return run


def _external(node: n.FunctionOf) -> Code:
    def refuse(runtime: Runtime, _: Sequence[Value]) -> Value:
        runtime.warn("external-function", "External functions are never run", node.position)

    function = FeelFunction("external function", tuple(name for name, _ in node.parameters), refuse)
    return lambda frame: function


@compiles(n.Call)
def _call(compiler: Compiler, node: n.Call) -> Code:
    compiler.calls = True
    target = _static_target(compiler, node.function)
    arguments = tuple(compiler.code(argument) for argument in node.arguments)
    if isinstance(target, BuiltIn):
        return _built_in_call(target, arguments, node)
    function = compiler.code(node.function) if target is None else (lambda frame: target)

    def run(frame: Frame) -> Value:
        callee = function(frame)
        values = [argument(frame) for argument in arguments]
        if type(callee) is not FeelFunction:
            return warn(frame, "not-a-function", f"A {kind_name(callee)} cannot be called", node.position)
        return call_function(frame[RUNTIME], callee, values, names=node.names, position=node.position)

    return run


def _static_target(compiler: Compiler, node: n.Node) -> BuiltIn | FeelFunction | None:
    """Return the function when its name can mean nothing else, so that it need not be looked up again."""
    if not isinstance(node, n.Name) or node.name in compiler.names:
        return None
    if any(isinstance(entry, Slot) and entry.name == node.name for entry in compiler.scope):
        return None
    if any(isinstance(entry, Item) for entry in compiler.scope) and built_in(node.name) is None:
        return None
    if node.name in compiler.functions:
        return host_function(compiler.functions[node.name])
    return find_built_in(node.name)


def _built_in_call(target: BuiltIn, arguments: tuple[Code, ...], node: n.Call) -> Code:
    names, position = node.names, node.position
    if names:
        return lambda frame: target.call_named(
            frame[RUNTIME], names, [argument(frame) for argument in arguments], position
        )
    return lambda frame: target.call(frame[RUNTIME], [argument(frame) for argument in arguments], position)
