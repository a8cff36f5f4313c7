"""Changes of a diagram by its outline: steps put in and taken out, ways led elsewhere; the drawing follows."""

from __future__ import annotations

from typing import Final, Literal

from engine.bpmn.lint.model import BPMN, Element, Flow, Scope, children, kind
from engine.errors import Invalid
from engine.outlines.diagram import Diagram, make, make_early, take_away
from engine.outlines.drawing import SIZES, Drawing
from engine.outlines.event_properties import formal
from engine.outlines.extensions import extension_space
from engine.outlines.lanes import lanes_beside, put_in
from engine.outlines.placing import place_beside, place_between, place_in_lane, place_under

NewKind = Literal["userTask", "serviceTask", "businessRuleTask", "callActivity", "intermediateCatchEvent"]
NEW_KINDS: Final[dict[str, str]] = {
    "userTask": "Somebody does it",
    "serviceTask": "The service does it",
    "businessRuleTask": "Rules decide",
    "callActivity": "Another diagram",
    "intermediateCatchEvent": "Wait for a time",
}
"""What may be put in, and the words for it."""
_NAMED_INSIDE: Final = frozenset({"userTask", "serviceTask", "businessRuleTask", "callActivity"})


def lanes_of(diagram: Diagram, *, flow_id: str) -> list[tuple[str, str]]:
    """Return the lanes in which a step on a way may stand, with their names. Raises `NotFound`."""
    return list(lanes_beside(diagram.flow(flow_id)))


def add_step(diagram: Diagram, *, flow_id: str, what: str, name: str, lane_id: str = "") -> str:
    """Put a new step on a way, in a lane or without one said in that of its neighbour; return its id.

    Raises `NotFound`, `Invalid` without a name, for another kind, or a lane of another part.
    """
    words = _words(name)
    if what not in NEW_KINDS:
        raise Invalid("Choose what kind of step it is", field="what")
    flow = diagram.flow(flow_id)
    if lane_id and lane_id not in dict(lanes_of(diagram, flow_id=flow_id)):
        raise Invalid("Choose a lane of the same part", field="lane")
    step = make(_holder(flow), what, id=diagram.new_id(words), name=words)
    if what == "intermediateCatchEvent":
        _timer(step, "timeDuration", "P1D")
    _put_on(diagram, flow, step, SIZES["event" if what == "intermediateCatchEvent" else "task"], lane_id)
    return step.get("id", "")


def add_choice(diagram: Diagram, *, flow_id: str, name: str, condition: str, target_id: str) -> str:
    """Put a choice on a way: when `condition` holds, the case goes to `target_id`, or to a new end; else on as before.

    Returns the id of the gateway. Raises `NotFound`, `Invalid` for what is not said, or a step that cannot be led to.
    """
    words = _words(name)
    if not condition.strip():
        raise Invalid("Say when the case goes the other way", field="condition")
    flow = diagram.flow(flow_id)
    holder = _holder(flow)
    if target_id:
        _require_target(diagram, flow, target_id)
    gateway = make(holder, "exclusiveGateway", id=diagram.new_id(words), name=words)
    onward = _put_on(diagram, flow, gateway, SIZES["gateway"])
    gateway.set("default", onward)
    drawing = Drawing(diagram)
    target = diagram.node(target_id) if target_id else _new_end(diagram, drawing, gateway)
    other = _flow(diagram, holder, gateway, target)
    formal(make(other, "conditionExpression"), condition.strip())
    drawing.connect(other.get("id", ""), gateway.get("id", ""), target.get("id", ""))
    drawing.label(gateway.get("id", ""))
    return gateway.get("id", "")


def add_reminder(diagram: Diagram, *, step_id: str, name: str, time: str, operation: str) -> str:
    """Put a timer on a step that begins a service beside it, once; return the timer's id.

    `time` is FEEL for the day, such as `add working days(today(), 5)`, or a duration (`P5D`). Raises `NotFound`,
    `Invalid` for what is not said, or a step that takes no time.
    """
    words, host = _words(name), diagram.node(step_id)
    if kind(host) not in ("userTask", "manualTask", "receiveTask", "subProcess", "callActivity"):
        raise Invalid("A reminder can only be put on a step that takes time", field="name")
    if not time.strip():
        raise Invalid("Say when", field="time")
    holder = _holder(host)
    sits = {"attachedToRef": step_id, "cancelActivity": "false"}
    event = make(holder, "boundaryEvent", id=diagram.new_id(f"{words} due"), name=words, **sits)
    _timer(event, "timeDuration" if time.strip().startswith("P") else "timeDate", time.strip())
    service = make(holder, "serviceTask", id=diagram.new_id(words), name=words)
    service.set(f"{extension_space(diagram.root)}type", "external")
    service.set(f"{extension_space(diagram.root)}topic", operation)
    end = make(holder, "endEvent", id=diagram.new_id(f"end {words}"))
    drawing = Drawing(diagram)
    place_beside(drawing, step_id, *(each.get("id", "") for each in (event, service, end)))
    for one, other in ((event, service), (service, end)):
        flow = _flow(diagram, holder, one, other)
        drawing.connect(flow.get("id", ""), one.get("id", ""), other.get("id", ""))
    for each in (event, service, end):
        _put_in_lane(diagram, drawing, each, host)
    drawing.label(event.get("id", ""))
    return event.get("id", "")


