"""A diagram as the list of its elements: steps, events, decisions and ways, each with who, when, which form and why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from lxml import etree

from engine.comparing.items import Item
from engine.xml import parse_untrusted

_BPMN: Final = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_WORDS: Final = {
    "userTask": "Step", "manualTask": "Step", "task": "Step", "serviceTask": "Step by itself",
    "businessRuleTask": "Decision by rules", "scriptTask": "Script", "sendTask": "Message sent",
    "receiveTask": "Message awaited", "callActivity": "Called diagram", "subProcess": "Part", "startEvent": "Start",
    "endEvent": "End", "boundaryEvent": "Event at a step", "intermediateCatchEvent": "Event awaited",
    "intermediateThrowEvent": "Event", "exclusiveGateway": "Choice", "parallelGateway": "Side by side",
    "inclusiveGateway": "Choice of several", "eventBasedGateway": "Whichever comes first", "sequenceFlow": "Way",
    "lane": "Lane", "participant": "Pool", "process": "Process", "textAnnotation": "Note", "message": "Message",
    "signal": "Signal", "error": "Error", "escalation": "Escalation", "dataObjectReference": "Data",
    "dataStoreReference": "Data store", "group": "Group", "association": "Line to a note", "messageFlow": "Message way",
}  # fmt: skip
"""What is compared as an element of its own, in words; everything inside one is said as part of it."""
_PARTS: Final = {
    "assignee": "who does it", "candidateGroups": "who may do it", "candidateUsers": "who may do it by name",
    "dueDate": "due", "followUpDate": "follow up", "formRef": "form", "formRefBinding": "which version of the form",
    "decisionRef": "rules", "decisionRefBinding": "which version of the rules", "resultVariable": "answer kept as",
    "topic": "what the service does", "calledElement": "calls", "documentation": "what it says", "name": "name",
    "conditionExpression": "goes this way when", "sourceRef": "from", "targetRef": "to", "default": "otherwise goes to",
    "attachedToRef": "at", "cancelActivity": "ends the step", "timeDate": "at the time", "timeDuration": "after",
    "timeCycle": "again and again", "messageRef": "message", "isExecutable": "can run", "processRef": "process",
    "isInterrupting": "interrupts", "mapDecisionResult": "shape of the answer", "text": "text",
}  # fmt: skip
_NAMES: Final = re.compile(r"[a-z_]+(, *[a-z_]+)*")
_LEFT_OUT: Final = frozenset({"incoming", "outgoing", "flowNodeRef", "laneSet", "collaboration", "definitions"})
_LINKS: Final = frozenset({"sourceRef", "targetRef", "default", "attachedToRef", "messageRef"})


def diagram_items(content: bytes, file: str) -> dict[str, Item]:
    """Return the elements of a BPMN file by id, in its order. Raises `Invalid` for what is no XML of ours."""
    root = parse_untrusted(content, file)
    found = {key: element for element in root.iter() if (key := element.get("id")) and _word(element)}
    names = {key: _called(element) for key, element in found.items()}
    lanes = {
        (ref.text or "").strip(): (lane.get("name") or lane.get("id") or "", lane.get("id") or "")
        for lane in root.iter(f"{_BPMN}lane")
        for ref in lane.findall(f"{_BPMN}flowNodeRef")
    }
    return {key: _item(key, element, names, lanes) for key, element in found.items()}


def _item(key: str, element: etree._Element, names: Mapping[str, str], lanes: Mapping[str, tuple[str, str]]) -> Item:
    parts: dict[str, str] = {}
    refers: dict[str, str] = {}
    for name, value in _said(element):
        told = names.get(value, value) if name in _LINKS else value
        if name == "candidateGroups" and _NAMES.fullmatch(value):
            told = value.replace("_", " ").capitalize()
        label = _PARTS.get(name, name)
        if name in _LINKS:
            refers[label] = value
        parts[label] = f"{parts[label]}; {told}" if label in parts else told
    own = parts.pop("name", "")
    if key in lanes:
        parts["lane"], refers["lane"] = lanes[key]
    is_way = _local(element) == "sequenceFlow"
    if is_way:
        own = f"{names.get(element.get('sourceRef', ''), '?')} → {names.get(element.get('targetRef', ''), '?')}"
        if element.get("name"):
            parts["label"] = element.get("name", "")
    return Item(key, _WORDS[_local(element)], own or key, parts, refers=refers, own_name=not is_way)


def _said(element: etree._Element) -> Iterator[tuple[str, str]]:
    """Yield what is said of an element: its attributes, its text, and all that stands in it but elements like it."""
    for name, value in element.attrib.items():
        if (local := etree.QName(name).localname) not in ("id", "type", "exporter", "exporterVersion"):
            yield local, _flat(value)
    for child in element:
        if _word(child) or _local(child) in _LEFT_OUT:
            continue
        yield from _inside(child)


def _inside(child: etree._Element) -> Iterator[tuple[str, str]]:
    local, text = _local(child), _flat(child.text or "")
    if local in ("property", "inputParameter", "outputParameter", "in", "out") and not len(child):
        name = child.get("name") or child.get("target") or child.get("businessKey") or local
        value = child.get("value") or child.get("source") or child.get("sourceExpression") or text
        yield f"{'passed on: ' if local in ('in', 'out') else ''}{name.replace('_', ' ')}", _flat(value)
        return
    if text:
        yield local, text
    # A kind of event says what it is by being there.
    elif local.endswith("EventDefinition"):
        yield "kind of event", re.sub("([A-Z])", r" \1", local.removesuffix("EventDefinition")).lower()
    yield from _said(child)


def _called(element: etree._Element) -> str:
    name = element.get("name")
    return _flat(name) if name else f"{_WORDS[_local(element)].lower()} {element.get('id')}"


def _word(element: etree._Element) -> bool:
    return isinstance(element.tag, str) and element.tag.startswith(_BPMN) and _local(element) in _WORDS


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _flat(text: str) -> str:
    return " ".join(text.split())
