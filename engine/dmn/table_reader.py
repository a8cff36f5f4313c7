"""Compile the decision tables of a file."""

from __future__ import annotations

from typing import Any

from engine.dmn.column_index import Cell
from engine.dmn.compiler import Compiler, Sight
from engine.dmn.hit_policies import POLICIES, HitPolicy, Ranks
from engine.dmn.host_index import ColumnCells, HostIndex
from engine.dmn.results import ROW, row_in_words
from engine.dmn.run import Logic, Scope
from engine.dmn.source import Element, child, children, description_of, name_of, text_of
from engine.dmn.tables import Column, DecisionTable, OutputColumn, Rule
from engine.dmn.turning_points import reads
from engine.errors import shown
from engine.feel import DEFAULT, Constant, Environment, Runtime, constant_of

LETTERS = {
    "U": "UNIQUE", "F": "FIRST", "A": "ANY", "P": "PRIORITY", "C": "COLLECT", "R": "RULE ORDER", "O": "OUTPUT ORDER",
}


def hit_policy_of(element: Element) -> str:
    """Return the name of a table's hit policy with its aggregation: "UNIQUE", "COLLECT SUM"."""
    written = (element.get("hitPolicy") or "UNIQUE").strip()
    name = LETTERS.get(written, written)
    aggregation = (element.get("aggregation") or "").strip()
    return f"{name} {aggregation}" if name == "COLLECT" and aggregation else name


def compile_table(compiler: Compiler, element: Element, sight: Sight) -> DecisionTable:
    """Compile a `decisionTable`. Raises `Invalid` naming row and column."""
    policy = _policy(element, sight)
    rules, inputs, outputs = (list(children(element, name)) for name in ("rule", "input", "output"))
    if not outputs:
        raise sight.place.refusal("the table has no output column")
    names = _output_names(outputs, sight)
    kinds = tuple(
        compiler.type(output.get("typeRef"), sight.at(column=name).place)
        for name, output in zip(names, outputs, strict=True)
    )
    labels = [text.get("name") or "" for text in children(element, "annotation")]
    notes = [_annotations(each, labels) for each in rules]
    sights = [
        sight.at(row=number, row_said=row_in_words(each, number) if ROW in each else "")
        for number, each in enumerate(notes, start=1)
    ]
    for at, rule in zip(sights, rules, strict=True):
        _check_width(rule, len(inputs), len(outputs), at)
    cells = [list(children(rule, "inputEntry")) for rule in rules]
    texts = [text_of(child(each, "inputExpression")) for each in inputs]
    allowed = [_output_column(compiler, each, name, sight) for each, name in zip(outputs, names, strict=True)]
    columns = tuple(_column(compiler, each, index, cells, texts, sight, sights) for index, each in enumerate(inputs))
    fixed = compiler.fixed_functions(sight)
    return DecisionTable(
        sight.place.name, element.get("id") or "", policy,
        columns, HostIndex([ColumnCells(each.always, each.cells, fixed) for each in columns]),
        tuple(_rule(compiler, *each, allowed) for each in zip(rules, notes, sights, strict=True)),
        names,
        _ranks(compiler, element, outputs, policy, sight),
        tuple(_default(compiler, each, name, sight) for each, name in zip(outputs, names, strict=True)),
        tuple(each.allowed for each in allowed),
        {name: label for name, each in zip(names, outputs, strict=True) if (label := each.get("label"))},
        kinds,
    )


def _policy(element: Element, sight: Sight) -> HitPolicy:
    name = hit_policy_of(element)
    if name not in POLICIES:
        raise sight.place.refusal(f"there is no hit policy '{shown(name)}'; use one of {', '.join(POLICIES)}")
    if name.startswith("COLLECT ") and name != "COLLECT COUNT" and len(list(children(element, "output"))) > 1:
        raise sight.place.refusal(f"the hit policy {name} needs a table with one output column")
    return POLICIES[name]


def _output_names(outputs: list[Element], sight: Sight) -> tuple[str, ...]:
    if len(outputs) == 1:
        return (name_of(outputs[0]) or sight.place.name,)
    names = tuple(name_of(output) for output in outputs)
    for number, name in enumerate(names, start=1):
        if not name:
            raise sight.place.refusal(f"output column {number} has no name; a table with several outputs needs them")
        if names.index(name) != number - 1:
            raise sight.place.refusal(f"two output columns are called '{shown(name)}'")
    return names


def _check_width(rule: Element, inputs: int, outputs: int, sight: Sight) -> None:
    for kind, expected, word in (("inputEntry", inputs, "input"), ("outputEntry", outputs, "output")):
        found = len(list(children(rule, kind)))
        if found != expected:
            raise sight.place.refusal(f"the row has {found} {word} cells and the table {expected} {word} columns")