def remove_step(diagram: Diagram, *, step_id: str) -> tuple[str, ...]:
    """Take a step out and lead what came to it to what came after it; return the ids of all that went.

    What only its events led to goes too. Raises `NotFound`, `Invalid` for a start, an end, or a choice of several ways.
    """
    node = diagram.node(step_id)
    scope = diagram.scope(node)
    leaving = scope.leaving(node)
    if kind(node) == "startEvent":
        raise Invalid("Every part of a diagram begins somewhere: its start stays", step=step_id)
    if kind(node) != "boundaryEvent" and len(leaving) != 1:
        more = "Take away all but one of the ways on from it first" if leaving else "It is an end: it stays"
        raise Invalid(more, step=step_id)
    drawing = Drawing(diagram)
    if kind(node) != "boundaryEvent":
        after = leaving[0].target
        for flow in scope.entering(node):
            _lead(diagram, drawing, flow.element, after)
    gone = _take_out(diagram, drawing, node)
    return (*gone, *_clear_up(diagram, drawing, scope.element))


def remove_way(diagram: Diagram, *, flow_id: str) -> tuple[str, ...]:
    """Take one of several ways out, and what only it led to. Raises `NotFound`, `Invalid` for the only way on."""
    flow = diagram.flow(flow_id)
    scope = diagram.scope(flow)
    source = diagram.node(flow.get("sourceRef", ""))
    if len(scope.leaving(source)) < 2:
        raise Invalid("It is the only way on: lead it elsewhere, or take the step out", flow=flow_id)
    drawing = Drawing(diagram)
    _take_out_flow(diagram, drawing, flow)
    if source.get("default") == flow_id:
        del source.attrib["default"]
    return (flow_id, *_clear_up(diagram, drawing, scope.element))


def lead_elsewhere(diagram: Diagram, *, flow_id: str, target_id: str) -> None:
    """Lead a way to another step of the same part. Raises `NotFound`, `Invalid` for one that cannot be led to."""
    flow = diagram.flow(flow_id)
    _require_target(diagram, flow, target_id)
    _lead(diagram, Drawing(diagram), flow, diagram.node(target_id))


def targets(scope: Scope) -> list[Element]:
    """Return the steps of a part to which a way may be led."""
    return [node for node in scope.nodes if kind(node) not in ("startEvent", "boundaryEvent")]


def _require_target(diagram: Diagram, flow: Element, target_id: str) -> None:
    scope, target = diagram.scope(flow), diagram.node(target_id)
    if target not in targets(scope):
        raise Invalid("A way can only lead to a step of the same part, and to no start", field="target")
    same = {each.target for each in scope.flows if each.element.get("sourceRef") == flow.get("sourceRef")}
    if target in same and flow.get("targetRef") != target_id:
        raise Invalid("Another way leads there from the same step already", field="target")


def _words(name: str) -> str:
    words = " ".join(name.split())
    if not words:
        raise Invalid("Say what it is called", field="name")
    return words


def _holder(element: Element) -> Element:
    holder = element.getparent()
    if holder is None:
        raise Invalid("It stands in no process")
    return holder


def _put_on(diagram: Diagram, flow: Element, step: Element, size: tuple[int, int], lane_id: str = "") -> str:
    """Put a step between the two ends of a flow; return the id of the flow that leads on from it."""
    holder, source = _holder(flow), diagram.node(flow.get("sourceRef", ""))
    target = diagram.node(flow.get("targetRef", ""))
    drawing = Drawing(diagram)
    old = drawing.points(flow.get("id", ""))
    drawing.forget(flow.get("id", ""))
    _aim(diagram, flow, step)
    onward = _flow(diagram, holder, step, target)
    place_between(drawing, source.get("id", ""), target.get("id", ""), step.get("id", ""), size, old)
    if lane_id:
        place_in_lane(drawing, step.get("id", ""), lane_id)
    _put_in_lane(diagram, drawing, step, source, lane_id)
    drawing.connect(flow.get("id", ""), source.get("id", ""), step.get("id", ""))
    drawing.connect(onward.get("id", ""), step.get("id", ""), target.get("id", ""))
    if kind(step) not in _NAMED_INSIDE:
        drawing.label(step.get("id", ""))
    return onward.get("id", "")


def _new_end(diagram: Diagram, drawing: Drawing, gateway: Element) -> Element:
    end = make(_holder(gateway), "endEvent", id=diagram.new_id(f"end {gateway.get('id')}"))
    place_under(drawing, gateway.get("id", ""), end.get("id", ""))
    _put_in_lane(diagram, drawing, end, gateway)
    return end


