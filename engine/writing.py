"""The one writing of a model's text, so that who changes one name changes one line: the same things, nothing else.

XML has one element a line, two blanks a level, attributes in one order, and shapes in the order of what they draw; a
form has its fields in one order. What is in this writing comes back byte for byte.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from lxml import etree

from engine.errors import Invalid
from engine.strict_json import read_json
from engine.xml import parse_untrusted

_Node = etree._Element
_DI: Final = "{http://www.omg.org/spec/BPMN/20100524/DI}"
_DECLARED: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_XML: Final = "{http://www.w3.org/XML/1998/namespace}"
_FIRST: Final = (
    "id", "bpmnElement", "dmnElementRef", "name", "label", "messageRef", "attachedToRef", "cancelActivity",
    "calledElement", "default", "sourceRef", "targetRef", "x", "y", "width", "height", "camunda:decisionRef",
    "camunda:formRef", "camunda:formRefBinding", "camunda:assignee", "camunda:candidateGroups", "camunda:dueDate",
    "camunda:resultVariable", "camunda:mapDecisionResult", "camunda:type", "camunda:topic",
)  # fmt: skip
"""The attributes that come first; the others follow by name, those with a prefix after those without."""
_FIELDS: Final = ("type", "id", "key", "path", "label", "name", "value", "text", "description", "subtype")
"""The fields of a question that come first; the others follow by name."""
_LAST_FIELDS: Final = ("validate", "conditional", "properties", "values", "components")


def in_one_writing(file: str, content: bytes) -> bytes:
    """Return the text of a model in the one writing; what cannot be read, is no model or is typed by hand, as it is."""
    try:
        if file.lower().endswith((".bpmn", ".dmn")):
            root = parse_untrusted(content, file, keep_comments=True)
            return _xml(root).encode() if etree.QName(root).localname == "definitions" else content
        if file.lower().endswith(".form"):
            return _form(read_json(content, name=file)).encode()
    except Invalid:
        pass
    return content


def _form(form: Any) -> str:
    ordered = _ordered(form)
    if isinstance(ordered, dict) and "components" in ordered:
        ordered = {"components": ordered.pop("components"), **ordered}  # as every other program writes it
    return f"{json.dumps(ordered, ensure_ascii=False, indent=2)}\n"


def _ordered(found: Any) -> Any:
    if isinstance(found, dict):
        return {name: _ordered(found[name]) for name in sorted(found, key=_field_rank)}
    if isinstance(found, list):
        return [_ordered(each) for each in found]
    return int(found) if isinstance(found, float) and found.is_integer() else found


def _field_rank(name: str) -> tuple[int, str]:
    if name in _FIELDS:
        return _FIELDS.index(name) - len(_FIELDS), name
    return (_LAST_FIELDS.index(name) + 1 if name in _LAST_FIELDS else 0), name


def _xml(root: _Node) -> str:
    for plane in root.iter(f"{_DI}BPMNPlane"):
        _put_in_order(root, plane)
    around = (*reversed(list(root.itersiblings(preceding=True))), root, *root.itersiblings())
    return _DECLARED + "".join(f"{line}\n" for each in around for line in _lines(each, "", {}))


def _put_in_order(root: _Node, plane: _Node) -> None:
    """Put shapes and lines in the order of what they draw, what stands in or on another after it, lines last."""
    if any(not isinstance(each.tag, str) for each in plane):
        return  # a comment says something of what follows it
    places: dict[str, tuple[int, int]] = {}
    for number, each in enumerate(root.iter("*")):
        local = etree.QName(each).localname
        rank = 0 if local == "participant" else 1 if local == "lane" else 3 if local == "boundaryEvent" else 2
        places.setdefault(each.get("id", ""), (rank, number))
    last = (4, 0)

    def place(each: _Node) -> tuple[bool, tuple[int, int]]:
        return each.tag == f"{_DI}BPMNEdge", places.get(each.get("bpmnElement", "").rpartition(":")[2], last)

    plane[:] = sorted(plane, key=place)


def _lines(node: _Node, indent: str, around: dict[str | None, str]) -> Iterator[str]:
    if not isinstance(node.tag, str) or not len(node) or _is_mixed(node) or _holds_one_text(node):
        yield indent + _inline(node, around)
        return
    yield f"{indent}<{_opening(node, around)}>"
    for child in node:
        yield from _lines(child, f"{indent}  ", node.nsmap)
    yield f"{indent}</{_name(node)}>"


def _inline(node: _Node, around: dict[str | None, str], *, keeps: bool = False) -> str:
    """Return a node on one line, the blanks in it as they are where they say something."""
    if not isinstance(node.tag, str):
        return etree.tostring(node, encoding="unicode", with_tail=False)
    keeps = keeps or _is_mixed(node)
    inside = _text(node.text) if keeps or (not len(node) and _says_something(node.text)) else ""
    for child in node:
        inside += _inline(child, node.nsmap, keeps=keeps) + (_text(child.tail) if keeps else "")
    opening = _opening(node, around)
    return f"<{opening}>{inside}</{_name(node)}>" if inside else f"<{opening} />"


def _is_mixed(node: _Node) -> bool:
    """Tell whether text stands between the children of a node, or blanks in it are to stay."""
    texts: Iterable[str | None] = (node.text, *(child.tail for child in node)) if len(node) else ()
    return any(text and text.strip() for text in texts) or node.get(f"{_XML}space") == "preserve"


def _holds_one_text(node: _Node) -> bool:
    """Tell whether a node holds one text, as a cell of a table does: it stands on the line of its text."""
    child = node[0]
    return len(node) == 1 and isinstance(child.tag, str) and etree.QName(child).localname == "text" and not len(child)


def _says_something(text: str | None) -> bool:
    return text is not None and (bool(text.strip()) or "\n" not in text)


def _opening(node: _Node, around: dict[str | None, str]) -> str:
    own = {prefix: space for prefix, space in node.nsmap.items() if around.get(prefix) != space}
    if node.prefix is None and None not in node.nsmap and around.get(None):
        own[None] = ""
    spaces = [(f"xmlns:{prefix}" if prefix else "xmlns", own[prefix]) for prefix in sorted(own, key=lambda p: p or "")]
    attributes = sorted(((_called(node, str(name)), str(value)) for name, value in node.attrib.items()), key=_rank)
    return " ".join((_name(node), *(f"{name}={_quoted(value)}" for name, value in (*spaces, *attributes))))


def _rank(attribute: tuple[str, str]) -> tuple[bool, int, str]:
    name = attribute[0]
    return ":" in name, _FIRST.index(name) if name in _FIRST else len(_FIRST), name


def _name(node: _Node) -> str:
    local = etree.QName(node).localname
    return f"{node.prefix}:{local}" if node.prefix else local


def _called(node: _Node, name: str) -> str:
    """Return the name of an attribute with the prefix of its namespace."""
    space, _, local = name.rpartition("}")
    if not space:
        return name
    if f"{space}}}" == _XML:
        return f"xml:{local}"
    prefix = next(prefix for prefix in sorted(filter(None, node.nsmap)) if node.nsmap[prefix] == space[1:])
    return f"{prefix}:{local}"


def _text(text: str | None) -> str:
    return (text or "").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def _quoted(value: str) -> str:
    value = _text(value).replace("\n", "&#10;").replace("\t", "&#9;")
    return f"'{value}'" if '"' in value and "'" not in value else '"' + value.replace('"', "&quot;") + '"'
