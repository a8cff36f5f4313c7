"""When events happen, when ways are taken, how often steps are done: the parts of BPMN with elements of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from lxml import etree

from engine.bpmn.lint.model import BPMN, Element, children, event_definitions, extension, kind, text_of
from engine.errors import Invalid
from engine.outlines.diagram import Diagram, make, put, take_away
from engine.outlines.extensions import extension_space

XSI_TYPE: Final = "{http://www.w3.org/2001/XMLSchema-instance}type"
SORTS: Final = (
    ("timeDate", "On a day"),
    ("timeDuration", "After a time, such as P5D"),
    ("timeCycle", "Again and again, such as R3/P1W"),
)
_REFERENCES: Final = {
    "message": ("name", "Message"), "error": ("errorCode", "Error"), "escalation": ("escalationCode", "Escalation"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spec:
    """What a field of an event is called, and what may be chosen."""

    key: str
    label: str
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()


def of(
    diagram: Diagram, element: Element
) -> Iterator[tuple[Spec, Callable[[Element], str], Callable[[Diagram, Element, str], None]]]:
    """Give the fields of an event's definition, each with how it is read and set."""
    holders = [*event_definitions(element), *([element] if kind(element) in ("receiveTask", "sendTask") else [])]
    for holder in holders[:1]:
        what = kind(holder).removesuffix("EventDefinition") if holder is not element else "message"
        if what == "timer":
            yield Spec("timer_sort", "How it is told when", options=SORTS), _sort, _set_sort
            hint = "A day or a duration in FEEL, such as add working days(today(), 5), or P5D"
            yield Spec("timer_rule", "When", hint), _rule, _set_rule
        elif what in _REFERENCES:
            attribute, label = _REFERENCES[what]
            hint = "Its name; one that is not there yet is made" if what == "message" else "Its code"
            yield Spec(what, label, hint), partial(_referred, what=what, attribute=attribute), _Refers(what, attribute)


def condition(flow: Element) -> str:
    """Return on what a way is taken."""
    return text_of(next(children(flow, "conditionExpression"), None))


def set_condition(diagram: Diagram, flow: Element, value: str) -> None:
    """Set on what a way is taken; empty: on nothing."""
    found = next(children(flow, "conditionExpression"), None)
    if found is not None and not value:
        take_away(found)
    elif value:
        formal(found if found is not None else make(flow, "conditionExpression"), value)


def formal(element: Element, text: str) -> None:
    """Write an expression into its element."""
    prefix = next((prefix for prefix, space in element.nsmap.items() if f"{{{space}}}" == BPMN), None)
    element.set(XSI_TYPE, f"{prefix}:tFormalExpression" if prefix else "tFormalExpression")
    element.text = text


def collection(node: Element) -> str:
    """Return over what a step is repeated."""
    repeat = _repeat(node)
    if repeat is None:
        return ""
    return extension(repeat, "collection") or text_of(next(children(repeat, "loopCardinality"), None))


def set_collection(diagram: Diagram, node: Element, value: str) -> None:
    """Set over what a step is repeated; empty: it is done once."""
    repeat = _repeat(node)
    if repeat is not None and not value:
        take_away(repeat)
        return
    if repeat is None:
        repeat = make(node, "multiInstanceLoopCharacteristics")
    for cardinality in list(children(repeat, "loopCardinality")):
        if extension(repeat, "collection") is None:
            cardinality.text = value
            return
    repeat.set(f"{extension_space(diagram.root)}collection", value)


def note(annotation: Element) -> str:
    """Return the words of a note."""
    return text_of(next(children(annotation, "text"), None))


def set_note(diagram: Diagram, annotation: Element, value: str) -> None:
    """Set the words of a note."""
    for each in list(children(annotation, "text")):
        take_away(each)
    if value:
        make(annotation, "text").text = value


def enough(node: Element) -> str:
    """Return on what a repeated step is done though not every one is."""
    repeat = _repeat(node)
    return "" if repeat is None else text_of(next(children(repeat, "completionCondition"), None))


