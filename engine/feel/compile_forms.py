"""Code of lists, contexts, ranges, `if`, unary tests and `in`."""

from __future__ import annotations

import operator
from decimal import Decimal

from engine.feel import nodes as n
from engine.feel.compare import equal, in_range, order, same
from engine.feel.compile_base import INPUT, RUNTIME, Code, Compiler, Frame, compiles, constant, warn
from engine.feel.compile_functions import Closure
from engine.feel.compile_operators import ORDERINGS, compare_values
from engine.feel.environment import Spend
from engine.feel.types import kind_name
from engine.feel.values import FeelFunction, FeelRange, Value


@compiles(n.ListOf)
def _list(compiler: Compiler, node: n.ListOf) -> Code:
    items = tuple(compiler.code(item) for item in node.items)
    return lambda frame: [item(frame) for item in items]


@compiles(n.ContextOf)
def _context(compiler: Compiler, node: n.ContextOf) -> Code:
    mark = compiler.mark()
    entries: list[tuple[str, int, Code]] = []
    for name, value in node.entries:
        if isinstance(value, n.FunctionOf):
            # A function may call itself by the name of its entry.
            slot = compiler.bind(name)
            code = compiler.code(value)
        else:
            code = compiler.code(value)
            slot = compiler.bind(name)
        entries.append((name, slot, code))
    compiler.release(mark)
    if len({name for name, _ in node.entries}) < len(entries):
        return lambda frame: warn(frame, "duplicate-entry", "A context has two entries of one name", node.position)
    return _entries(tuple(entries))


def _entries(entries: tuple[tuple[str, int, Code], ...]) -> Code:
    def run(frame: Frame) -> Value:
        context = {}
        for name, slot, code in entries:
            value = code(frame)
            frame[slot] = context[name] = value
            if type(value) is FeelFunction and isinstance(value.invoke, Closure):
                value.invoke.frame[slot] = value
        return context

    return run


@compiles(n.If)
def _if(compiler: Compiler, node: n.If) -> Code:
    condition, then, otherwise = map(compiler.code, (node.condition, node.then, node.otherwise))
    return lambda frame: then(frame) if condition(frame) is True else otherwise(frame)


@compiles(n.RangeOf)
def _range(compiler: Compiler, node: n.RangeOf) -> Code:
    start, end = compiler.code(node.start), compiler.code(node.end)
    fixed = constant_range(node)
    if fixed is not None:
        return constant(fixed)

    def run(frame: Frame) -> Value:
        low, high = start(frame), end(frame)
        if low is not None and high is not None and order(low, high) is None:
            kinds = f"{kind_name(low)} to {kind_name(high)}"
            return warn(frame, "type-mismatch", f"There is no range from {kinds}", node.position)
        return FeelRange(low, node.start_included, high, node.end_included)

    return run


def constant_range(node: n.Node) -> FeelRange | None:
    """Return the range when both its ends are constants of one kind, else None."""
    if not isinstance(node, n.RangeOf) or not isinstance(node.start, n.Literal) or not isinstance(node.end, n.Literal):
        return None
    low, high = node.start.value, node.end.value
    if order(low, high) is None:
        return None
    return FeelRange(low, node.start_included, high, node.end_included)


@compiles(n.OperatorTest)
def _operator_range(compiler: Compiler, node: n.OperatorTest) -> Code:
    operand, sign = compiler.code(node.operand), node.operator
    return lambda frame: range_of(sign, operand(frame))


def range_of(sign: str, value: Value) -> FeelRange:
    """Return the range that `(< value)` and its kin stand for."""
    if sign in ("=", "!="):
        return FeelRange(value, True, value, True, sign)
    if sign[0] == "<":
        return FeelRange(None, False, value, sign == "<=", sign)
    return FeelRange(value, sign == ">=", None, False, sign)


@compiles(n.In)
def _in(compiler: Compiler, node: n.In) -> Code:
    operand = compiler.code(node.operand)
    test = any_test([test_code(compiler, test, computed=False) for test in node.tests])

    def run(frame: Frame) -> Value:
        outer = frame[INPUT]
        frame[INPUT] = operand(frame)
        result = test(frame)
        frame[INPUT] = outer
        return result

    return run


