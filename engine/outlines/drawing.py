"""The drawing of a diagram: shapes and lines moved, placed without overlap and led at right angles.

A step's place is a box `(x, y, width, height)` in the drawing's own units. A file without a drawing is left without.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from lxml import etree

from engine.bpmn.lint.model import SUBPROCESSES, Element, kind
from engine.outlines.diagram import Diagram, put, take_away
from engine.outlines.geometry import SAME, Axis, Box, Point, cost, crosses, segments

DI: Final = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC: Final = "{http://www.omg.org/spec/DD/20100524/DC}"
OMG_DI: Final = "{http://www.omg.org/spec/DD/20100524/DI}"
SIZES: Final = {"task": (120, 80), "gateway": (50, 50), "event": (36, 36)}
GAP: Final = 50
_AROUND: Final = ("participant", "lane", *SUBPROCESSES)


@dataclass(frozen=True, slots=True)
class Lifted:
    """Shapes and lines that are moved together: as long as they are lifted, nothing is in their way."""

    shapes: Mapping[str, Element]
    edges: Mapping[str, Element]
    hull: Box


class Drawing:
    """The shapes and lines of one diagram."""

    def __init__(self, diagram: Diagram) -> None:
        self.diagram = diagram
        self.plane = next(diagram.root.iter(f"{DI}BPMNPlane"), None)
        shapes = list(diagram.root.iter(f"{DI}BPMNShape"))
        self.shapes = {each.get("bpmnElement", ""): each for each in shapes if each.find(f"{DC}Bounds") is not None}
        self.edges = {each.get("bpmnElement", ""): each for each in diagram.root.iter(f"{DI}BPMNEdge")}
        self.kinds = {each.get("id", ""): each for each in diagram.root.iter("*") if kind(each)}

    def box(self, element_id: str) -> Box | None:
        """Return where a step stands; None when it is not drawn."""
        shape = self.shapes.get(element_id)
        return None if shape is None else _read(shape[0] if shape[0].tag == f"{DC}Bounds" else _bounds(shape))

    def boxes(self, but: Iterable[str] = ()) -> Iterator[Box]:
        """Yield the places of all steps, without those `but` and what lies around others."""
        left_out = set(but)
        for name in self.shapes:
            box = self.box(name)
            if box is not None and name not in left_out and not self._is_around(name):
                yield box

    def push(self, axis: Axis, cut: float, by: float) -> None:
        """Move everything whose middle lies beyond `cut` away by a distance; what lies around it grows."""
        moved = {name for name in self.shapes if self._moves(name, axis, cut)}
        torn = [name for name, edge in self.edges.items() if not self._push_edge(name, edge, axis, cut, by, moved)]
        for name, shape in self.shapes.items():
            box = _read(_bounds(shape))
            if name in moved:
                _shift(shape, axis, by)
            elif self._is_around(name) and box.spans(axis, cut):
                side = "width" if axis == "x" else "height"
                _set(_bounds(shape), side, _number(_bounds(shape), side) + by)
        for name in torn:
            flow = self.kinds[name]
            self.connect(name, flow.get("sourceRef", ""), flow.get("targetRef", ""))

    def place(self, element_id: str, box: Box) -> None:
        """Draw a new step."""
        if self.plane is None:
            return
        shape = etree.Element(f"{DI}BPMNShape", id=f"{element_id}_di", bpmnElement=element_id)
        _bounds_of(shape, box)
        put(self.plane, shape, at=self._after_shapes())
        self.shapes[element_id] = shape
        self.kinds[element_id] = self.diagram.element(element_id)

    def label(self, element_id: str) -> None:
        """Write a step's name beside it, where no line and no step is, if there is such a place."""
        box, shape, words = self.box(element_id), self.shapes.get(element_id), self.kinds[element_id].get("name", "")
        if box is None or shape is None or not words:
            return
        width = min(90.0, 6.5 * len(words))
        height = 14.0 * (1 + len(words) // 14)
        middle, above, below = box.middle[0], box.y - height - 4, box.bottom + 4
        across = (middle - width / 2, box.right + 2, box.x - width - 2, middle + 6, middle - width - 6)
        places = [Box(x, y, width, height) for x in across for y in (below, above)]
        free = (place for place in places if self.is_free(place, margin=1))
        for old in shape.findall(f"{DI}BPMNLabel"):
            shape.remove(old)
        _bounds_of(etree.SubElement(shape, f"{DI}BPMNLabel"), next(free, places[0]))

    def connect(self, flow_id: str, source: str, target: str, way: list[Point] | None = None) -> None:
        """Draw a flow between two steps anew, at right angles."""
        one, other = self.box(source), self.box(target)
        self.forget(flow_id)
        if self.plane is None or one is None or other is None:
            return
        edge = etree.Element(f"{DI}BPMNEdge", id=f"{flow_id}_di", bpmnElement=flow_id)
        for x, y in way or self.route(source, target):
            etree.SubElement(edge, f"{OMG_DI}waypoint", x=_text(x), y=_text(y))
        put(self.plane, edge)
        self.edges[flow_id] = edge

    def forget(self, element_id: str) -> None:
        """Take a step or a flow out of the drawing."""
        for found in (self.shapes.pop(element_id, None), self.edges.pop(element_id, None)):
            if found is not None:
                take_away(found)

    def lift(self, names: Iterable[str]) -> Lifted:
        """Take steps up, at least one of them drawn, with the lines that lead to or from them."""
        shapes = {name: self.shapes.pop(name) for name in names if name in self.shapes}
        ends = {name: (each.get("sourceRef"), each.get("targetRef")) for name, each in self.kinds.items()}
        edges = {name: self.edges.pop(name) for name in [*self.edges] if shapes.keys() & set(ends.get(name, ()))}
        boxes = [_read(_bounds(each)) for each in shapes.values()]
        x, y = min(each.x for each in boxes), min(each.y for each in boxes)
        hull = Box(x, y, max(each.right for each in boxes) - x, max(each.bottom for each in boxes) - y)
        return Lifted(shapes, edges, hull)

    def put_down(self, lifted: Lifted, *, by: float) -> list[str]:
        """Draw steps that were taken up farther down, or up; return the lines to others, which are to be led anew."""
        self.shapes |= lifted.shapes
        self.edges |= lifted.edges
        for shape in lifted.shapes.values():
            _shift(shape, "y", by)
        between = {name for name in lifted.edges if set(self.ends(name)) <= lifted.shapes.keys()}
        for edge in (lifted.edges[name] for name in between):
            for point in (*edge.iter(f"{OMG_DI}waypoint"), *edge.iter(f"{DC}Bounds")):
                _set(point, "y", _number(point, "y") + by)
        return [name for name in lifted.edges if name not in between]

    def shift(self, element_id: str, axis: Axis, by: float) -> None:
        """Draw a step, and what is written beside it, elsewhere."""
        _shift(self.shapes[element_id], axis, by)

    def ends(self, flow_id: str) -> tuple[str, str]:
        """Return from which step to which a line leads."""
        flow = self.kinds[flow_id]
        return flow.get("sourceRef", ""), flow.get("targetRef", "")

    def points(self, flow_id: str) -> list[Point]:
        """Return where a flow is led."""
        edge = self.edges.get(flow_id)
        points = () if edge is None else edge.iter(f"{OMG_DI}waypoint")
        return [(_number(point, "x"), _number(point, "y")) for point in points]

    def route(self, source: str, target: str) -> list[Point]:
        """Return a way at right angles between two steps: through no step, and on no other line, if there is one."""
        one, other = self.box(source), self.box(target)
        if one is None or other is None:
            return []
        steps = list(self.boxes((source, target)))
        lines = [segment for flow in self.edges for segment in segments(self.points(flow))]
        return min(self._ways(one, other), key=lambda way: cost(way, steps, lines))

    def lane_at(self, element_id: str) -> str | None:
        """Return the innermost lane in which a step stands."""
        box = self.box(element_id)
        lanes = [name for name in self.shapes if name in self.kinds and kind(self.kinds[name]) == "lane"]
        around = {name: each for name in lanes if (each := self.box(name)) is not None}
        holding = [name for name, each in around.items() if box is not None and each.holds(box.middle)]
        return min(holding, key=lambda name: around[name].height, default=None)

    def is_free(self, box: Box, *, margin: float = 12) -> bool:
        """Say whether nothing stands or is led through a place."""
        if any(box.meets(each, margin) for each in self.boxes()):
            return False
        return not any(crosses(self.points(name), box) for name in self.edges)

    def floor(self) -> float:
        """Return how far down anything is drawn."""
        return max((box.bottom for box in self.boxes()), default=0.0)

    def _ways(self, one: Box, other: Box) -> Iterator[list[Point]]:
        (ax, ay), (bx, by) = one.middle, other.middle
        below, ahead = by > ay, other.x >= one.right
        top_or_bottom = (one.bottom, other.y) if below else (one.y, other.bottom)
        if abs(ax - bx) <= SAME:
            yield [(ax, top_or_bottom[0]), (ax, top_or_bottom[1])]
        if ahead and abs(ay - by) <= SAME:
            yield [(one.right, ay), (other.x, ay)]
        elif ahead:
            for across in ((one.right + other.x) / 2, other.x - 20, one.right + 20):
                yield [(one.right, ay), (across, ay), (across, by), (other.x, by)]
            yield [(one.right, ay), (bx, ay), (bx, top_or_bottom[1])]
        if (below and other.y > one.bottom) or (not below and one.y > other.bottom):
            begins, ends = top_or_bottom
            for level in ((begins + ends) / 2, begins + (20 if below else -20), ends - (20 if below else -20)):
                yield [(ax, begins), (ax, level), (bx, level), (bx, ends)]
            yield [(ax, begins), (ax, by), (other.right if ax > bx else other.x, by)]
        for above in (False, True):
            yield self._round(one, other, above=above)

    def _round(self, one: Box, other: Box, *, above: bool = False) -> list[Point]:
        """Return a way round, under or over what stands between."""
        (ax, _), (bx, _) = one.middle, other.middle
        left, right = min(ax, bx), max(ax, bx)
        between = [box for box in self.boxes() if box.x <= right and box.right >= left]
        near = [box for box in between if box.y < max(one.bottom, other.bottom) and box.bottom > min(one.y, other.y)]
        if above:
            level = min(box.y for box in (one, other, *near)) - 20
            return [(ax, one.y), (ax, level), (bx, level), (bx, other.y)]
        level = max(box.bottom for box in (one, other, *near)) + 20
        return [(ax, one.bottom), (ax, level), (bx, level), (bx, other.bottom)]

    def _is_around(self, name: str) -> bool:
        element = self.kinds.get(name)
        return element is not None and kind(element) in _AROUND and (
            kind(element) not in SUBPROCESSES or self.shapes[name].get("isExpanded") == "true"
        )

    def _moves(self, name: str, axis: Axis, cut: float) -> bool:
        element = self.kinds.get(name)
        host = element.get("attachedToRef") if element is not None else None
        box = _read(_bounds(self.shapes[name]))
        if host is not None and host in self.shapes:
            return self._moves(host, axis, cut) or (self._is_around(host) and box.middle[axis == "y"] > cut)
        begins: float = getattr(box, axis)
        return begins >= cut if self._is_around(name) else box.middle[axis == "y"] > cut

    def _push_edge(self, name: str, edge: Element, axis: Axis, cut: float, by: float, moved: set[str]) -> bool:
        """Move the points of a line: its ends with what they are at, and what is straight stays straight.

        Returns whether that could be: a straight line between a step that moves and one that stays cannot be kept.
        """
        flow = self.kinds.get(name)
        points = list(edge.iter(f"{OMG_DI}waypoint"))
        if not points:
            return True
        places = [_number(point, axis) for point in points]
        shifts = [by if place > cut else 0.0 for place in places]
        ends = (flow.get("sourceRef"), flow.get("targetRef")) if flow is not None else (None, None)
        for end, order in ((ends[0], range(len(points))), (ends[1], range(len(points) - 1, -1, -1))):
            for number in order:
                if end is None or abs(places[number] - places[order[0]]) > SAME:
                    break
                shifts[number] = by if end in moved else 0.0
        straight = all(abs(place - places[0]) <= SAME for place in places)
        if straight and None not in ends and (ends[0] in moved) != (ends[1] in moved):
            return False
        for point, place, shift in zip(points, places, shifts, strict=True):
            _set(point, axis, place + shift)
        for label in edge.iter(f"{DC}Bounds"):
            if _number(label, axis) > cut:
                _set(label, axis, _number(label, axis) + by)
        return True

    def _after_shapes(self) -> int:
        plane = self.plane if self.plane is not None else ()
        last = [number for number, child in enumerate(plane) if child.tag == f"{DI}BPMNShape"]
        return last[-1] + 1 if last else 0


def _bounds(shape: Element) -> Element:
    found = shape.find(f"{DC}Bounds")
    return shape if found is None else found


def _read(bounds: Element) -> Box:
    return Box(*(_number(bounds, side) for side in ("x", "y", "width", "height")))


def _number(element: Element, name: str) -> float:
    try:
        return float(element.get(name, "0"))
    except ValueError:
        return 0.0


def _shift(shape: Element, axis: Axis, by: float) -> None:
    for bounds in shape.iter(f"{DC}Bounds"):
        _set(bounds, axis, _number(bounds, axis) + by)


def _set(element: Element, name: str, value: float) -> None:
    element.set(name, _text(value))


def _text(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _bounds_of(holder: Element, box: Box) -> None:
    sides = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
    etree.SubElement(holder, f"{DC}Bounds", {name: _text(value) for name, value in sides.items()})
