"""A diagram as nested steps in the order in which a case comes to them: what, who, by when, and what comes next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engine.bpmn.lint.model import (
    SUBPROCESSES,
    Element,
    Flow,
    Scope,
    children,
    event_definitions,
    event_kinds,
    extension,
    interrupts,
    kind,
    text_of,
)
from engine.bpmn.lint.paths import in_order
from engine.errors import Invalid
from engine.outlines.diagram import Diagram

BESIDE: Final = {"participant": "Pool", "lane": "Lane", "textAnnotation": "Note"}
"""What a diagram holds besides steps and ways, and has words."""
WORDS: Final = {
    "startEvent": "Start",
    "endEvent": "End",
    "userTask": "Somebody does it",
    "manualTask": "Somebody does it elsewhere",
    "serviceTask": "The service does it",
    "sendTask": "The service sends it",
    "businessRuleTask": "Rules decide",
    "receiveTask": "Waits for a message",
    "callActivity": "Another diagram",
    "subProcess": "Several steps",
    "exclusiveGateway": "Choice: one way",
    "parallelGateway": "All ways together",
    "inclusiveGateway": "Choice: some ways",
    "eventBasedGateway": "Whichever happens first",
    "boundaryEvent": "Meanwhile",
    "intermediateThrowEvent": "Tells",
    "intermediateCatchEvent": "Waits",
}
"""What a kind of step does, in words."""
_EVENTS: Final = {
    "timer": "at a time", "message": "for a message", "error": "when it fails", "escalation": "when it is escalated",
    "terminate": "of everything",
}  # fmt: skip
_TIMES: Final = ("timeDate", "timeDuration", "timeCycle")


@dataclass(frozen=True, slots=True)
class Onward:
    """A way on from a step: the flow's id and words, where it leads, and the condition on which it is taken."""

    flow_id: str
    words: str
    target_id: str
    target: str
    condition: str
    is_default: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step. `who` is the assignee and the groups as written, `events` what may happen while it lasts.

    `inside` are the steps of a sub-process, and those that only this event leads to.
    """

    id: str
    name: str
    kind: str
    words: str
    who: str
    by_when: str
    lane: str
    onward: tuple[Onward, ...]
    events: tuple[Step, ...]
    inside: tuple[Step, ...]
    ends_it: bool
    is_reached: bool


@dataclass(frozen=True, slots=True)
class Outline:
    """One process: its id, its name, and its steps in order."""

    id: str
    name: str
    steps: tuple[Step, ...]


def outline(diagram: Diagram) -> tuple[Outline, ...]:
    """Return the processes of a diagram that run, as lists of steps."""
    scopes = {scope.element: scope for scope in diagram.scopes()}
    lanes = {
        (reference.text or "").strip(): named(lane)
        for lane in diagram.root.iter("{*}lane")
        for reference in children(lane, "flowNodeRef")
    }
    reader = _Reader(scopes, lanes)
    return tuple(
        Outline(element.get("id", ""), named(element), reader.steps(scope))
        for element, scope in scopes.items()
        if kind(element) == "process"
    )


class _Reader:
    def __init__(self, scopes: dict[Element, Scope], lanes: dict[str, str]) -> None:
        self.scopes, self.lanes = scopes, lanes
        self._parts: dict[Element, _Part] = {}

    def steps(self, scope: Scope) -> tuple[Step, ...]:
        """Return the steps of a part: events under what they sit on, and under an event what only it leads to."""
        under = _led_to_by_one_event(scope)
        ordered = [node for node in in_order(scope) if kind(node) != "boundaryEvent"]
        self._parts[scope.element] = _Part(scope, under, ordered, _reached(scope, None))
        return tuple(self._step(scope, node) for node in ordered if node not in under)

    def _step(self, scope: Scope, node: Element) -> Step:
        part = self._parts[scope.element]
        events = scope.boundaries.get(node.get("id", ""), ())
        below = [each for each in part.ordered if part.under.get(each) is node]
        inside = self.steps(self.scopes[node]) if kind(node) in SUBPROCESSES and node in self.scopes else ()
        return Step(
            id=node.get("id", ""),
            name=named(node),
            kind=kind(node),
            words=_words(node),
            who=_who(node),
            by_when=_by_when(node),
            lane=self.lanes.get(node.get("id", ""), ""),
            onward=tuple(_onward(node, flow) for flow in scope.leaving(node)),
            events=tuple(self._step(scope, event) for event in events),
            inside=(*inside, *(self._step(scope, each) for each in below)),
            ends_it=kind(node) == "boundaryEvent" and interrupts(node),
            is_reached=node in part.reached,
        )


@dataclass(frozen=True, slots=True)
class _Part:
    """A process or sub-process being read: under which event each step stands that only one leads to."""

    scope: Scope
    under: Mapping[Element, Element]
    ordered: Sequence[Element]
    reached: frozenset[Element]


def _led_to_by_one_event(scope: Scope) -> dict[Element, Element]:
    """Return the steps that only one event leads to, each with that event: of several, the nearest."""
    whole, found = _reached(scope, None), dict[Element, Element]()
    lost = {event: whole - _reached(scope, event) - {event} for event in scope.of_kind("boundaryEvent")}
    for event, steps in sorted(lost.items(), key=lambda each: -len(each[1])):
        found.update(dict.fromkeys((step for step in steps if kind(step) != "boundaryEvent"), event))
    return found


def steps_of(source: bytes, *, name: str) -> list[Step]:
    """Return all steps of a diagram's text, none of one that cannot be read; those inside others too."""
    try:
        waiting = [step for process in outline(Diagram(source, name=name)) for step in process.steps]
    except Invalid:
        return []
    return [each for step in waiting for each in all_in(step)]