def tests_code(compiler: Compiler, node: n.Tests) -> Code:
    """Return code that says whether the frame's input passes: true, false, or null when that is unknown."""
    if not node.tests:
        return lambda frame: True
    code = any_test([test_code(compiler, test, computed=True) for test in node.tests])
    words = frozenset(test.value for test in node.tests if isinstance(test, n.Literal) and type(test.value) is str)
    if len(words) > 1 and len(words) == len(node.tests):
        code = _one_of(words, code)
    return _negated(code) if node.negated else code


def _one_of(words: frozenset[str], otherwise: Code) -> Code:
    def run(frame: Frame) -> Value:
        value = frame[INPUT]
        return value in words if type(value) is str else otherwise(frame)

    return run


def _negated(code: Code) -> Code:
    def run(frame: Frame) -> Value:
        result = code(frame)
        return None if result is None else not result

    return run


def any_test(tests: list[Code]) -> Code:
    """Return code that is true when one test is, else null when one is, else false."""
    if len(tests) == 1:
        return tests[0]
    codes = tuple(tests)

    def run(frame: Frame) -> Value:
        unknown = False
        for test in codes:
            result = test(frame)
            if result is True:
                return True
            unknown = unknown or result is None
        return None if unknown else False

    return run


def test_code(compiler: Compiler, node: n.Node, *, computed: bool) -> Code:
    """Return code for one test of the input; `computed` lets a condition without `?` decide by itself."""
    if isinstance(node, n.OperatorTest):
        return _operator_test(compiler, node)
    if isinstance(node, n.Literal):
        return _literal_test(node.value)
    span = constant_range(node)
    if span is not None and type(span.start) is Decimal:
        return _number_range_test(span)
    before = len(compiler.input_uses)
    code = compiler.code(node)
    if len(compiler.input_uses) > before:
        return _condition(code)
    return lambda frame: passes(frame, code(frame), computed)


def _number_range_test(span: FeelRange) -> Code:
    start, end = span.start, span.end
    above = operator.le if span.start_included else operator.lt
    below = operator.le if span.end_included else operator.lt

    def run(frame: Frame) -> Value:
        value = frame[INPUT]
        if type(value) is Decimal:
            return above(start, value) and below(value, end)
        return passes(frame, span, False)

    return run


def _condition(code: Code) -> Code:
    def run(frame: Frame) -> Value:
        result = code(frame)
        if result is True or result is False or result is None:
            return result
        return passes(frame, result, False)

    return run


def _literal_test(wanted: Value) -> Code:
    kind = type(wanted)
    if kind is Decimal or kind is str:
        return lambda frame: frame[INPUT] == wanted if type(frame[INPUT]) is kind else _equal(frame, wanted)
    return lambda frame: _equal(frame, wanted)


def _equal(frame: Frame, wanted: Value) -> bool | None:
    value = frame[INPUT]
    if type(value) is list and type(wanted) is not list:
        return len(value) == 1 and equal(value[0], wanted)
    return equal(value, wanted, frame[RUNTIME].spend)


def _operator_test(compiler: Compiler, node: n.OperatorTest) -> Code:
    operand, sign, position = compiler.code(node.operand), node.operator, node.position
    if sign in ("=", "!="):
        wanted = sign == "="

        def same(frame: Frame) -> Value:
            result = equal(frame[INPUT], operand(frame), frame[RUNTIME].spend)
            return None if result is None else result is wanted

        return same
    compare = ORDERINGS[sign]

    def run(frame: Frame) -> Value:
        value, limit = frame[INPUT], operand(frame)
        if type(value) is Decimal and type(limit) is Decimal:
            return compare(value, limit)
        return compare_values(frame, sign, value, limit, position)

    return run


def passes(frame: Frame, result: Value, computed: bool) -> bool | None:
    """Say whether the input passes a test that came to `result`: equal to it, in it, or it is true by itself."""
    value = frame[INPUT]
    if type(result) is list:
        return _in_list(value, result, frame[RUNTIME].spend)
    if type(result) is FeelRange:
        return equal(value, result) if type(value) is FeelRange else in_range(value, result)
    if computed and type(result) is bool and type(value) is not bool:
        return result
    return _equal(frame, result)


def _in_list(value: Value, items: list[Value], spend: Spend) -> bool:
    if type(value) is list and same(value, items, spend):
        return True
    spend(1 + (len(items) >> 2))
    for item in items:
        if type(item) is FeelRange and type(value) is not FeelRange:
            if in_range(value, item) is True:
                return True
        elif same(value, item, spend):
            return True
    return False
