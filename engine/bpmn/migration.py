"""Carry a running instance over to another version of its diagram, or say why that cannot be done.

Nothing fires and nothing is asked: whatever waits goes on waiting under its own id, a timer with the time it was
promised. What cannot be carried so is said; the instance that was given is never changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal
from uuid import UUID

from engine.bpmn import state
from engine.bpmn.catalogue import ElementInfo
from engine.bpmn.definitions import ProcessDefinition
from engine.bpmn.environment import StepEnvironment
from engine.bpmn.events import TimerDefinition
from engine.bpmn.fitting import Remark, changes, kind_words, like, likely, options, quoted, same_work
from engine.bpmn.instance import Instance
from engine.bpmn.joins_ahead import joins_fit
from engine.bpmn.loops import Loop
from engine.bpmn.moving import enter, way_to
from engine.bpmn.nodes import EventGateway, Flow, Node
from engine.bpmn.process_spec import ProcessSpec
from engine.bpmn.reaching import Path
from engine.bpmn.reporting import Snapshot, take_snapshot
from engine.bpmn.scopes import Process, Scope
from engine.bpmn.tokens import READY, Token
from engine.bpmn.touching import place_of

Verdict = Literal["unharmed", "changes", "stays", "decide"]
Targets = Mapping[str, Mapping[str, str]]
NO_TARGETS: Targets = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Carried:
    """What became of an instance: `instance`, not settled yet, unless it `stays` or somebody has to `decide`.

    `tasks` are the open tasks that are carried over, with what the new version says about each; `timers` those, by
    task id, that stand under another element and number now. `places` are where it stood before.
    """

    verdict: Verdict
    remarks: tuple[Remark, ...]
    instance: Instance | None = None
    tasks: Mapping[UUID, ElementInfo] = field(default_factory=dict)
    timers: Mapping[UUID, tuple[str, int]] = field(default_factory=dict)
    places: tuple[Path, ...] = ()


def carry_over(
    old: ProcessDefinition, new: ProcessDefinition, state_bytes: bytes, environment: StepEnvironment, *,
    targets: Targets = NO_TARGETS, started: Set[UUID] = frozenset(),
) -> Carried:
    """Carry an instance of `old` over to `new`.

    `targets` names by process key which element is meant now instead of which: one of the same kind takes over what
    waits, with its id; any other is entered anew, and what waited is undone. `started` are the open tasks that somebody
    has begun: those are never undone. Raises `Invalid` when the state does not fit `old`, or a timer that is new
    cannot be reckoned.
    """
    process = state.load(old, state_bytes, environment)
    plan = _Plan(process, targets, started)
    plan.fit(process, new.spec)
    verdict = verdict_of(plan.remarks)
    remarks = tuple(dict.fromkeys(plan.remarks))
    places = tuple(place_of(token) for token in process.every())
    if verdict in ("stays", "decide"):
        return Carried(verdict, remarks, places=places)
    tasks = {
        token.id: plan.nodes[token.id].info
        for token in process.every() if token.task_spec.opens and token._state == READY and token.id in plan.nodes
    }
    before = take_snapshot(process)
    for token in plan.drops:
        token.drop()
    renamed = _rename(plan)
    now = Snapshot(before.tasks, {renamed.get(each, each) for each in before.timers})
    timers = {task_id: (plan.nodes[task_id].element_id, number) for task_id, number in renamed.values()}
    return Carried(verdict, remarks, _carried(plan, new, environment, now), tasks, timers, places)


def verdict_of(remarks: Iterable[Remark]) -> Verdict:
    """Return what remarks come to together."""
    kinds = {remark.kind for remark in remarks}
    for kind in ("stays", "decide", "changes"):
        if kind in kinds:
            return kind
    return "unharmed"


class _Plan:
    """Where every token of an instance goes in the new version."""

    def __init__(self, process: Process, targets: Targets, started: Set[UUID]) -> None:
        self.process = process
        self.targets = targets
        self.started = started
        self.nodes: dict[UUID, Node] = {}
        self.ways: dict[UUID, str] = {}
        self.drops: list[Token] = []
        self.fresh: list[tuple[UUID, Node, Flow | None]] = []
        self.entries: list[tuple[UUID | None, str]] = []
        self.remarks: list[Remark] = []

    def fit(self, scope: Scope, spec: ProcessSpec) -> None:
        """Find a place for every token of a scope, whose diagram is `spec` now."""
        for token in scope.task_tree.children:
            node = spec.task_specs.get(self.target_of(token.task_spec))
            if isinstance(node, Node) and like(token.task_spec, node) and not self._anew(token):
                self._carry(token, node)
            else:
                self._displaced(token, node if isinstance(node, Node) else None, spec)
        self.remarks.extend(joins_fit(scope, spec, self.nodes, self.ways, self.target_of))

    def target_of(self, node: Node) -> str:
        """Return the name that a node has in the new version."""
        given = self.targets.get(node.info.process_key, {}).get(node.element_id)
        return node.name if given is None else node.name.replace(node.element_id, given, 1)

    def _anew(self, token: Token) -> bool:
        """Say whether an element is to be entered anew although it is still there: it is its own target."""
        node = token.task_spec
        return self.targets.get(node.info.process_key, {}).get(node.element_id) == node.element_id

    def _carry(self, token: Token, node: Node) -> None:
        old = token.task_spec
        self.nodes[token.id] = node
        self.remarks.extend(changes(old, node))
        inside = self.process.subprocesses.get(token.id)
        if inside is not None:
            self.fit(inside, node.inner)
        bodies = [child for child in token.children if isinstance(old, Loop) and child.task_spec is old.body]
        if isinstance(node, Loop):
            for body in bodies:
                self._body(body, node.body)
        listeners = [child for child in token.children if child not in bodies]
        if isinstance(node, EventGateway):
            self._follow(token, old, node, listeners)
        else:
            self._boundary(token, old, node, listeners)

    def _body(self, token: Token, node: Node) -> None:
        if like(token.task_spec, node):
            self._carry(token, node)
        else:
            said = f"{quoted(token.task_spec)} is half done, and is {kind_words(node)} each time now"
            self._remark("stays", token, said)

    def _boundary(self, token: Token, old: Node, new: Node, listening: list[Token]) -> None:
        """Let boundary events go on listening, end those that are drawn no more, begin those that are new."""
        there = {event.name: event for event in new.boundary}
        known = {self.target_of(event) for event in old.boundary}
        for child in listening:
            event = there.get(self.target_of(child.task_spec))
            if event is not None and same_work(child.task_spec, event):
                self.nodes[child.id] = event
                self.remarks.extend(changes(child.task_spec, event))
            else:
                self._silence(child)
                known.discard(self.target_of(child.task_spec))
        for event in new.boundary:
            if event.name not in known:
                self._begin(token, event, None)

    def _follow(self, token: Token, old: Node, new: Node, waiting: list[Token]) -> None:
        """Let the events after an event gateway go on waiting, end those drawn no more, begin those that are new."""
        flows = {flow.target.name: flow for flow in new.outgoing}
        kept = set()
        for child in waiting:
            flow = flows.get(self.target_of(child.task_spec))
            if flow is not None and like(child.task_spec, flow.target) and same_work(child.task_spec, flow.target):
                kept.add(flow.target.name)
                self.ways[child.id] = flow.id
                self._carry(child, flow.target)
            else:
                self._silence(child)
        for name, flow in flows.items():
            if name not in kept:
                self._begin(token, flow.target, flow)

    def _silence(self, child: Token) -> None:
        self.drops.append(child)
        timed = isinstance(getattr(child.task_spec, "event_definition", None), TimerDefinition)
        how = "its timer is disarmed" if timed else "nothing waits for it any more"
        self._remark("changes", child, f"{quoted(child.task_spec)} is not drawn there any more: {how}")

    def _begin(self, token: Token, event: Node, flow: Flow | None) -> None:
        self.fresh.append((token.id, event, flow))
        timed = isinstance(getattr(event, "event_definition", None), TimerDefinition)
        how = "its time counts from the day the case moves" if timed else "it is waited for from now on"
        self.remarks.append(Remark("changes", event.element_id, f"{quoted(event)} is new: {how}"))

    def _displaced(self, token: Token, there: Node | None, spec: ProcessSpec) -> None:
        """Find where a token goes whose element is gone or another now: where somebody said, or ask."""
        node = token.task_spec
        given = self.targets.get(node.info.process_key, {}).get(node.element_id)
        if given is None or way_to(spec, given) is None:
            self._ask(token, there, spec, given)
            return
        begun = [each for each in _under(token) if each.id in self.started]
        for each in begun:
            self._remark("stays", each, f"{quoted(each.task_spec)} has been begun, and would be lost")
        if not begun:
            host = token.workflow.host
            self.drops.append(token)
            self.entries.append((None if host is None else host.id, given))
            self._remark("changes", token, f"{quoted(node)} is undone; the case goes on at {_named(spec, given)}")

    def _ask(self, token: Token, there: Node | None, spec: ProcessSpec, given: str | None) -> None:
        node = token.task_spec
        if given is not None:
            said = f"{quoted(node)}: the case cannot go on at “{given}”, which cannot be entered from there"
        elif there is None:
            said = f"{quoted(node)}, where the case waits, is not in the new version"
        else:
            said = f"{quoted(node)}, where the case waits, is {kind_words(there)} now"
        first = likely(node, spec)
        key = node.info.process_key
        self.remarks.append(Remark("decide", node.element_id, said, key, first, options(spec, first)))

    def _remark(self, kind: Literal["changes", "stays"], token: Token, said: str) -> None:
        self.remarks.append(Remark(kind, token.task_spec.element_id, said))


def _under(token: Token) -> list[Token]:
    """Return a token with everything that would go with it."""
    inside = token.workflow.process.subprocesses.get(token.id)
    below = [*token.children, *(inside.live() if inside is not None else ())]
    return [token, *(each for child in below for each in _under(child))]


def _named(spec: ProcessSpec, element_id: str) -> str:
    for around in way_to(spec, element_id) or ():
        spec = around.inner
    return quoted(spec.node(element_id))


def _carried(plan: _Plan, new: ProcessDefinition, environment: StepEnvironment, before: Snapshot) -> Instance:
    """Return what a plan comes to, with what was open and armed `before`."""
    process = state.load(new, state.dump(plan.process), environment)
    instance = Instance(new, process, before)
    for parent, event, flow in plan.fresh:
        token = process.tokens[parent].workflow.place(event, parent)
        if flow is not None:
            token.memory["by"] = flow.id
    for host, element_id in plan.entries:
        enter(process if host is None else process.subprocesses[host], element_id)
    process.run()
    return instance


def _rename(plan: _Plan) -> dict[tuple[UUID, int], tuple[UUID, int]]:
    """Give every token its new node and way in; return the timers that are numbered anew, with their new numbers."""
    counts, renamed = plan.process.occurrences, {}
    for token in plan.process.every():
        node, was = plan.nodes[token.id], token.task_spec.element_id
        token.task_spec = node
        if token.id in plan.ways:
            token.memory["by"] = plan.ways[token.id]
        if was != node.element_id and "occurrence" in token.memory:
            counts[node.element_id] = counts.get(node.element_id, 0) + 1
            renamed[token.id, token.memory["occurrence"]] = (token.id, counts[node.element_id])
            token.memory["occurrence"] = counts[node.element_id]
    return renamed
