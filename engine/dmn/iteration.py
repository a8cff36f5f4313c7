"""Run the boxed expressions that go through a list: filter, for, some and every."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from engine.dmn.run import Logic, Run, Scope
from engine.feel import FeelFunction, Runtime, compile_expression

ITEM_COST = 16
"""Steps of the budget that one turn of a boxed loop costs, besides those of what it evaluates."""

# The list and the body go through the FEEL expression of the same meaning, so that both follow the same rules.
_SHAPES = {
    "for": compile_expression("for each in items return body(each, partial)", names=("items", "body")),
    "some": compile_expression("some each in items satisfies body(each, null)", names=("items", "body")),
    "every": compile_expression("every each in items satisfies body(each, null)", names=("items", "body")),
}


def loop_logic(kind: str, variable: str, items: Logic, body: Logic, place: str) -> Logic:
    """Return the logic of a boxed `for`, `some` or `every` whose items are called `variable`."""
    shape = _SHAPES[kind]

    def logic(scope: Scope, run: Run) -> Any:
        odd: list[Any] = []

        def invoke(runtime: Runtime, arguments: Sequence[Any]) -> Any:
            runtime.spend(ITEM_COST)
            item, partial = arguments
            value = body(run.scope({**scope.names, variable: item, "partial": partial}), run)
            if value is not None and not isinstance(value, bool):
                odd.append(value)
            return value

        function = FeelFunction("body", ("item", "partial"), invoke)
        answer = shape.evaluate_in(run.scope({"items": items(scope, run), "body": function}))
        if odd and kind != "for":
            run.warn("type", f"{place}: what <{kind}> asks of an item came to {odd[0]!s:.100}")
            return None
        return answer

    return logic


def filter_logic(items: Logic, match: Logic, place: str) -> Logic:
    """Return the logic of a boxed filter: by a condition on `item` and its entries, or by a place in the list."""

    def logic(scope: Scope, run: Run) -> Any:
        given = items(scope, run)
        if given is None:
            run.warn("null-operand", f"{place}: there is nothing to filter: the list is null")
            return None
        whole = given if isinstance(given, list) else [given]
        if not whole:
            return _of_nothing(scope, match, run, place)
        kept = []
        for number, item in enumerate(whole):
            run.runtime.spend(ITEM_COST)
            members = item if isinstance(item, dict) else {}
            value = match(run.scope({**scope.names, "item": item, **members}), run)
            if isinstance(value, Decimal) and number == 0:
                return _at(whole, value, run, place)
            if value is not None and not isinstance(value, bool):
                run.warn("type", f"{place}: what <filter> asks of an item came to {value!s:.100}")
                return None
            kept += [item] if value is True else []
        return kept

    return logic


def _of_nothing(scope: Scope, match: Logic, run: Run, place: str) -> Any:
    """Filter an empty list: a place in it is null; what is asked of its items is asked of none."""
    run.runtime.spend(ITEM_COST)
    warnings = run.runtime.environment.warnings
    before = len(warnings)
    value = match(run.scope({**scope.names, "item": None}), run)
    del warnings[before:]
    return _at([], value, run, place) if isinstance(value, Decimal) else []


def _at(items: list[Any], place: Decimal, run: Run, where: str) -> Any:
    if place == place.to_integral_value() and 1 <= abs(place) <= len(items):
        return items[int(place) - 1] if place > 0 else items[int(place)]
    run.warn("out-of-range", f"{where}: the list has no item {place}")
    return None
