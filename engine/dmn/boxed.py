"""Compile boxed expressions: contexts, lists, relations, invocations, functions, conditionals, iterations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from engine.dmn.compiler import Compiler, Sight, broken
from engine.dmn.iteration import filter_logic, loop_logic
from engine.dmn.run import Logic, Names, Parameters, Run, Scope
from engine.dmn.source import Element, child, children, name_of, tag, text_of, variable_type
from engine.dmn.table_reader import compile_table
from engine.dmn.types import ItemType
from engine.feel import FeelFunction, call_function

EXPRESSIONS = (
    "literalExpression", "decisionTable", "context", "list", "relation", "invocation", "functionDefinition",
    "conditional", "filter", "for", "some", "every",
)


def compile_child(compiler: Compiler, parent: Element, sight: Sight) -> Logic:
    """Compile the one boxed expression inside `parent`; refuse none or several."""
    found = list(children(parent, *EXPRESSIONS))
    if len(found) != 1:
        sentence = "there is no expression here; write one" if not found else "there is more than one expression here"
        return _faulty(compiler, sight, f"{sentence} (in <{tag(parent)}>)")
    return compile_boxed(compiler, found[0], sight)


def compile_boxed(compiler: Compiler, element: Element, sight: Sight) -> Logic:
    """Compile a boxed expression into logic; its `typeRef`, when it has one, is checked on the result."""
    logic = _COMPILERS[tag(element)](compiler, element, sight)
    kind = compiler.type(element.get("typeRef"), sight.place) if tag(element) != "decisionTable" else None
    return _typed(logic, kind, str(sight.place))


def _typed(logic: Logic, kind: ItemType | None, what: str) -> Logic:
    if kind is None:
        return logic
    return lambda scope, run: run.fit(kind, logic(scope, run), what)


def _faulty(compiler: Compiler, sight: Sight, sentence: str) -> Logic:
    compiler.refuse(sight.place.refusal(sentence))
    return broken(str(sight.place), sentence)


def _literal(compiler: Compiler, element: Element, sight: Sight) -> Logic:
    compiler.language(element, sight.place)
    text = text_of(element)
    if not text:
        return _faulty(compiler, sight, "the expression is empty")
    return compiler.literal(text, sight)


def _context(compiler: Compiler, element: Element, sight: Sight) -> Logic:
    entries: list[tuple[str, Logic]] = []
    result: Logic | None = None
    for entry in children(element, "contextEntry"):
        variable = child(entry, "variable")
        if variable is None:
            result = compile_child(compiler, entry, sight)
            continue
        name = name_of(variable)
        # A function may call itself, so its own name is in scope inside it.
        inner = sight.with_names(name) if child(entry, "functionDefinition") is not None else sight
        logic = compile_child(compiler, entry, inner.at(column=name))
        kind = compiler.type(variable_type(entry), sight.place)
        entries.append((name, _typed(logic, kind, f"entry '{name}'")))
        sight = sight.with_names(name)
    return _context_logic(tuple(entries), result)


def _context_logic(entries: tuple[tuple[str, Logic], ...], result: Logic | None) -> Logic:
    def logic(scope: Scope, run: Run) -> Any:
        names = dict(scope.names)
        inner = run.scope(names)
        value: Names = {}
        for name, entry in entries:
            value[name] = names[name] = entry(inner, run)
        return value if result is None else result(inner, run)

    return logic


def _list(compiler: Compiler, element: Element, sight: Sight) -> Logic:
    items = [compile_boxed(compiler, each, sight) for each in children(element, *EXPRESSIONS)]
    return lambda scope, run: [item(scope, run) for item in items]


def _relation(compiler: Compiler, element: Element, sight: Sight) -> Logic:
    columns = [name_of(column) for column in children(element, "column")]
    kinds = [compiler.type(column.get("typeRef"), sight.place) for column in children(element, "column")]
    rows: list[list[tuple[str, Logic]]] = []
    for number, row in enumerate(children(element, "row"), start=1):
        cells = list(children(row, *EXPRESSIONS))
        if len(cells) != len(columns):
            return _faulty(compiler, sight.at(row=number), f"{len(cells)} cells for {len(columns)} columns")
        rows.append([
            (name, _typed(compile_boxed(compiler, cell, sight.at(row=number, column=name)), kind, f"column '{name}'"))
            for name, kind, cell in zip(columns, kinds, cells, strict=True)
        ])
    return lambda scope, run: [{name: cell(scope, run) for name, cell in row} for row in rows]


def _invocation(compiler: Compiler, element: Element, sight: Sight) -> Logic:
    function = compile_child(compiler, element, sight)
    bindings: dict[str, Logic] = {}
    for binding in children(element, "binding"):
        parameter = child(binding, "parameter")
        name = name_of(parameter) if parameter is not None else ""
        if not name or name in bindings:
            return _faulty(compiler, sight, f"the invocation binds the parameter '{name}' twice, or one without a name")
        value = compile_child(compiler, binding, sight.at(column=name)) if _has_expression(binding) else _null
        kind = compiler.type(parameter.get("typeRef"), sight.place) if parameter is not None else None
        bindings[name] = _typed(value, kind, f"parameter '{name}'")

    names = tuple(bindings)

    def logic(scope: Scope, run: Run) -> Any:
        target = function(scope, run)
        if not isinstance(target, FeelFunction):
            run.warn("call", f"{sight.place}: what is invoked is not a function")
            return None
        values = [value(scope, run) for value in bindings.values()]
        return call_function(run.runtime, target, values, names=names)

    return logic


def _has_expression(element: Element) -> bool:
    return next(children(element, *EXPRESSIONS), None) is not None


def _null(scope: Scope, run: Run) -> Any:
    return None


def compile_function(compiler: Compiler, element: Element, sight: Sight) -> tuple[Parameters, Logic]:
    """Compile the parameters and the body of a function definition or a knowledge model's logic."""
    parameters = tuple(
        (name_of(each), compiler.type(each.get("typeRef"), sight.place))
        for each in children(element, "formalParameter")
    )
    kind = element.get("kind") or "FEEL"
    if kind != "FEEL":
        # The standard lets a file hold them, and calls null what one that cannot be run would give.
        sentence = f"a function of kind {kind} is never run here"
        compiler.notices.append(f"{sight.place}: {sentence}, so what calls it is null with a warning")
        return parameters, broken(str(sight.place), sentence)
    inner = sight.with_names(*(name for name, _ in parameters))
    return parameters, compile_child(compiler, element, inner)


