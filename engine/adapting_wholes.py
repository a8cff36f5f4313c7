"""What holds other elements, as a newer original has it: a process, pool, lane, part, decision or column; pure.

Of one that is here too only what is said of it itself is taken: what it holds is chosen element by element.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Final

from lxml import etree

Element = etree._Element
COLUMNS: Final = {"input": "inputEntry", "output": "outputEntry"}
"""Columns of a table, and the cells below them."""
_SAID: Final = {
    "process": frozenset({"documentation", "extensionElements"}),
    "participant": frozenset({"documentation", "extensionElements", "participantMultiplicity"}),
    "lane": frozenset({"documentation", "extensionElements"}),
    "subProcess": frozenset({
        "documentation", "extensionElements", "multiInstanceLoopCharacteristics", "standardLoopCharacteristics",
    }),
}  # fmt: skip
"""What stands in a whole and is said of it itself; a decision's is all but its table."""


def is_whole(element: Element) -> bool:
    """Tell whether an element holds others that are chosen by themselves."""
    return local(element) in _SAID or local(element) == "decision" and table_of(element) is not None


def dress(mine: Element, theirs: Element) -> None:
    """Say of `mine` what is said of `theirs`; what it holds stays."""
    kept = {name: mine.get(name, "") for name in ("processRef",) if mine.get(name)}
    _attributes(mine, theirs)
    for name, value in kept.items():
        mine.set(name, value)
    own, new = table_of(mine), table_of(theirs)
    if own is not None and new is not None:
        _attributes(own, new)
    said = _SAID.get(local(mine))
    for each in [each for each in mine if _is_said(each, own, said)]:
        mine.remove(each)
    place = 0
    for each in theirs:
        if _is_said(each, new, said):
            mine.insert(place, deepcopy(each))
            place += 1
        elif each is new and own is not None:
            place = mine.index(own) + 1


def fill_lane(own: Element, lane: Element, theirs: Element) -> None:
    """Let a new lane hold those steps of the upgrade's that are here; no step stands in two lanes."""
    for ref in [each for each in lane if local(each) == "flowNodeRef"]:
        if not any(each.get("id") == (ref.text or "").strip() for each in own.iter() if isinstance(each.tag, str)):
            lane.remove(ref)
    held = {(each.text or "").strip() for each in lane if local(each) == "flowNodeRef"}
    for ref in list(own.iter(f"{{{etree.QName(theirs).namespace}}}flowNodeRef")):
        holder = ref.getparent()
        if holder is not None and holder is not lane and (ref.text or "").strip() in held:
            holder.remove(ref)


def put_column(mine: Element, theirs: Element) -> None:
    """Put a new column of the upgrade's in a table, with its cells; own rows take anything there, or lack an answer."""
    table = theirs.getparent()
    if table is None:
        return
    place = _of(table, local(theirs)).index(theirs)
    before = _of(mine, local(theirs))
    place = min(place, len(before))
    copy = deepcopy(theirs)
    if place:
        before[place - 1].addnext(copy)
    else:
        first = next((each for each in mine if local(each) in ("output", "annotation", "rule")), None)
        mine.insert(len(mine) if first is None else mine.index(first), copy)
    rows = {each.get("id"): each for each in _of(table, "rule")}
    for row in _of(mine, "rule"):
        _put_cell(row, rows.get(row.get("id")), local(theirs), place)


def take_column(column: Element) -> None:
    """Take a column out of its table, with its cells."""
    table = column.getparent()
    if table is None:
        return
    place = _of(table, local(column)).index(column)
    for row in _of(table, "rule"):
        cells = _of(row, COLUMNS[local(column)])
        if place < len(cells):
            row.remove(cells[place])
    table.remove(column)


def inside(element: Element) -> Iterator[str]:
    """Yield the ids of an element and of all that stands in it."""
    return (each.get("id", "") for each in element.iter() if isinstance(each.tag, str) and each.get("id"))


def local(element: Element) -> str:
    """Return the name of an element without its language, nothing for a comment."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _put_cell(row: Element, theirs: Element | None, kind: str, place: int) -> None:
    cells, tag = _of(row, COLUMNS[kind]), f"{{{etree.QName(row).namespace}}}"
    same = _of(theirs, COLUMNS[kind]) if theirs is not None else []
    if place < len(same):
        made = deepcopy(same[place])
    else:
        made = etree.Element(f"{tag}{COLUMNS[kind]}")
        etree.SubElement(made, f"{tag}text").text = "-" if kind == "input" else None
    if place and cells:
        cells[place - 1].addnext(made)
        return
    after = ("outputEntry", "annotationEntry") if kind == "input" else ("annotationEntry",)
    first = next((each for each in row if each in cells or local(each) in after), None)
    row.insert(len(row) if first is None else row.index(first), made)


def _of(holder: Element, name: str) -> list[Element]:
    return [each for each in holder if local(each) == name]


def table_of(element: Element) -> Element | None:
    """Return the table of a decision, None when it has none."""
    return next(iter(_of(element, "decisionTable")), None)


def _is_said(each: Element, table: Element | None, said: frozenset[str] | None) -> bool:
    return each is not table if said is None else local(each) in said


def _attributes(mine: Element, theirs: Element) -> None:
    for name in set(mine.attrib) - set(theirs.attrib):
        del mine.attrib[name]
    for name, value in theirs.attrib.items():
        mine.set(name, value)
