"""Code of `for`, `some` and `every`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal

from engine.errors import BudgetExceeded
from engine.feel import nodes as n
from engine.feel.compile_base import RUNTIME, Code, Compiler, Frame, compiles, warn
from engine.feel.environment import Runtime
from engine.feel.numbers import as_integer
from engine.feel.temporal import WideDate, from_ordinal, ordinal
from engine.feel.types import kind_name
from engine.feel.values import FeelRange, Value

# One turn of a loop; true stops every loop around it.
Turn = Callable[[Frame], bool]
Domain = Callable[[Frame], Iterable[Value] | None]


@compiles(n.For)
def _for(compiler: Compiler, node: n.For) -> Code:
    mark = compiler.mark()
    failed = compiler.new_slot()
    results = compiler.bind("partial", live=True)
    domains = _domains(compiler, node.iterators)
    body, cost = compiler.costed(node.body)
    compiler.release(mark)

    def turn(frame: Frame) -> bool:
        frame[results].append(body(frame))
        return False

    loop = _nest(domains, turn, failed, cost)

    def run(frame: Frame) -> Value:
        outer = frame[results], frame[failed]
        found: list[Value] = []
        frame[results], frame[failed] = found, False
        loop(frame)
        result = None if frame[failed] else found
        frame[results], frame[failed] = outer
        if result is not None:
            frame[RUNTIME].check_list(len(result))
        return result

    return run


@compiles(n.Quantified)
def _quantified(compiler: Compiler, node: n.Quantified) -> Code:
    mark = compiler.mark()
    failed = compiler.new_slot()
    answer = compiler.new_slot()
    domains = _domains(compiler, node.iterators)
    condition, cost = compiler.costed(node.condition)
    compiler.release(mark)
    decisive = node.kind == "some"

    def turn(frame: Frame) -> bool:
        value = condition(frame)
        if value is decisive:
            frame[answer] = decisive
            return True
        if value is not True and value is not False:
            frame[answer] = None
        return False

    loop = _nest(domains, turn, failed, cost)

    def run(frame: Frame) -> Value:
        outer = frame[answer], frame[failed]
        frame[answer], frame[failed] = not decisive, False
        loop(frame)
        result = None if frame[failed] else frame[answer]
        frame[answer], frame[failed] = outer
        return result

    return run


def _domains(compiler: Compiler, iterators: Sequence[n.Iterator]) -> list[tuple[int, Domain]]:
    """Compile the iterators in order: each may use the names before it."""
    domains = []
    for iterator in iterators:
        domain = _domain(compiler, iterator)
        domains.append((compiler.bind(iterator.name), domain))
    return domains


def _domain(compiler: Compiler, iterator: n.Iterator) -> Domain:
    source, position = compiler.code(iterator.source), iterator.position
    if iterator.end is None:
        return lambda frame: items_of(frame, source(frame), position)
    end = compiler.code(iterator.end)
    return lambda frame: span(frame, source(frame), end(frame), position)


def _nest(domains: list[tuple[int, Domain]], turn: Turn, failed: int, cost: int) -> Turn:
    for slot, domain in reversed(domains):
        turn = _loop(slot, domain, turn, failed, cost)
    return turn


def _loop(slot: int, domain: Domain, turn: Turn, failed: int, cost: int) -> Turn:
    def run(frame: Frame) -> bool:
        items = domain(frame)
        if items is None:
            frame[failed] = True
            return True
        runtime: Runtime = frame[RUNTIME]
        for item in items:
            runtime.spend(cost)
            frame[slot] = item
            if turn(frame):
                return True
        return False

    return run


def items_of(frame: Frame, value: Value, position: int) -> Iterable[Value] | None:
    """Return what a loop goes over: a list's items, a closed range's values, or one value by itself."""
    if type(value) is list:
        return value
    if type(value) is FeelRange:
        return _range_items(frame, value, position)
    if value is None:
        warn(frame, "null-operand", "There is nothing to go through: the list is null", position)
        return None
    return [value]


def _range_items(frame: Frame, value: FeelRange, position: int) -> Iterable[Value] | None:
    low, high = _steps(value.start), _steps(value.end)
    if value.operator is not None or low is None or high is None or type(value.start) is not type(value.end):
        warn(frame, "type-mismatch", "Only a range of whole numbers or of dates can be gone through", position)
        return None
    if low > high:
        warn(frame, "out-of-range", "A range cannot be gone through backwards", position)
        return None
    return _count(frame, low + (not value.start_included), high - (not value.end_included), value.start)


def span(frame: Frame, start: Value, end: Value, position: int) -> Iterable[Value] | None:
    """Return the whole numbers or dates from `start` to `end`, downwards when `end` is smaller."""
    low, high = _steps(start), _steps(end)
    if low is None or high is None or kind_name(start) != kind_name(end):
        kinds = f"{kind_name(start)} to {kind_name(end)}"
        warn(frame, "type-mismatch", f"A loop cannot go from {kinds}", position)
        return None
    return _count(frame, low, high, start) if low <= high else reversed(_count(frame, high, low, start))


def _steps(value: Value) -> int | None:
    if type(value) is Decimal:
        return as_integer(value)
    return ordinal(value) if type(value) is date or type(value) is WideDate else None


def _count(frame: Frame, low: int, high: int, like: Value) -> list[Value]:
    runtime: Runtime = frame[RUNTIME]
    size = high - low + 1
    if size > runtime.budget.range_size:
        limit = runtime.budget.range_size
        raise BudgetExceeded(f"A loop over more than {limit} values was stopped", limit=limit, what="range")
    runtime.spend(max(size, 0))
    numbers = range(low, high + 1)
    return [Decimal(number) for number in numbers] if type(like) is Decimal else [from_ordinal(day) for day in numbers]
