"""Built-ins that sum a list up. Each takes one list, or the items themselves."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from engine.feel.compare import order
from engine.feel.environment import Runtime
from engine.feel.functions.registry import define
from engine.feel.numbers import CONTEXT, ZERO
from engine.feel.temporal import DaysTime, YearsMonths
from engine.feel.temporal_text import days_time, years_months
from engine.feel.values import Value

Summary = Callable[[list[Value]], Value]


def _summary(name: str, *, item: str = "n") -> Callable[[Summary], Summary]:
    """Register a function of a list under `name`, for a list and for items given one by one.

    Null is an ordinary result of no items, and of booleans with null among them; else it is a warning.
    """

    def register(body: Summary) -> Summary:
        def summarise(runtime: Runtime, items: list[Value]) -> Value:
            runtime.spend(len(items))
            result = body(items)
            if result is None and items and (item != "b" or not _truths(items)):
                runtime.warn("no-result", f"{name!r} cannot be asked of these items together")
            return result

        @define(name, "list:list", may_be_null=True)
        def _of_list(runtime: Runtime, items: list[Value]) -> Value:
            return summarise(runtime, items)

        @define(name, f"{item}:any", f"{item}s:any*", may_be_null=True)
        def _of_items(runtime: Runtime, *items: Value) -> Value:
            if len(items) > 1:
                return summarise(runtime, list(items))
            runtime.warn("null-operand", f"{name!r} was asked of null")
            return None

        return body

    return register


def _truths(items: list[Value]) -> bool:
    return all(type(item) is bool or item is None for item in items)


def _numbers(items: list[Value]) -> bool:
    return all(type(item) is Decimal for item in items)


@_summary("min")
def _min(items: list[Value]) -> Value:
    return _best(items, -1)


@_summary("max")
def _max(items: list[Value]) -> Value:
    return _best(items, 1)


def _best(items: list[Value], side: int) -> Value:
    if not items:
        return None
    best = items[0]
    for item in items:
        compared = order(item, best)
        if compared is None:
            return None
        if compared * side > 0:
            best = item
    return best


@_summary("sum")
def _sum(items: list[Value]) -> Value:
    if not items:
        return None
    if all(type(item) is DaysTime for item in items):
        return days_time(sum(item.nanos for item in items))
    if all(type(item) is YearsMonths for item in items):
        return years_months(sum(item.months for item in items))
    return _total(items) if _numbers(items) else None


def _total(items: list[Value]) -> Decimal:
    total = ZERO
    for item in items:
        total = CONTEXT.add(total, item)
    return total


@_summary("mean")
def _mean(items: list[Value]) -> Value:
    return CONTEXT.divide(_total(items), Decimal(len(items))) if items and _numbers(items) else None


@_summary("product")
def _product(items: list[Value]) -> Value:
    if not items or not _numbers(items):
        return None
    product = Decimal(1)
    for item in items:
        product = CONTEXT.multiply(product, item)
    return product


@_summary("median")
def _median(items: list[Value]) -> Value:
    if not items or not _numbers(items):
        return None
    ordered = sorted(items)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return CONTEXT.divide(CONTEXT.add(ordered[middle - 1], ordered[middle]), Decimal(2))


@_summary("stddev")
def _stddev(items: list[Value]) -> Value:
    # The sample's deviation (DMN 1.5, table 76): one value has none.
    if len(items) < 2 or not _numbers(items):
        return None
    mean = CONTEXT.divide(_total(items), Decimal(len(items)))
    squares = [CONTEXT.power(CONTEXT.subtract(item, mean), Decimal(2)) for item in items]
    return CONTEXT.sqrt(CONTEXT.divide(_total(squares), Decimal(len(items) - 1)))


@_summary("mode")
def _mode(items: list[Value]) -> Value:
    if not _numbers(items):
        return None
    counts: dict[Decimal, int] = {}
    for item in items:
        counts[item] = counts.get(item, 0) + 1
    most = max(counts.values(), default=0)
    return sorted(number for number, count in counts.items() if count == most)


@_summary("all", item="b")
def _all(items: list[Value]) -> Value:
    return _decide(items, decisive=False)


@_summary("any", item="b")
def _any(items: list[Value]) -> Value:
    return _decide(items, decisive=True)


def _decide(items: list[Value], *, decisive: bool) -> bool | None:
    if not _truths(items):
        return None
    if decisive in items:
        return decisive
    return None if None in items else not decisive