def _column(
    compiler: Compiler, element: Element, index: int, rows: list[list[Element]], texts: list[str], sight: Sight,
    sights: list[Sight],
) -> Column:
    expression, text = child(element, "inputExpression"), texts[index]
    label = element.get("label") or text or f"input {index + 1}"
    sight = sight.at(column=label)
    if expression is None or not text:
        raise sight.place.refusal("the column has no input expression")
    compiler.language(expression, sight.place)
    kind = compiler.type(expression.get("typeRef"), sight.place)
    allowed = text_of(child(element, "inputValues"))
    cells = _distinct_cells(compiler, [row[index] for row in rows], sights, label)
    always = sum(cell.rows for text, cell in cells if _is_any(text))
    asked = tuple(cell for text, cell in cells if not _is_any(text))
    tests = compiler.tests(allowed, sight) if allowed else None
    same_as = texts.index(text) if texts.index(text) < index else None
    asking = compiler.expression(text, sight)
    value = compiler.logic(asking, text, sight)
    variable = text if sight.is_variable(text) else None
    return Column(label, text, same_as, variable, value, tests, always, asked, reads(asking), kind)


def _distinct_cells(
    compiler: Compiler, entries: list[Element], sights: list[Sight], label: str
) -> list[tuple[str, Cell]]:
    rows: dict[str, int] = {}
    for number, entry in enumerate(entries):
        if entry.get("expressionLanguage"):
            compiler.language(entry, sights[number].at(column=label).place)
        text = text_of(entry)
        rows[text] = rows.get(text, 0) | 1 << number
    cells = []
    for text, bits in rows.items():
        first = (bits & -bits).bit_length()
        tests = None if _is_any(text) else compiler.tests(text, sights[first - 1].at(column=label))
        cells.append((text, Cell(bits, first, tests)))
    return cells


def _is_any(text: str) -> bool:
    return text in ("", "-")


def _output_column(compiler: Compiler, element: Element, name: str, sight: Sight) -> OutputColumn:
    text, heading = text_of(child(element, "outputValues")), element.get("label") or name
    return OutputColumn(name, compiler.tests(text, sight.at(column=heading)) if text else None, text, heading)


def _annotations(element: Element, labels: list[str]) -> dict[str, str]:
    notes = {
        labels[index] if index < len(labels) and labels[index] else f"annotation {index + 1}": text_of(entry)
        for index, entry in enumerate(children(element, "annotationEntry"))
    }
    return {name: text for name, text in notes.items() if text}


def _rule(
    compiler: Compiler, element: Element, annotations: dict[str, str], sight: Sight, columns: list[OutputColumn]
) -> Rule:
    said = [
        _output(compiler, entry, column, sight.at(column=column.heading))
        for entry, column in zip(children(element, "outputEntry"), columns, strict=True)
    ]
    outputs, names_read = tuple(logic for logic, _, _ in said), frozenset().union(*(read for _, read, _ in said))
    constants = {column.name: fixed.value for column, (_, _, fixed) in zip(columns, said, strict=True) if fixed}
    return Rule(element.get("id") or "", outputs, annotations, description_of(element), names_read, constants)


def _output(
    compiler: Compiler, entry: Element, column: OutputColumn, sight: Sight
) -> tuple[Logic, frozenset[str], Constant | None]:
    """Return what an output cell says, the names it reads, and its value when that is the same always."""
    compiler.language(entry, sight.place)
    text = text_of(entry)
    if not text or text == "-":
        return lambda scope, run: None, frozenset(), Constant(None)
    expression = compiler.expression(text, sight)
    fixed = constant_of(expression) if expression is not None else None
    logic = compiler.logic(expression, text, sight)
    named = frozenset[str]() if fixed is not None else reads(expression)
    return _limited(compiler, logic, fixed, text, column, sight), named, fixed


def _default(compiler: Compiler, output: Element, name: str, sight: Sight) -> Logic | None:
    text = text_of(child(output, "defaultOutputEntry"))
    return compiler.literal(text, sight.at(column=name)) if text else None


def _limited(
    compiler: Compiler, logic: Logic, fixed: Constant | None, text: str, column: OutputColumn, sight: Sight
) -> Logic:
    """Limit an output to its column's output values. Raises `Invalid` for a constant that is none of them."""
    if column.allowed is None:
        return logic
    if fixed is not None and column.allows(fixed.value, Scope({}, Runtime(Environment(), DEFAULT))):
        return logic
    if fixed is not None:
        what = f"`{shown(text)}` is none of the output values of the column: {shown(column.text)}"
        compiler.refuse(sight.place.refusal(what))
    return column.limit(logic)


def _ranks(
    compiler: Compiler, table: Element, outputs: list[Element], policy: HitPolicy, sight: Sight
) -> Ranks:
    if not policy.ordered:
        return tuple(None for _ in outputs)
    ranks = tuple(_rank(compiler, table, output, len(outputs) == 1, sight) for output in outputs)
    if all(rank is None for rank in ranks):
        raise sight.place.refusal(f"the hit policy {policy.name} needs output values, listed best first")
    return ranks


def _rank(compiler: Compiler, table: Element, output: Element, single: bool, sight: Sight) -> tuple[Any, ...] | None:
    text = text_of(child(output, "outputValues"))
    if not text:
        kind = compiler.type(output.get("typeRef") or (table.get("typeRef") if single else None), sight.place)
        text = kind.allowed_text if kind is not None else ""
    return compiler.constants(text, sight.at(column=name_of(output) or None)) if text else None
