"""A process as the token game sees it: its steps numbered in the order in which a case comes to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from engine.bpmn.lint.model import ACTIVITIES, SUBPROCESSES, Element, Flow, Model, Scope, event_definitions
from engine.bpmn.lint.model import interrupts as _interrupts
from engine.bpmn.lint.model import kind as kind_of
from engine.bpmn.lint.paths import in_order
from engine.bpmn.soundness.asides import set_aside
from engine.bpmn.soundness.step import Step, Way

_EVENTS: Final = {
    "startEvent": ("", "message"),
    "endEvent": ("", "message", "error", "escalation", "terminate"),
    "intermediateCatchEvent": ("message", "timer"),
    "intermediateThrowEvent": ("", "message", "escalation"),
    "boundaryEvent": ("message", "timer", "error", "escalation"),
}
_PLAYED: Final = (ACTIVITIES - {"task", "scriptTask", "transaction", "adHocSubProcess"}) | {
    "exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", *_EVENTS,
}  # fmt: skip
_AT_ONCE: Final = frozenset({"serviceTask", "sendTask", "businessRuleTask"})
_WAITING: Final = frozenset({"intermediateCatchEvent", "eventBasedGateway"})
_GATES: Final = ("exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway")


@dataclass(frozen=True, slots=True)
class Net:
    """The steps of one process and its sub-processes, and the ways on which a case of it may begin."""

    process: str
    steps: tuple[Step, ...]
    starts: tuple[int, ...]
    asides: tuple[int, ...]

    def before(self, step: Step) -> Iterator[int]:
        """Give the steps from which a token may come to `step` in one move, what it sits on or in among them."""
        yield from (each.number for each in self.steps if any(way.target == step.number for way in each.ways))
        if step.host is not None:
            yield step.host
        yield from (each.number for each in self.steps if each.inner == step.number)

    def after(self, number: int) -> Iterator[int]:
        """Give the steps to which a token may come from the step `number` in one move."""
        step = self.steps[number]
        yield from (way.target for way in step.ways)
        yield from step.boundaries
        yield from step.aside
        if step.inner is not None:
            yield step.inner


def read_net(model: Model, process: Element) -> Net | None:
    """Return the net of one process of `model`; None for one that the linter refuses, as it could not be played."""
    scopes = [scope for scope in model.scopes if _within(scope.element, process)]
    if not all(_playable(scope) for scope in scopes):
        return None
    numbered = {node: number for number, node in enumerate(chain.from_iterable(map(in_order, scopes)))}
    steps = [_step(model, node, number, process) for node, number in numbered.items()]
    flows = {flow: number for number, flow in enumerate(flow for scope in scopes for flow in scope.flows)}
    for scope in scopes:
        _join_up(scope, steps, numbered, flows)
    for scope in scopes:
        if scope.element is not process:
            host = steps[numbered[scope.element]]
            host.inner = numbered[scope.of_kind("startEvent")[0]]
            host.may_throw = any(kind_of(node) == "callActivity" for node in scope.element.iter("*"))
    starts = tuple(numbered[start] for start in scopes[0].of_kind("startEvent"))
    asides = set_aside(steps, starts)
    _look_upstream(steps)
    _see_what_waits(steps)
    return Net(process.get("id", ""), tuple(steps), starts, asides)


def _within(element: Element, process: Element) -> bool:
    return element is process or any(around is process for around in element.iterancestors())


def _playable(scope: Scope) -> bool:
    """Tell whether all that is in a part of the diagram is drawn as the engine could run it."""
    starts = scope.of_kind("startEvent")
    plain = kind_of(scope.element) not in SUBPROCESSES or (len(starts) == 1 and not event_definitions(starts[0]))
    return (
        bool(starts) and plain and len(scope.flows) == len(scope.flow_elements) and all(
            _node_is_playable(scope, node) for node in scope.nodes
        )
    )  # fmt: skip


def _node_is_playable(scope: Scope, node: Element) -> bool:
    what, kinds = kind_of(node), [kind_of(each).removesuffix("EventDefinition") for each in event_definitions(node)]
    leaving = len(scope.leaving(node))
    if what not in _PLAYED or not node.get("id") or node.get("triggeredByEvent") in ("true", "1"):
        return False
    if what in _EVENTS and (len(kinds) > 1 or (kinds or [""])[0] not in _EVENTS[what]):
        return False
    if what == "boundaryEvent" and node.get("attachedToRef", "") not in scope.by_id:
        return False
    ways_out = leaving == 0 if what == "endEvent" else leaving == 1 or (leaving > 1 and what in _GATES)
    return ways_out and not (what in ("startEvent", "boundaryEvent") and scope.entering(node))


def _step(model: Model, node: Element, number: int, process: Element) -> Step:
    depth = sum(1 for around in node.iterancestors() if _within(around, process)) - 1
    step = Step(number, node.get("id", ""), kind_of(node), depth)
    for definition in (*event_definitions(node), *([node] if node.get("messageRef") else [])):
        step.event = kind_of(definition).removesuffix("EventDefinition") if definition is not node else "message"
        step.name = _name(model, definition, step.event)
    if step.kind == "boundaryEvent":
        step.interrupts = _interrupts(node)
    return step


def _name(model: Model, definition: Element, event: str) -> str | None:
    named = model.by_id.get(definition.get(f"{event}Ref", ""))
    attribute = {"message": "name", "error": "errorCode", "escalation": "escalationCode"}.get(event)
    return None if named is None or attribute is None else named.get(attribute)


def _join_up(
    scope: Scope, steps: Sequence[Step], numbered: Mapping[Element, int], flows: Mapping[Flow, int]
) -> None:
    for node in scope.nodes:
        step, default = steps[numbered[node]], node.get("default")
        step.ways = tuple(
            Way(flows[flow], flow.element.get("id", ""), numbered[flow.target], flow.element.get("id") == default)
            for flow in scope.leaving(node)
        )
        step.entering = tuple(flows[flow] for flow in scope.entering(node))
        step.boundaries = tuple(numbered[event] for event in scope.boundaries.get(step.id, ()))
        if step.kind == "boundaryEvent":
            step.host = numbered[scope.by_id[node.get("attachedToRef", "")]]


def _see_what_waits(steps: Sequence[Step]) -> None:
    """Mark the steps on which a token stays until something happens.

    What the engine does at once is played at once, but where it could be done twice, or an event could come between.
    """
    beside = (steps[event] for step in steps for event in step.boundaries)
    several = any(step.splits for step in steps) or any(not event.interrupts for event in beside)
    for step in steps:
        at_once = step.kind in _AT_ONCE and not several and not step.boundaries
        step.waits = step.kind in _WAITING or (step.kind in ACTIVITIES and not at_once)


def _look_upstream(steps: Sequence[Step]) -> None:
    """Find, for each way into an inclusive join, the steps from which it can be reached without passing the join."""
    sources = {way.number: step.number for step in steps for way in step.ways}
    for step in steps:
        if step.joins and step.kind == "inclusiveGateway":
            step.upstream = {flow: _reaching(steps, sources, flow, step.number) for flow in step.entering}


def _reaching(steps: Sequence[Step], sources: Mapping[int, int], flow: int, stop: int) -> frozenset[int]:
    seen: set[int] = set()
    waiting: list[int] = [sources[flow]]
    while waiting:
        at = waiting.pop()
        if at in seen or at == stop:
            continue
        seen.add(at)
        waiting += [sources[each] for each in steps[at].entering]
        host = steps[at].host
        waiting += [] if host is None else [host]
    return frozenset(seen)
