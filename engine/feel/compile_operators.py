"""Code of the operators: arithmetic, comparison, logic, `between`, `instance of`."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.feel import nodes as n
from engine.feel.arithmetic import applies, calculate, negate
from engine.feel.compare import equal, order
from engine.feel.compile_base import RUNTIME, VARIABLES, Code, Compiler, Frame, compiles, constant, warn
from engine.feel.numbers import CONTEXT, ArithmeticFault
from engine.feel.types import kind_name, type_test
from engine.feel.values import Value

_EXACT: dict[str, Callable[[Any, Any], Decimal]] = {
    "+": CONTEXT.add,
    "-": CONTEXT.subtract,
    "*": CONTEXT.multiply,
    "/": CONTEXT.divide,
}
ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_DIRECT = frozenset({Decimal, str})


@compiles(n.Literal)
def _literal(_: Compiler, node: n.Literal) -> Code:
    return constant(node.value)


@compiles(n.BadLiteral)
def _bad_literal(_: Compiler, node: n.BadLiteral) -> Code:
    message = f"{node.text[:60]!r} is no date, time or duration"
    return lambda frame: warn(frame, "bad-literal", message, node.position)


@compiles(n.Negation)
def _negation(compiler: Compiler, node: n.Negation) -> Code:
    operand, position = compiler.code(node.operand), node.position

    def run(frame: Frame) -> Value:
        value = operand(frame)
        result = negate(value)
        return _mismatch(frame, "-", value, value, position) if result is None else result

    return run


@compiles(n.Chain)
def _chain(compiler: Compiler, node: n.Chain) -> Code:
    if len(node.rest) == 1:
        sign, right = node.rest[0]
        return _binary(compiler, sign, node.first, right, node.position)
    first, position = compiler.code(node.first), node.position
    rest = tuple((sign, compiler.code(operand)) for sign, operand in node.rest)

    def run(frame: Frame) -> Value:
        value = first(frame)
        for sign, operand in rest:
            value = apply_operator(frame, sign, value, operand(frame), position)
        return value

    return run


def _binary(compiler: Compiler, sign: str, first: n.Node, second: n.Node, position: int) -> Code:
    left, right = compiler.code(first), compiler.code(second)
    exact = _EXACT.get(sign)
    if exact is None or sign == "/":
        return lambda frame: apply_operator(frame, sign, left(frame), right(frame), position)
    add = exact

    def run(frame: Frame) -> Value:
        one, other = left(frame), right(frame)
        if type(one) is Decimal and type(other) is Decimal:
            try:
                return add(one, other)
            except ArithmeticFault:
                pass
        return apply_operator(frame, sign, one, other, position)

    names = _variable(compiler, first), _variable(compiler, second)
    return _of_variables(names[0], names[1], add, run) if names[0] and names[1] else run


def _variable(compiler: Compiler, node: n.Node) -> str | None:
    """Return the name of a plain variable, which needs no code of its own to be read."""
    if not isinstance(node, n.Name) or compiler.scope or node.name not in compiler.free:
        return None
    return node.name


def _of_variables(first: str, second: str, add: Callable[[Any, Any], Decimal], otherwise: Code) -> Code:
    def run(frame: Frame) -> Value:
        variables = frame[VARIABLES]
        try:
            one, other = variables[first], variables[second]
            if one.__class__ is Decimal and other.__class__ is Decimal:
                return add(one, other)
        except (KeyError, ArithmeticFault):
            pass
        return otherwise(frame)

    return run


def apply_operator(frame: Frame, sign: str, left: Value, right: Value, position: int) -> Value:
    """Return `left sign right`, or null with a warning."""
    result = calculate(sign, left, right)
    if result is None:
        return _mismatch(frame, sign, left, right, position)
    if type(result) is str:
        frame[RUNTIME].check_string(len(result))
    return result


def _mismatch(frame: Frame, sign: str, left: Value, right: Value, position: int) -> Any:
    if left is None or right is None:
        return warn(frame, "null-operand", f"{sign!r} was used on null", position)
    if applies(sign, left, right):
        reason = "division by zero" if sign == "/" and right == 0 else "a result that does not exist or is too large"
        return warn(frame, "arithmetic", f"{sign!r} met {reason}", position)
    kinds = f"{kind_name(left)} and {kind_name(right)}"
    return warn(frame, "type-mismatch", f"{sign!r} cannot be used on {kinds}", position)


@compiles(n.Comparison)
def _comparison(compiler: Compiler, node: n.Comparison) -> Code:
    left, right = compiler.code(node.left), compiler.code(node.right)
    sign, position = node.operator, node.position
    if sign in ("=", "!="):
        return _equality(left, right, sign == "=", position)
    test = ORDERINGS[sign]

    def run(frame: Frame) -> Value:
        one, other = left(frame), right(frame)
        if type(one) is type(other) and type(one) in _DIRECT:
            return test(one, other)
        return compare_values(frame, sign, one, other, position)

    return run


def _equality(left: Code, right: Code, wanted: bool, position: int) -> Code:
    sign = "=" if wanted else "!="

    def run(frame: Frame) -> Value:
        one, other = left(frame), right(frame)
        if type(one) is type(other) and type(one) in _DIRECT:
            return (one == other) is wanted
        result = equal(one, other, frame[RUNTIME].spend)
        if result is None:
            return _mismatch(frame, sign, one, other, position)
        return result is wanted

    return run


def compare_values(frame: Frame, sign: str, left: Value, right: Value, position: int) -> bool | None:
    """Return `left sign right` for `<`, `<=`, `>`, `>=`; null with a warning when they have no order."""
    side = order(left, right)
    if side is None:
        _mismatch(frame, sign, left, right, position)
        return None
    return ORDERINGS[sign](side, 0)


@compiles(n.Logic)
def _logic(compiler: Compiler, node: n.Logic) -> Code:
    operands = tuple(compiler.code(operand) for operand in node.operands)
    # The value that settles the matter: false for `and`, true for `or` (DMN 1.5, table 50).
    decisive = node.operator == "or"

    def run(frame: Frame) -> Value:
        unknown = False
        for operand in operands:
            value = operand(frame)
            if value is decisive:
                return decisive
            if value is not True and value is not False:
                unknown = True
                if value is not None:
                    frame[RUNTIME].warn("type-mismatch", f"{node.operator!r} met {kind_name(value)}", node.position)
        return None if unknown else not decisive

    return run


@compiles(n.Between)
def _between(compiler: Compiler, node: n.Between) -> Code:
    operand, low, high = compiler.code(node.operand), compiler.code(node.low), compiler.code(node.high)
    position = node.position

    def run(frame: Frame) -> Value:
        value = operand(frame)
        above = compare_values(frame, ">=", value, low(frame), position)
        below = compare_values(frame, "<=", value, high(frame), position)
        return None if above is None or below is None else above and below

    return run


@compiles(n.InstanceOf)
def _instance_of(compiler: Compiler, node: n.InstanceOf) -> Code:
    operand = compiler.code(node.operand)
    test = type_test(node.type, compiler.types)
    if test is None:
        message = f"There is no type called {node.type.name!r}"
        return lambda frame: warn(frame, "unknown-type", message, None)
    check = test
    return lambda frame: check(operand(frame))
