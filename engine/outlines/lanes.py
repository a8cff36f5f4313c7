"""In whose lane a step stands: what there is to choose, and moving it there; the drawing follows."""

from __future__ import annotations

from lxml import etree

from engine.bpmn.lint.model import BPMN, Element, children, kind
from engine.errors import Invalid
from engine.outlines.diagram import Diagram, put, take_away
from engine.outlines.drawing import Drawing
from engine.outlines.placing import move_to_lane


def lanes_beside(element: Element) -> tuple[tuple[str, str], ...]:
    """Return the lanes (id, name) in which a step or a way may stand that is beside this one; none without lanes."""
    holder = element.getparent()
    sets = () if holder is None else children(holder, "laneSet")
    lanes = [lane for each in sets for lane in each.iter(f"{BPMN}lane") if lane.find(f"{BPMN}childLaneSet") is None]
    return tuple((lane.get("id", ""), lane.get("name", "") or lane.get("id", "")) for lane in lanes)


def lane_of(step: Element) -> str:
    """Return the id of the lane in which a step stands, "" for none."""
    lanes = dict(lanes_beside(step))
    named = (each for each in step.getroottree().getroot().iter(f"{BPMN}flowNodeRef") if _text(each) == step.get("id"))
    found = (each.getparent() for each in named)
    return next((lane.get("id", "") for lane in found if lane is not None and lane.get("id") in lanes), "")


def set_lane(diagram: Diagram, step: Element, lane_id: str) -> None:
    """Move a step with what sits on it or stands in it to another lane. Raises `Invalid` for none of the same part."""
    if lane_id not in dict(lanes_beside(step)):
        raise Invalid("Choose a lane of the same part")
    moved = _with_events(diagram, step)
    for reference in [each for each in diagram.root.iter(f"{BPMN}flowNodeRef") if _text(each) in moved]:
        take_away(reference)
    for each in moved:
        put_in(diagram, each, lane_id)
    drawing = Drawing(diagram)
    inside = {each.get("id", "") for each in step.iter("*") if each.get("id")}
    move_to_lane(drawing, step.get("id", ""), lane_id, along=inside | set(moved))


def put_in(diagram: Diagram, step_id: str, lane_id: str) -> None:
    """Write that a step stands in a lane."""
    lane = diagram.element(lane_id)
    made = etree.Element(f"{BPMN}flowNodeRef")
    made.text = step_id
    last = list(children(lane, "flowNodeRef"))
    put(lane, made, at=lane.index(last[-1]) + 1 if last else None)


def _with_events(diagram: Diagram, step: Element) -> list[str]:
    step_id = step.get("id", "")
    events = diagram.scope(step).boundaries.get(step_id, ())
    return [step_id, *(each.get("id", "") for each in events if kind(each) == "boundaryEvent")]


def _text(reference: Element) -> str:
    return (reference.text or "").strip()