def _function(compiler: Compiler, element: Element, sight: Sight) -> Logic:
    parameters, body = compile_function(compiler, element, sight)
    name = sight.place.column or sight.place.name
    # The scope is read at each call, not copied here: an entry that calls itself is in it only by then.
    return lambda scope, run: run.make_function(name, parameters, body, None, lambda: dict(scope.names))


def _conditional(compiler: Compiler, element: Element, sight: Sight) -> Logic:
    parts = [child(element, name) for name in ("if", "then", "else")]
    if parts[0] is None or parts[1] is None or parts[2] is None:
        return _faulty(compiler, sight, "a conditional needs if, then and else")
    condition, then, otherwise = (compile_child(compiler, part, sight) for part in parts if part is not None)
    return lambda scope, run: then(scope, run) if condition(scope, run) is True else otherwise(scope, run)


def _filter(compiler: Compiler, element: Element, sight: Sight) -> Logic:
    source, match = child(element, "in"), child(element, "match")
    if source is None or match is None:
        return _faulty(compiler, sight, "a filter needs in and match")
    inner = replace(sight.with_names("item"), loose=True)
    items, condition = compile_child(compiler, source, sight), compile_child(compiler, match, inner)
    return filter_logic(items, condition, str(sight.place))


def _loop(compiler: Compiler, element: Element, sight: Sight) -> Logic:
    kind, variable = tag(element), " ".join((element.get("iteratorVariable") or "").split())
    if not variable:
        return _faulty(compiler, sight, "the iteration has no variable; give it a name")
    part = "return" if kind == "for" else "satisfies"
    source, body = child(element, "in"), child(element, part)
    if source is None or body is None:
        return _faulty(compiler, sight, f"<{kind}> needs in and {part}")
    items = compile_child(compiler, source, sight)
    each = compile_child(compiler, body, sight.with_names(variable, "partial"))
    return loop_logic(kind, variable, items, each, str(sight.place))


_COMPILERS: dict[str, Callable[[Compiler, Element, Sight], Logic]] = {
    "literalExpression": _literal,
    "decisionTable": compile_table,
    "context": _context,
    "list": _list,
    "relation": _relation,
    "invocation": _invocation,
    "functionDefinition": _function,
    "conditional": _conditional,
    "filter": _filter,
    "for": _loop,
    "some": _loop,
    "every": _loop,
}