def _take_out(diagram: Diagram, drawing: Drawing, node: Element) -> tuple[str, ...]:
    """Take out a step with its flows and its events, and all that stands inside it."""
    scope, node_id = diagram.scope(node), node.get("id", "")
    gone = [node_id]
    for flow in (*scope.leaving(node), *scope.entering(node)):
        _take_out_flow(diagram, drawing, flow.element)
    for event in scope.boundaries.get(node_id, ()):
        gone += _take_out(diagram, drawing, event)
    for inside in node.iter("*"):
        if inside.get("id"):
            drawing.forget(inside.get("id", ""))
    for reference in list(diagram.root.iter(f"{BPMN}flowNodeRef")):
        if (reference.text or "").strip() == node_id:
            take_away(reference)
    take_away(node)
    return tuple(gone)


def _clear_up(diagram: Diagram, drawing: Drawing, holder: Element) -> tuple[str, ...]:
    """Take out what no start leads to any more; return the ids."""
    gone: list[str] = []
    scope = Scope(holder)
    found = set(scope.of_kind("startEvent"))
    waiting = list(found)
    while waiting:
        for node in scope.next_nodes(waiting.pop()):
            if node not in found:
                found.add(node)
                waiting.append(node)
    for node in scope.nodes:
        if node not in found and node.getparent() is not None:
            gone += _take_out(diagram, drawing, node)
    return tuple(gone)


def _take_out_flow(diagram: Diagram, drawing: Drawing, flow: Element) -> None:
    if flow.getparent() is None:
        return
    flow_id = flow.get("id", "")
    for end in ("sourceRef", "targetRef"):
        _mention(diagram, flow.get(end, ""), flow_id, None)
    drawing.forget(flow_id)
    take_away(flow)


def _lead(diagram: Diagram, drawing: Drawing, flow: Element, target: Element) -> None:
    same = [each for each in diagram.scope(flow).flows if each.target is target and each.element is not flow]
    if any(each.element.get("sourceRef") == flow.get("sourceRef") for each in same):
        _keep_one(diagram, drawing, flow, same)
        return
    _aim(diagram, flow, target)
    drawing.connect(flow.get("id", ""), flow.get("sourceRef", ""), target.get("id", ""))


def _keep_one(diagram: Diagram, drawing: Drawing, flow: Element, same: list[Flow]) -> None:
    """Let a way go that another joins the same two steps as already; a default way stays the default."""
    source = diagram.node(flow.get("sourceRef", ""))
    other = next(each.element for each in same if each.element.get("sourceRef") == flow.get("sourceRef"))
    if source.get("default") == flow.get("id"):
        source.set("default", other.get("id", ""))
    _take_out_flow(diagram, drawing, flow)


def _aim(diagram: Diagram, flow: Element, target: Element) -> None:
    _mention(diagram, flow.get("targetRef", ""), flow.get("id", ""), None)
    flow.set("targetRef", target.get("id", ""))
    _mention(diagram, target.get("id", ""), flow.get("id", ""), "incoming")


def _flow(diagram: Diagram, holder: Element, source: Element, target: Element) -> Element:
    ends = {"sourceRef": source.get("id", ""), "targetRef": target.get("id", "")}
    flow = make(holder, "sequenceFlow", id=diagram.new_id(f"{ends['sourceRef']} to {ends['targetRef']}"), **ends)
    _mention(diagram, ends["sourceRef"], flow.get("id", ""), "outgoing")
    _mention(diagram, ends["targetRef"], flow.get("id", ""), "incoming")
    return flow


def _mention(diagram: Diagram, node_id: str, flow_id: str, what: str | None) -> None:
    """Let a step name a flow as coming in or going out; None: name it no more."""
    node = diagram.node(node_id)
    if what is not None:
        make_early(node, what, flow_id)
        return
    for reference in list(children(node, "incoming", "outgoing")):
        if (reference.text or "").strip() == flow_id:
            take_away(reference)


def _put_in_lane(
    diagram: Diagram, drawing: Drawing, node: Element, neighbour: Element, lane_id: str = ""
) -> None:
    """Put a step in a lane, else in that in which it is drawn; without a drawing, in that of another."""
    drawn = lane_id or drawing.lane_at(node.get("id", ""))
    for lane in list(diagram.root.iter(f"{BPMN}lane")):
        named = [(each.text or "").strip() for each in children(lane, "flowNodeRef")]
        if lane.get("id") == drawn or (drawn is None and neighbour.get("id") in named):
            put_in(diagram, node.get("id", ""), lane.get("id", ""))
            return


def _timer(event: Element, slot: str, rule: str) -> None:
    definition = make(event, "timerEventDefinition", id=f"{event.get('id')}_timer")
    formal(make(definition, slot), rule)