def set_enough(diagram: Diagram, node: Element, value: str) -> None:
    """Set on what a repeated step is done early. Raises `Invalid` for a step that is done once."""
    repeat = _repeat(node)
    if repeat is None:
        raise Invalid("Say first for each of what the step is done")
    for each in list(children(repeat, "completionCondition")):
        take_away(each)
    if value:
        formal(make(repeat, "completionCondition"), value)


def item(node: Element) -> str:
    """Return the name of what a step is done for."""
    repeat = _repeat(node)
    return "" if repeat is None else extension(repeat, "elementVariable") or ""


def set_item(diagram: Diagram, node: Element, value: str) -> None:
    """Set the name of what a step is done for."""
    repeat = _repeat(node)
    if repeat is not None and value:
        repeat.set(f"{extension_space(diagram.root)}elementVariable", value)
    elif repeat is not None:
        repeat.attrib.pop(f"{extension_space(diagram.root)}elementVariable", None)


def sequential(node: Element) -> str:
    """Return whether a repeated step is done one after the other."""
    repeat = _repeat(node)
    return "yes" if repeat is not None and repeat.get("isSequential") == "true" else "no"


def set_sequential(diagram: Diagram, node: Element, value: str) -> None:
    """Set whether a repeated step is done one after the other."""
    repeat = _repeat(node)
    if repeat is not None:
        repeat.set("isSequential", "true" if value == "yes" else "false")


def _repeat(node: Element) -> Element | None:
    return next(children(node, "multiInstanceLoopCharacteristics"), None)


def _times(event: Element) -> list[Element]:
    names = [name for name, _ in SORTS]
    return [time for each in event_definitions(event) for time in children(each, *names)]


def _sort(event: Element) -> str:
    return next((kind(time) for time in _times(event)), SORTS[0][0])


def _rule(event: Element) -> str:
    return next((text_of(time) for time in _times(event)), "")


def _set_sort(diagram: Diagram, event: Element, value: str) -> None:
    rule = _rule(event)
    for time in _times(event):
        take_away(time)
    definition = next(each for each in event_definitions(event) if kind(each) == "timerEventDefinition")
    formal(make(definition, value if value in dict(SORTS) else SORTS[0][0]), rule)


def _set_rule(diagram: Diagram, event: Element, value: str) -> None:
    if not _times(event):
        _set_sort(diagram, event, SORTS[0][0])
    formal(_times(event)[0], value)


def _holder(event: Element) -> Element:
    return next(iter(event_definitions(event)), event)


def _referred(event: Element, *, what: str, attribute: str) -> str:
    wanted = _holder(event).get(f"{what}Ref")
    root = event.getroottree().getroot()
    found = next((each for each in root.iterchildren(f"{BPMN}{what}") if each.get("id") == wanted), None)
    return "" if found is None else found.get(attribute, "")


@dataclass(frozen=True, slots=True)
class _Refers:
    """Lets an event name a message, an error or an escalation, which is made when the file holds none of that name."""

    what: str
    attribute: str

    def __call__(self, diagram: Diagram, event: Element, value: str) -> None:
        holder = _holder(event)
        if not value:
            holder.attrib.pop(f"{self.what}Ref", None)
            return
        known = diagram.root.iterchildren(f"{BPMN}{self.what}")
        found = next((each for each in known if each.get(self.attribute) == value), None)
        if found is None:
            found = etree.Element(f"{BPMN}{self.what}", id=diagram.new_id(f"{self.what} {value}"), name=value)
            found.set(self.attribute, value)
            put(diagram.root, found, at=_before_processes(diagram.root))
        holder.set(f"{self.what}Ref", found.get("id", ""))


def _before_processes(root: Element) -> int:
    places = [number for number, child in enumerate(root) if isinstance(child.tag, str)]
    return next((number for number in places if kind(root[number]) in ("process", "collaboration")), 0)