def all_in(step: Step) -> Iterator[Step]:
    """Yield a step, its events and what is inside it."""
    yield step
    for each in (*step.events, *step.inside):
        yield from all_in(each)


def named(node: Element) -> str:
    """Return a step's name, else its id."""
    return " ".join((node.get("name") or node.get("id") or "").split())


def _reached(scope: Scope, without: Element | None) -> frozenset[Element]:
    """Return the steps that a start leads to, by ways that do not pass `without`."""
    found = set(scope.of_kind("startEvent"))
    waiting = list(found)
    while waiting:
        for node in scope.next_nodes(waiting.pop()):
            if node not in found and node is not without:
                found.add(node)
                waiting.append(node)
    return frozenset(found)


def _words(node: Element) -> str:
    events = event_kinds(node)
    more = _EVENTS.get(events[0], events[0]) if events else ""
    if kind(node) == "boundaryEvent":
        return f"Meanwhile, {more}" if more != "for a message" else "Meanwhile, on a message"
    return f"{WORDS.get(kind(node), kind(node))} {more}".strip()


def _who(node: Element) -> str:
    assignee, groups = extension(node, "assignee") or "", extension(node, "candidateGroups") or ""
    one = assignee.removeprefix("=").removeprefix("${").removesuffix("}").strip().replace("_", " ")
    several = ", ".join(name.strip().replace("_", " ") for name in groups.split(",") if name.strip())
    return ", or one of the ".join(filter(None, (one, several))) if one else several


def _by_when(node: Element) -> str:
    times = [text_of(time) for each in event_definitions(node) for time in children(each, *_TIMES)]
    return (extension(node, "dueDate") or next(filter(None, times), "")).removeprefix("=").strip()


def _onward(node: Element, flow: Flow) -> Onward:
    flow_id = flow.element.get("id", "")
    return Onward(
        flow_id=flow_id,
        words=" ".join((flow.element.get("name") or "").split()),
        target_id=flow.target.get("id", ""),
        target=named(flow.target),
        condition=text_of(flow.condition),
        is_default=node.get("default") == flow_id,
    )


def beside(diagram: Diagram) -> tuple[tuple[str, str, str], ...]:
    """Return the pools, lanes and notes of a diagram: the id, what it is, and its words, of a note the first."""
    found = (each for each in diagram.root.iter("*") if kind(each) in BESIDE and each.get("id"))
    return tuple((each.get("id", ""), BESIDE[kind(each)], _words_of(each)) for each in found)


def _words_of(element: Element) -> str:
    note = text_of(next(children(element, "text"), None))
    return " ".join((element.get("name") or note).split())[:120] or element.get("id", "").replace("_", " ")
