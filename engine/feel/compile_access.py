"""Code that reads: names, paths, filters, and the input of a unary test."""

from __future__ import annotations

from decimal import Decimal

from engine.feel import nodes as n
from engine.feel.compile_base import INPUT, RUNTIME, VARIABLES, Code, Compiler, Frame, Item, Slot, compiles, warn
from engine.feel.functions import built_in, host_function
from engine.feel.numbers import as_integer
from engine.feel.properties import property_of
from engine.feel.types import kind_name
from engine.feel.values import Value


@compiles(n.Input)
def _input(compiler: Compiler, node: n.Input) -> Code:
    compiler.input_uses.append(node)
    return lambda frame: frame[INPUT]


@compiles(n.Name)
def _name(compiler: Compiler, node: n.Name) -> Code:
    items: list[int] = []
    for entry in reversed(compiler.scope):
        if isinstance(entry, Item):
            items.append(entry.index)
        elif entry.name == node.name:
            base = _copied(entry.index) if entry.live else _slot(entry.index)
            break
    else:
        base = _variable(compiler, node, inside_filter=bool(items))
    return _from_items(node.name, tuple(items), base) if items else base


def _slot(index: int) -> Code:
    return lambda frame: frame[index]


def _copied(index: int) -> Code:
    def run(frame: Frame) -> Value:
        found = frame[index]
        if type(found) is not list:
            return found
        frame[RUNTIME].check_list(len(found))
        return found.copy()

    return run


def _source(compiler: Compiler, node: n.Node) -> Code:
    """Return the code of what is filtered, which need not be copied: only its items are kept."""
    code = compiler.code(node)
    innermost = next((entry for entry in reversed(compiler.scope) if _names(entry, node)), None)
    return _slot(innermost.index) if isinstance(innermost, Slot) and innermost.live else code


def _names(entry: Slot | Item, node: n.Node) -> bool:
    return isinstance(node, n.Name) and (isinstance(entry, Item) or entry.name == node.name)


def _variable(compiler: Compiler, node: n.Name, *, inside_filter: bool) -> Code:
    name, position = node.name, node.position
    fallback = None if name in compiler.names else built_in(name)
    if fallback is None and name in compiler.functions:
        fallback = host_value(compiler, name)
    if fallback is not None:
        function = fallback
        compiler.possible.add(name)
        return lambda frame: frame[VARIABLES].get(name, function)
    (compiler.possible if inside_filter and name not in compiler.names else compiler.free).add(name)

    def run(frame: Frame) -> Value:
        try:
            return frame[VARIABLES][name]
        except KeyError:
            return warn(frame, "unknown-name", f"There is no value called {name[:80]!r}", position)

    return run


def host_value(compiler: Compiler, name: str) -> Value:
    """Return a host function as a FEEL function."""
    return host_function(compiler.functions[name])


def _from_items(name: str, items: tuple[int, ...], base: Code) -> Code:
    """Look in the items of the filters around, innermost first, and then where the name else leads."""

    def run(frame: Frame) -> Value:
        for index in items:
            item = frame[index]
            if type(item) is dict:
                if name in item:
                    return item[name]
            elif type(item) is not Decimal and type(item) is not str:
                found, value = property_of(item, name)
                if found:
                    return value
        return base(frame)

    return run


@compiles(n.Path)
def _path(compiler: Compiler, node: n.Path) -> Code:
    source, name, position = compiler.code(node.source), node.name, node.position

    def run(frame: Frame) -> Value:
        value = source(frame)
        if type(value) is dict and name in value:
            return value[name]
        return read_path(frame, value, name, position)

    return run


def read_path(frame: Frame, value: Value, name: str, position: int) -> Value:
    """Return the entry or property `name`; of a list, that of each item; else null with a warning."""
    if type(value) is list:
        frame[RUNTIME].check_list(len(value))
        return [read_path(frame, item, name, position) for item in value]
    if type(value) is dict:
        if name in value:
            return value[name]
        return warn(frame, "unknown-entry", f"The context has no entry called {name[:80]!r}", position)
    if value is None:
        return warn(frame, "null-operand", f"{name[:80]!r} was asked of null", position)
    found, result = property_of(value, name)
    if not found:
        return warn(frame, "unknown-entry", f"A {kind_name(value)} has no property called {name[:80]!r}", position)
    return result


@compiles(n.Filter)
def _filter(compiler: Compiler, node: n.Filter) -> Code:
    source, position = _source(compiler, node.source), node.position
    if isinstance(node.condition, n.Literal) and type(node.condition.value) is Decimal:
        index = node.condition.value

        def run_place(frame: Frame) -> Value:
            items = _whole(frame, source(frame), position)
            return None if items is None else pick(frame, items, index, position)

        return run_place
    mark = compiler.mark()
    slot = compiler.bind("item")
    compiler.scope.append(Item(slot))
    condition, cost = compiler.costed(node.condition)
    compiler.release(mark)

    may_be_place = not isinstance(node.condition, _ASKS)

    def run(frame: Frame) -> Value:
        items = _whole(frame, source(frame), position)
        if items is None:
            return None
        if may_be_place and not items:
            return _of_nothing(frame, condition, slot, cost, position)
        return _run_filter(frame, items, condition, slot, cost, position)

    return run


_ASKS = (n.Comparison, n.Logic, n.Between, n.In, n.InstanceOf, n.Quantified)
"""What comes to true, false or null: never to a place in the list."""


def _run_filter(
    frame: Frame, items: list[Value], condition: Code, slot: int, cost: int, position: int
) -> Value:
    frame[RUNTIME].spend(cost * len(items) + 1)
    kept = []
    outer = frame[slot]
    for place, item in enumerate(items):
        frame[slot] = item
        value = condition(frame)
        if value is True:
            kept.append(item)
        elif place == 0 and type(value) is Decimal:
            frame[slot] = outer
            return pick(frame, items, value, position)
        elif value is not False and value is not None:
            frame[slot] = outer
            return warn(frame, "type-mismatch", f"A filter met {kind_name(value)}", position)
    frame[slot] = outer
    return kept


def _of_nothing(frame: Frame, condition: Code, slot: int, cost: int, position: int) -> Value:
    """Filter an empty list: it has no item at any place, which is null, and none that a condition holds of."""
    frame[RUNTIME].spend(cost + 1)
    outer, warnings = frame[slot], frame[RUNTIME].environment.warnings
    before = len(warnings)
    frame[slot] = None
    value = condition(frame)
    frame[slot] = outer
    # That there is no item to ask is nothing to be told.
    del warnings[before:]
    return pick(frame, [], value, position) if type(value) is Decimal else []


def _whole(frame: Frame, value: Value, position: int) -> list[Value] | None:
    """Return what is to be filtered: a list, or a value as a list of it; null has nothing to filter."""
    if type(value) is list:
        return value
    if value is None:
        warn(frame, "null-operand", "There is nothing to filter: it is null", position)
        return None
    return [value]


def pick(frame: Frame, items: list[Value], number: Decimal, position: int) -> Value:
    """Return the item at a place counted from 1, or from -1 at the end; null beyond the list."""
    place = as_integer(number)
    if place is None or place == 0 or abs(place) > len(items):
        return warn(frame, "out-of-range", f"The list has no item {number}", position)
    return items[place - 1] if place > 0 else items[place]


