"""Built-ins on lists. Places count from 1, or from -1 at the end."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import cmp_to_key

from engine.feel.calls import call_function
from engine.feel.compare import order, same
from engine.feel.environment import Runtime
from engine.feel.functions.registry import define
from engine.feel.temporal import DaysTime, YearsMonths
from engine.feel.values import FeelFunction, Value

_HASHABLE = frozenset({Decimal, str, bool, type(None), DaysTime, YearsMonths})


@define("list contains", "list:list", "element:any")
def _list_contains(runtime: Runtime, items: list[Value], element: Value) -> Value:
    runtime.spend(len(items))
    return any(same(item, element, runtime.spend) for item in items)


@define("count", "list:list")
def _count(_: Runtime, items: list[Value]) -> Value:
    return Decimal(len(items))


@define("sublist", "list:list", "start position:number", "length:number=")
def _sublist(_: Runtime, items: list[Value], start: Decimal, length: Decimal | None = None) -> Value:
    begin = _place(items, start)
    if begin is None or (length is not None and length < 0):
        return None
    if length is None:
        return items[begin:]
    # A length past the end is refused rather than cut short: the list has no such part.
    return items[begin : begin + int(length)] if length <= len(items) - begin else None


@define("append", "list:list", "item:any*")
def _append(runtime: Runtime, items: list[Value], *more: Value) -> Value:
    runtime.check_list(len(items) + len(more))
    return [*items, *more]


@define("concatenate", "list:list*")
def _concatenate(runtime: Runtime, *lists: list[Value]) -> Value:
    runtime.check_list(sum(map(len, lists)))
    return [item for items in lists for item in items]


@define("insert before", "list:list", "position:number", "newItem:any")
def _insert_before(runtime: Runtime, items: list[Value], position: Decimal, item: Value) -> Value:
    runtime.check_list(len(items) + 1)
    place = _place(items, position)
    return None if place is None else [*items[:place], item, *items[place:]]


@define("remove", "list:list", "position:number")
def _remove(runtime: Runtime, items: list[Value], position: Decimal) -> Value:
    runtime.check_list(len(items))
    place = _place(items, position)
    return None if place is None else [*items[:place], *items[place + 1 :]]


@define("list replace", "list:list", "position:number", "newItem:any")
def _list_replace(runtime: Runtime, items: list[Value], position: Decimal, item: Value) -> Value:
    runtime.check_list(len(items))
    place = _place(items, position)
    return None if place is None else [*items[:place], item, *items[place + 1 :]]


@define("list replace", "list:list", "match:function", "newItem:any")
def _list_replace_matching(runtime: Runtime, items: list[Value], match: FeelFunction, item: Value) -> Value:
    if len(match.parameters) != 2:
        return None
    runtime.check_list(len(items))
    answers = [call_function(runtime, match, (old, item)) for old in items]
    if not all(type(answer) is bool for answer in answers):
        return None
    return [item if answer else old for old, answer in zip(items, answers, strict=True)]


@define("reverse", "list:list")
def _reverse(runtime: Runtime, items: list[Value]) -> Value:
    runtime.check_list(len(items))
    return items[::-1]


@define("index of", "list:list", "match:any")
def _index_of(runtime: Runtime, items: list[Value], match: Value) -> Value:
    runtime.spend(len(items))
    return [Decimal(place) for place, item in enumerate(items, 1) if same(item, match, runtime.spend)]


@define("distinct values", "list:list")
def _distinct_values(runtime: Runtime, items: list[Value]) -> Value:
    return distinct(runtime, items)


@define("union", "list:list*")
def _union(runtime: Runtime, *lists: list[Value]) -> Value:
    return distinct(runtime, [item for items in lists for item in items])


def distinct(runtime: Runtime, items: list[Value]) -> list[Value]:
    """Return the items without repeats, in the order of their first places."""
    runtime.check_list(len(items))
    seen: set[tuple[type, Value]] = set()
    odd: list[Value] = []
    found = []
    for item in items:
        if type(item) in _HASHABLE:
            key = (type(item), item)
            if key in seen:
                continue
            seen.add(key)
        else:
            runtime.spend(len(odd) + 1)
            if any(same(item, other, runtime.spend) for other in odd):
                continue
            odd.append(item)
        found.append(item)
    return found


@define("flatten", "list:list")
def _flatten(runtime: Runtime, items: list[Value]) -> Value:
    found: list[Value] = []
    pending = [iter(items)]
    while pending:
        for item in pending[-1]:
            if type(item) is list:
                runtime.spend(1)
                pending.append(iter(item))
                break
            runtime.spend(1)
            found.append(item)
        else:
            pending.pop()
    return found


@define("sort", "list:list", "precedes:function=")
def _sort(runtime: Runtime, items: list[Value], precedes: FeelFunction | None = None) -> Value:
    runtime.check_list(len(items))
    if precedes is not None:
        return sorted(items, key=cmp_to_key(_by_function(runtime, precedes)))
    if any(order(items[0], item) is None for item in items):
        return None
    runtime.spend(len(items))
    return sorted(items, key=cmp_to_key(lambda one, other: order(one, other) or 0))


def _by_function(runtime: Runtime, precedes: FeelFunction) -> Callable[[Value, Value], int]:
    def compare(one: Value, other: Value) -> int:
        if call_function(runtime, precedes, (one, other)) is True:
            return -1
        return 1 if call_function(runtime, precedes, (other, one)) is True else 0

    return compare


def _place(items: list[Value], position: Decimal) -> int | None:
    """Return the index of a place counted from 1 or -1; None when the list has no such place."""
    place = int(position) if abs(position) < 10**15 else 0
    if place == 0 or abs(place) > len(items):
        return None
    return place - 1 if place > 0 else len(items) + place


