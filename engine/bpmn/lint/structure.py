"""Check the file itself: its processes, ids, references and shapes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from engine.bpmn.lint.findings import Finding
from engine.bpmn.lint.model import BPMN, NODES, SUBPROCESSES, Element, Model, Scope, kind, local
from engine.errors import shown

_DOCUMENTATION = frozenset(
    {
        "documentation", "extensionElements", "laneSet", "dataObject", "dataObjectReference", "dataStoreReference",
        "textAnnotation", "association", "group", "ioSpecification", "property", "auditing", "monitoring",
        "correlationSubscription", "supports", "category", "incoming", "outgoing", "dataInputAssociation",
        "dataOutputAssociation", "multiInstanceLoopCharacteristics", "standardLoopCharacteristics", "sequenceFlow",
        "completionCondition", "resourceRole", "performer", "humanPerformer", "potentialOwner", "ioBinding",
    }
)
_INTERNAL_IDS = frozenset({"Start", "End", "Root", "StartEventSplit", "StartEventJoin"})
_INTERNAL_ENDINGS = (".EndJoin", ".BoundaryEventSplit", ".BoundaryEventJoin", "[child]")
_SHAPE = "{http://www.omg.org/spec/BPMN/20100524/DI}BPMNShape"
_SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_REFERENCES = (
    ("messageRef", "message"),
    ("errorRef", "error"),
    ("escalationRef", "escalation"),
)


def check_definitions(model: Model) -> Iterator[Finding]:
    """Refuse a file that is not BPMN 2.0, or has nothing to run."""
    if model.root.tag != f"{BPMN}definitions":
        yield model.error(
            model.root,
            f"the file holds <{local(str(model.root.tag))}>, not BPMN 2.0 definitions",
            "save the diagram as BPMN 2.0 from the modeller",
        )
    elif not model.processes:
        yield model.error(model.root, "the file has no process", "draw one, from a start event to an end event")
    elif not model.executable:
        yield model.error(
            model.processes[0], "no process in the file is executable", "tick Executable on the one that is to run"
        )


def check_processes(model: Model) -> Iterator[Finding]:
    """Refuse processes that do not say whether they run, or that hold what is not understood."""
    for process in model.processes:
        if process.get("isExecutable") not in ("true", "false"):
            yield model.error(
                process, "the process does not say whether it is executable", "set isExecutable to true or false"
            )
    for process in model.executable:
        if not process.get("id"):
            yield model.error(process, "the process has no id", "give it one, such as caf_episode")
    for scope in model.scopes:
        yield from _strangers(model, scope)
    yield from _misplaced(model)


def _strangers(model: Model, scope: Scope) -> Iterator[Finding]:
    for child in scope.element.iterchildren("*"):
        name = kind(child)
        if name not in NODES and name not in _DOCUMENTATION:
            what = f"<{local(str(child.tag))}> is no step the engine can run"
            yield model.error(child, what, "remove it, or draw a task or an event")


def _misplaced(model: Model) -> Iterator[Finding]:
    for element in model.root.iter("*"):
        name, holder = kind(element), element.getparent()
        around = "" if holder is None else kind(holder)
        places = {"definitions"} if name == "process" else SUBPROCESSES | {"process"}
        if around not in places and (name in NODES or name in ("sequenceFlow", "process")):
            yield model.error(element, f"a <{name}> stands inside <{around}>", "draw it in the process itself")


def check_ids(model: Model) -> Iterator[Finding]:
    """Refuse missing, repeated and reserved ids; notice those that are not snake_case verbs."""
    yield from _repeated(model)
    for scope in model.scopes:
        for element in (*scope.nodes, *scope.flow_elements):
            if not element.get("id"):
                yield model.error(element, f"a <{kind(element)}> has no id", "give it one, such as hold_review")
    for node in (*model.executable, *model.nodes()):
        yield from _named(model, node)


def _repeated(model: Model) -> Iterator[Finding]:
    counted = Counter(
        element.get("id") for element in model.root.iter("*") if kind(element) and element.get("id") is not None
    )
    for name, times in counted.items():
        if times > 1 and name:
            yield model.error(model.by_id[name], f"{times} elements have this id", "give each an id of its own")


def _named(model: Model, node: Element) -> Iterator[Finding]:
    name = node.get("id", "")
    if name in _INTERNAL_IDS or name.endswith(_INTERNAL_ENDINGS):
        yield model.error(
            node,
            f"the id {shown(name)!r} is used inside the engine, and the element would be skipped",
            "give it another id",
        )
    elif name and not _SNAKE_CASE.fullmatch(name):
        yield model.notice(node, "the id is not in snake_case", "name what happens, such as hold_tac_meeting")


def check_references(model: Model) -> Iterator[Finding]:
    """Refuse references to elements that the file does not hold."""
    for element in model.root.iter("*"):
        for attribute, wanted in _REFERENCES:
            name = element.get(attribute)
            if kind(element) and name is not None and kind(_found(model, name)) != wanted:
                yield model.error(
                    element,
                    f"{attribute} names {shown(name)!r}, which is no {wanted} in the file",
                    f"choose a {wanted} again",
                )
    for node in model.nodes("boundaryEvent"):
        yield from _attachment(model, node)
    yield from _globals(model)
    for lane_reference in model.root.iter(f"{BPMN}flowNodeRef"):
        if (lane_reference.text or "").strip() not in model.by_id:
            yield model.error(
                lane_reference,
                f"the lane names {shown(lane_reference.text)!r}, which is not there",
                "draw the lane again",
            )


def _found(model: Model, name: str) -> Element:
    return model.by_id.get(name, model.root)


def _attachment(model: Model, event: Element) -> Iterator[Finding]:
    host = model.by_id.get(event.get("attachedToRef", ""))
    if host is None or host.getparent() is not event.getparent() or kind(host) not in NODES:
        yield model.error(
            event, "the boundary event is attached to nothing in its own part of the diagram", "put it on an activity"
        )


def _globals(model: Model) -> Iterator[Finding]:
    for element in model.root.iter(*(f"{BPMN}{name}" for name in ("message", "error", "escalation", "signal"))):
        if element.get("id") is None:
            yield model.error(element, f"a <{kind(element)}> has no id", "give it one")


def check_shapes(model: Model) -> Iterator[Finding]:
    """Refuse a diagram whose shapes have no proper place; notice a file without a drawing."""
    if model.executable and next(model.root.iter(_SHAPE), None) is None:
        what = "the file has no drawing, so the page cannot show where a case is"
        yield model.notice(model.executable[0], what, "save it from a modeller, which writes the shapes too")
    for bounds in model.root.iter("{http://www.omg.org/spec/DD/20100524/DC}Bounds"):
        if not all(_is_number(bounds.get(side, "0")) for side in ("x", "y", "width", "height")):
            holder = bounds.getparent()
            yield model.error(
                bounds if holder is None else model.by_id.get(holder.get("bpmnElement", ""), holder),
                "the shape's place is not a number",
                "move the shape and save again",
            )


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?\s*", text, re.ASCII))
