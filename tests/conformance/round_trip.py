"""What a model lost on its way through an editor: its elements, attributes and texts, before and after."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from lxml import etree

from engine.xml import parse_untrusted

_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_PLACE = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"
_DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
_POINT = "{http://www.omg.org/spec/DD/20100524/DC}Point"
"""The only type that a waypoint has."""
_DEFAULTS = {
    "isForCompensation": "false", "startQuantity": "1", "completionQuantity": "1", "gatewayDirection": "Unspecified",
    "typeLanguage": "http://www.w3.org/2001/XMLSchema", "expressionLanguage": "http://www.w3.org/1999/XPath",
    "isInterrupting": "true", "cancelActivity": "true", "parallelMultiple": "false", "isClosed": "false",
    "processType": "None", "triggeredByEvent": "false", "instantiate": "false", "isCollection": "false",
    "associationDirection": "None", "isSequential": "false", "behavior": "All", "itemKind": "Information",
    "isUnlimited": "true", "eventGatewayType": "Exclusive", "textFormat": "text/plain", "testBefore": "false",
    "waitForCompletion": "true", "ordering": "Parallel", "cancelRemainingInstances": "true", "isImmediate": "true",
    "implementation": "##unspecified", "messageVisibleKind": "initiating",
}  # fmt: skip
"""What the schema of BPMN takes to be said where nothing is: writing it or not is the same."""
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE]-?\d+)?")
Thing = tuple[str, str, str]


def lost(before: bytes, after: bytes) -> list[str]:
    """Return what `before` says and `after` does not, one line each; where it stands in the file does not matter.

    What is drawn of the inside of a collapsed sub-process may come to a plane of its own, where its place is another.
    """
    old, new = (parse_untrusted(source, "model") for source in (before, after))
    moved = {drawn for drawn, plane in _planes(old).items() if _planes(new).get(drawn, plane) != plane}
    gone = Counter(_things(old, moved)) - Counter(_things(new, moved))
    return sorted(" ".join(filter(None, thing)) for thing in gone.elements())


def _planes(root: etree._Element) -> dict[str, str]:
    """Return of each element that is drawn of what process or sub-process its plane is."""
    planes = root.iter(f"{_DI}BPMNPlane")
    return {
        each.get("bpmnElement", ""): plane.get("bpmnElement", "")
        for plane in planes for each in plane.iterchildren(f"{_DI}BPMNShape", f"{_DI}BPMNEdge")
    }  # fmt: skip


def _things(root: etree._Element, moved: set[str]) -> Iterator[Thing]:
    for each in root.iter("*"):
        shape = next(each.iterancestors(f"{_DI}BPMNShape", f"{_DI}BPMNEdge"), each)
        if shape.get("bpmnElement") not in moved:
            yield from _of(each)
        elif shape is each:
            yield str(each.tag), "bpmnElement", each.get("bpmnElement", "")


def _of(element: etree._Element) -> Iterator[Thing]:
    where = f"{_named(element.getparent())}/{_named(element)}"
    yield where, "", _value(element.text or "") if not len(element) else ""
    for name, value in element.attrib.items():
        said = _typed(element, str(value)) if name == _TYPE else _value(str(value))
        if name != _PLACE and said != _value(_DEFAULTS.get(str(name), "-")) and said != _POINT:
            yield where, str(name), said


def _named(element: etree._Element | None) -> str:
    if element is None:
        return ""
    own = element.get("id") or element.get("bpmnElement") or element.get("dmnElementRef") or ""
    return f"{element.tag}#{own}" if own else str(element.tag)


def _typed(element: etree._Element, value: str) -> str:
    """Return the type that a prefixed name means: prefixes may change."""
    prefix, _, name = value.rpartition(":")
    return f"{{{element.nsmap.get(prefix or None, '')}}}{name}"


def _value(text: str) -> str:
    """Return a text without the space around it, a number as one writes it shortest."""
    text = " ".join(text.split())
    return repr(float(text)) if _NUMBER.fullmatch(text) else text
