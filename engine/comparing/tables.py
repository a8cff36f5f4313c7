"""Rules as the list of their decisions, columns and rows, each row with its cells by column."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

from engine.comparing.items import Item
from engine.xml import parse_untrusted

_OWN: Final = ("decision", "businessKnowledgeModel", "inputData", "knowledgeSource", "itemDefinition", "import")
_WORDS: Final = {
    "decision": "Decision", "businessKnowledgeModel": "Function", "inputData": "Input", "knowledgeSource": "Source",
    "itemDefinition": "Type", "import": "Import",
}  # fmt: skip


def table_items(content: bytes, file: str) -> dict[str, Item]:
    """Return the decisions, columns and rules of a DMN file by id, in its order. Raises `Invalid` for unsafe XML."""
    root = parse_untrusted(content, file)
    items: dict[str, Item] = {}
    for element in root:
        if _local(element) in _OWN:
            items.update({item.key: item for item in _of(element)})
    return items


def _of(element: etree._Element) -> Iterator[Item]:
    key, name = element.get("id") or element.get("name") or _local(element), element.get("name") or ""
    table = next((each for each in element.iter() if _local(each) == "decisionTable"), None)
    parts = dict(_said(element, but=table))
    if table is not None:
        parts["which rules count"] = " ".join(
            filter(None, (table.get("hitPolicy", "UNIQUE").lower(), table.get("aggregation", "").lower()))
        )
    yield Item(key, _WORDS[_local(element)], name or key, parts)
    if table is not None:
        yield from _table(table, key, name or key)


def _table(table: etree._Element, owner: str, within: str) -> Iterator[Item]:
    columns = []
    for number, each in enumerate((e for e in table if _local(e) in ("input", "output")), 1):
        label = each.get("label") or each.get("name") or _first_text(each) or f"column {number}"
        columns.append(label if label not in columns else f"{label} (column {number})")
        said = {name: text for name, text in _said(each) if name != "label"}
        key = each.get("id") or f"{owner} column {number}"
        yield Item(key, "Column asked" if _local(each) == "input" else "Column answered", label, said, within, True)
    for number, rule in enumerate((e for e in table if _local(e) == "rule"), 1):
        yield _rule(rule, number, owner, within, columns)


def _rule(rule: etree._Element, number: int, owner: str, within: str, columns: list[str]) -> Item:
    cells = [each for each in rule if _local(each) in ("inputEntry", "outputEntry")]
    parts = {column: _first_text(cell) or "-" for column, cell in zip(columns, cells, strict=False)}
    for each in rule:
        if _local(each) == "description" and (each.text or "").strip():
            parts["why it is there"] = _flat(each.text or "")
        elif _local(each) == "annotationEntry" and _first_text(each):
            parts["note"] = _first_text(each)
    key = rule.get("id") or f"{owner} rule {number}"
    return Item(key, "Rule", key.removeprefix("row_").replace("_", " "), parts, within, True)


def _said(element: etree._Element, but: etree._Element | None = None) -> Iterator[tuple[str, str]]:
    for name, value in element.attrib.items():
        local = etree.QName(name).localname
        # How wide a column is drawn says nothing about the rules.
        if local not in ("id", "name", "width", "annotationsWidth"):
            yield _label(local), value.lstrip("#")
    for child in element:
        if child is but or not isinstance(child.tag, str):
            continue
        if (text := _flat(child.text or "")) and not len(child):
            yield _label(_local(child)), text
        yield from _said(child)


def _label(local: str) -> str:
    return {
        "description": "what it says", "question": "question", "allowedAnswers": "answers", "typeRef": "type",
        "href": "needs", "text": "expression", "label": "heading",
    }.get(local, local)  # fmt: skip


def _first_text(element: etree._Element) -> str:
    found = next((each.text for each in element.iter() if _local(each) == "text" and each.text), "")
    return _flat(found)


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _flat(text: str) -> str:
    return " ".join(text.split())
