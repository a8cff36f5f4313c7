"""Decision tables read as lists of rules and changed as XML: cells, reasons, and the order of the rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Final

from lxml import etree

from engine.bpmn.lint.model import Element, local
from engine.dmn.approvals import APPROVAL
from engine.errors import Invalid, NotFound
from engine.outlines.diagram import put, take_away
from engine.xml import parse_untrusted

_CELLS: Final = ("inputEntry", "outputEntry", "annotationEntry")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the key of its field, its heading, and what it asks or is called in FEEL."""

    key: str
    label: str
    expression: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A row, by its place from 1: the text of each cell by the column's key, the reason, and who has to approve it."""

    number: int
    cells: Mapping[str, str]
    approver: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTable:
    """A decision's table. `notes` are the columns that only say why."""

    decision: str
    name: str
    policy: str
    inputs: tuple[Column, ...]
    outputs: tuple[Column, ...]
    notes: tuple[Column, ...]
    rules: tuple[Rule, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        """Return every column, those that only say why last."""
        return (*self.inputs, *self.outputs, *self.notes)


class Tables:
    """A DMN file opened to be changed. Raises `Invalid` for one that cannot be read."""

    def __init__(self, source: bytes, *, name: str) -> None:
        self.root = parse_untrusted(source, name, keep_comments=True)

    def save(self) -> bytes:
        """Return the file."""
        return etree.tostring(self.root.getroottree(), xml_declaration=True, encoding="UTF-8")

    def all(self) -> tuple[RuleTable, ...]:
        """Return the tables of the file's decisions, in its order; decisions without a table are left out."""
        return tuple(_read(decision, table) for decision, table in self._tables())

    def one(self, decision: str) -> RuleTable:
        """Return the table of a decision. Raises `NotFound`."""
        found = next((each for each in self.all() if each.decision == decision), None)
        if found is None:
            raise NotFound("There is no such table in the file any more", decision=decision)
        return found

    def set_rule(self, decision: str, number: int, values: Mapping[str, str]) -> None:
        """Set the cells of a row, by the columns' keys; an empty one that is asked takes anything.

        Raises `NotFound`, `Invalid` (details: `field`) for an answer that is not given.
        """
        row, table = self._row(decision, number), self.one(decision)
        for column in table.outputs:
            if column.key in values and not values[column.key].strip():
                raise Invalid("Say what the answer is", field=column.key)
        _describe(row, table.rules[number - 1].cells, values)
        for column, cell in zip(table.columns, _in_order(row), strict=False):
            if column.key in values and cell is not None:
                _write(cell, values[column.key].strip() or ("-" if column in table.inputs else ""))

    def add_rule(self, decision: str, number: int) -> int:
        """Put an empty row after a row, 0 for first; return its place. Raises `NotFound`."""
        table = self._table(decision)
        rows = list(_children(table, "rule"))
        made = etree.Element(_tag(table, "rule"), id=self._new_id(f"{decision}_rule"))
        for what, heads in (("inputEntry", "input"), ("outputEntry", "output"), ("annotationEntry", "annotation")):
            for _ in _children(table, heads):
                cell = etree.SubElement(made, _tag(table, what))
                etree.SubElement(cell, _tag(table, "text")).text = "-" if what == "inputEntry" else None
        put(table, made, at=table.index(rows[number - 1]) + 1 if number and rows else _first_row(table))
        return number + 1

    def copy_rule(self, decision: str, number: int) -> int:
        """Put a row once more, after itself; return its place. Raises `NotFound`."""
        row = self._row(decision, number)
        made = deepcopy(row)
        made.tail = None
        for each in made.iter("*"):
            if each.get("id"):
                each.set("id", self._new_id(each.get("id", "")))
        # A copy is a rule of its own: nobody approved it.
        made.attrib.pop(APPROVAL, None)
        table = self._table(decision)
        put(table, made, at=table.index(row) + 1)
        return number + 1

    def move_rule(self, decision: str, number: int, *, down: bool) -> int:
        """Let a row change places with the one before or after it; return its place. Raises `NotFound`."""
        row = self._row(decision, number)
        rows = list(_children(self._table(decision), "rule"))
        place = rows.index(row) + (1 if down else -1)
        if not 0 <= place < len(rows):
            return number
        other, table = rows[place], self._table(decision)
        first, second = (row, other) if down else (other, row)
        first.tail, second.tail = second.tail, first.tail
        table.insert(table.index(first), second)
        return place + 1

    def remove_rule(self, decision: str, number: int) -> None:
        """Take a row out. Raises `NotFound`."""
        take_away(self._row(decision, number))

    def _tables(self) -> Iterator[tuple[Element, Element]]:
        for decision in _children(self.root, "decision"):
            for table in _children(decision, "decisionTable"):
                yield decision, table

    def _table(self, decision: str) -> Element:
        found = next((table for each, table in self._tables() if each.get("id") == decision), None)
        if found is None:
            raise NotFound("There is no such table in the file any more", decision=decision)
        return found

    def _row(self, decision: str, number: int) -> Element:
        rows = list(_children(self._table(decision), "rule"))
        if not 1 <= number <= len(rows):
            raise NotFound("There is no such row in the table any more", decision=decision)
        return rows[number - 1]

    def _new_id(self, name: str) -> str:
        taken, number = {each.get("id") for each in self.root.iter("*")}, 2
        while f"{name}_{number}" in taken:
            number += 1
        return f"{name}_{number}"


def _read(decision: Element, table: Element) -> RuleTable:
    inputs = tuple(_column(f"input_{number}", each) for number, each in enumerate(_children(table, "input"), 1))
    outputs = tuple(_column(f"output_{number}", each) for number, each in enumerate(_children(table, "output"), 1))
    notes = tuple(_column(f"note_{number}", each) for number, each in enumerate(_children(table, "annotation"), 1))
    notes = notes or (Column("description", "Why", ""),)
    keys = [column.key for column in (*inputs, *outputs, *notes)]
    rules = []
    for number, row in enumerate(_children(table, "rule"), 1):
        cells = {key: _text(cell) for key, cell in zip(keys, _in_order(row), strict=False) if cell is not None}
        described = {"description": _text(next(_children(row, "description"), None))} if "description" in keys else {}
        rules.append(Rule(number, {**dict.fromkeys(keys, ""), **cells, **described}, row.get(APPROVAL, "")))
    policy = " ".join(filter(None, (table.get("hitPolicy", "UNIQUE"), table.get("aggregation"))))
    decision_id = decision.get("id", "")
    return RuleTable(
        decision=decision_id, name=decision.get("name", decision_id), policy=policy,
        inputs=inputs, outputs=outputs, notes=notes, rules=tuple(rules),
    )  # fmt: skip


def _column(key: str, element: Element) -> Column:
    expression = _text(next(_children(element, "inputExpression"), None)) or element.get("name", "")
    return Column(key, element.get("label") or element.get("name") or expression or key, expression)


def _in_order(row: Element) -> list[Element | None]:
    return [cell for what in _CELLS for cell in _children(row, what)]


def _describe(row: Element, before: Mapping[str, str], values: Mapping[str, str]) -> None:
    """Keep a row's description the same as a reason beside it that it repeats; where it is the only one, set it."""
    description = next(_children(row, "description"), None)
    said = _text(description)
    key = next((key for key, text in before.items() if key[:4] in ("note", "desc") and text == said), None)
    wanted = values.get(key or "", said).strip()
    if wanted == said or key is None:
        return
    if description is None:
        if key != "description":
            return
        description = etree.Element(_tag(row, "description"))
        put(row, description, at=0)
    description.text = wanted


def _children(element: Element, name: str) -> Iterator[Element]:
    return (child for child in element.iterchildren("*") if local(str(child.tag)) == name)


def _text(element: Element | None) -> str:
    if element is None:
        return ""
    inner = next(_children(element, "text"), element)
    return (inner.text or "").strip()


def _write(cell: Element, text: str) -> None:
    inner = next(_children(cell, "text"), None)
    if inner is None:
        inner = etree.SubElement(cell, _tag(cell, "text"))
    if (inner.text or "").strip() != text:
        inner.text = text


def _tag(beside: Element, name: str) -> str:
    return f"{str(beside.tag).rpartition('}')[0]}}}{name}" if "}" in str(beside.tag) else name


def _first_row(table: Element) -> int:
    rows = list(_children(table, "rule"))
    return table.index(rows[0]) if rows else len(table)
