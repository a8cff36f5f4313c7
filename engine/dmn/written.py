"""What a DMN file says as it is written: tables row by row and expressions as text, to be read by people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from engine.dmn.approvals import APPROVAL
from engine.dmn.boxed import EXPRESSIONS
from engine.dmn.source import Element, child, children, description_of, name_of, tag, text_of
from engine.dmn.table_reader import hit_policy_of
from engine.xml import parse_untrusted


@dataclass(frozen=True, slots=True)
class WrittenRow:
    """A row: its cells by column as they stand, its annotations by name, and the role that it changes with only."""

    id: str
    asks: tuple[str, ...]
    gives: tuple[str, ...]
    notes: tuple[tuple[str, str], ...]
    description: str
    approver: str


R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Table(Generic[R]):
    """A decision table with rows as they are written, or as they are shown.

    `inputs` and `outputs` are the headings of its columns; `policy` is as in "COLLECT SUM", or says it in words.
    """

    policy: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    rows: tuple[R, ...]

    @property
    def width(self) -> int:
        """How many columns it has."""
        return len(self.inputs) + len(self.outputs)


@dataclass(frozen=True, slots=True)
class Logic(Generic[R]):
    """A boxed expression: a text, a table, or `parts` that are such again. `label` says which part of what it is."""

    label: str
    text: str = ""
    table: Table[R] | None = None
    parts: tuple[Logic[R], ...] = ()


@dataclass(frozen=True, slots=True)
class WrittenDecision:
    """A decision, or with `is_function` a business knowledge model, with what it is asked and may answer in words."""

    id: str
    name: str
    question: str
    answers: str
    description: str
    is_function: bool
    logic: Logic[WrittenRow] | None


def written_decisions(source: bytes, *, name: str) -> tuple[WrittenDecision, ...]:
    """Return the decisions, then the knowledge models, of a DMN file's bytes. Raises `Invalid` for what is no XML."""
    root = parse_untrusted(source, name)
    found = (*children(root, "decision"), *children(root, "businessKnowledgeModel"))
    return tuple(_decision(each) for each in found)


def _decision(element: Element) -> WrittenDecision:
    is_function = tag(element) == "businessKnowledgeModel"
    logic = child(element, "encapsulatedLogic") if is_function else next(children(element, *EXPRESSIONS), None)
    return WrittenDecision(
        id=element.get("id") or name_of(element),
        name=name_of(element),
        question=_inner(element, "question"),
        answers=_inner(element, "allowedAnswers"),
        description=description_of(element),
        is_function=is_function,
        logic=_logic(logic, "") if logic is not None else None,
    )


def _inner(element: Element, name: str) -> str:
    found = child(element, name)
    return (found.text or "").strip() if found is not None else ""


def _logic(element: Element, label: str) -> Logic[WrittenRow]:
    kind = tag(element)
    if kind == "literalExpression":
        return Logic(label, text=text_of(element))
    if kind == "decisionTable":
        return Logic(label, table=_table(element))
    told = " ".join(part for part in (label, _said_of(element)) if part)
    return Logic(told, parts=tuple(_parts(element)))


def _said_of(element: Element) -> str:
    """Say what a boxed expression does with its parts, where its parts do not say so themselves."""
    parameters = ", ".join(name_of(each) for each in children(element, "formalParameter"))
    if parameters:
        return f"function of {parameters}"
    variable = element.get("iteratorVariable")
    return f"{tag(element)} {variable}" if variable else ""


def _parts(element: Element) -> Iterator[Logic[WrittenRow]]:
    columns = [name_of(each) for each in children(element, "column")]
    for number, each in enumerate(children(element), start=1):
        inner = list(children(each, *EXPRESSIONS))
        if tag(each) in EXPRESSIONS:
            yield _logic(each, _place(element, number))
        elif tag(each) == "row":
            cells = zip(columns, inner, strict=False)
            yield Logic("row", parts=tuple(_logic(cell, column) for column, cell in cells))
        elif inner:
            yield _logic(inner[0], _label(each))


def _place(element: Element, number: int) -> str:
    return {"list": f"item {number}", "invocation": "call"}.get(tag(element), "")


def _label(element: Element) -> str:
    """Return the name of an entry or a parameter; else what the part is called in the language: `if`, `in`."""
    for name in ("variable", "parameter"):
        named = child(element, name)
        if named is not None:
            return name_of(named)
    return "result" if tag(element) == "contextEntry" else tag(element)


def _table(element: Element) -> Table[WrittenRow]:
    notes = [name_of(each) for each in children(element, "annotation")]
    return Table(
        hit_policy_of(element),
        tuple(each.get("label") or text_of(child(each, "inputExpression")) for each in children(element, "input")),
        tuple(each.get("label") or name_of(each) for each in children(element, "output")),
        tuple(_row(each, notes) for each in children(element, "rule")),
    )


def _row(element: Element, notes: list[str]) -> WrittenRow:
    said = [text_of(each) for each in children(element, "annotationEntry")]
    named = [notes[index] if index < len(notes) else "" for index in range(len(said))]
    return WrittenRow(
        id=element.get("id") or "",
        asks=tuple(text_of(each) for each in children(element, "inputEntry")),
        gives=tuple(text_of(each) for each in children(element, "outputEntry")),
        notes=tuple(pair for pair in zip(named, said, strict=True) if pair[1]),
        description=description_of(element),
        approver=(element.get(APPROVAL) or "").strip(),
    )
