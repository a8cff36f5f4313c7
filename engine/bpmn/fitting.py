"""How an element compares with its successor in another version of its diagram: alike enough to go on, what differs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from engine.bpmn.catalogue import ElementInfo
from engine.bpmn.events import BoundaryEvent, TimerDefinition, listens_to
from engine.bpmn.loops import Loop, MultiInstance
from engine.bpmn.moving import enterable
from engine.bpmn.nodes import Node
from engine.bpmn.process_spec import ProcessSpec
from engine.bpmn.subprocesses import CallActivity

MOST_LIKELY: Final = 3
_KINDS: Final = {
    "userTask": "a task for a person", "manualTask": "a task that is done elsewhere", "task": "a task of no kind",
    "serviceTask": "a step that the service does", "businessRuleTask": "a decision",
    "sendTask": "a message that is sent", "receiveTask": "a message that is waited for",
    "subProcess": "a sub-process", "callActivity": "a call",
    "exclusiveGateway": "a choice", "parallelGateway": "a parallel gateway", "inclusiveGateway": "an inclusive gateway",
    "eventBasedGateway": "an event gateway", "intermediateCatchEvent": "an event that is waited for",
}  # fmt: skip
_WORK: Final = (
    ("form", "asks with another form"),
    ("due_date", "is due by another rule; the day that was promised stays"),
    ("follow_up_date", "is followed up by another rule; the day that was set stays"),
    ("operation", "does something else with the record"),
)


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to know about carrying an instance over, as a sentence about `element_id` of the old or new version.

    One to `decide` names the process that the element is in, elements that are likely meant instead, and as `options`
    (id, name) all that may be, those first.
    """

    kind: Literal["changes", "stays", "decide"]
    element_id: str
    said: str
    process_key: str = ""
    likely: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()


def quoted(node: Node) -> str:
    """Return a node's name as it stands in a sentence."""
    return f"“{node.info.name or node.element_id}”"


def kind_words(node: Node) -> str:
    """Say in words what a node is."""
    return "done several times" if isinstance(node, Loop) else _KINDS.get(node.info.kind, f"a {node.info.kind}")


def like(old: Node, new: Node) -> bool:
    """Say whether what waits at `old` can go on waiting at `new`."""
    if type(old) is not type(new) or _event_kind(old) is not _event_kind(new):
        return False
    if isinstance(old, CallActivity) and isinstance(new, CallActivity):
        return bool(old.spec == new.spec)
    return True


def same_work(old: Node, new: Node) -> bool:
    """Say whether an event goes on listening for the same kind of thing."""
    return type(old) is type(new) and _event_kind(old) is _event_kind(new)


def changes(old: Node, new: Node) -> Iterator[Remark]:
    """Yield what is different for who waits at an element that is carried over."""
    if isinstance(old, Loop) and isinstance(new, Loop):
        yield from _of_loop(old, new)
    elif old.info.name != new.info.name and new.info.name:
        yield Remark("changes", old.element_id, f"{quoted(old)} is called {quoted(new)} now")
    elif old.element_id != new.element_id:
        how = f"as {quoted(new)}" if quoted(old) != quoted(new) else "at the step that takes its place"
        yield Remark("changes", old.element_id, f"{quoted(old)} goes on {how}")
    if new.opens:
        yield from _of_task(old, new)
    yield from _of_event(old, new)


def is_asked_otherwise(old: ElementInfo, new: ElementInfo) -> bool:
    """Say whether a task asks somebody else in its new version."""
    asks = ("assignee", "candidate_groups", "candidate_users", "personal")
    return any(getattr(old, each) != getattr(new, each) for each in asks)


def likely(node: Node, spec: ProcessSpec) -> tuple[str, ...]:
    """Return elements that may be meant instead of one that is gone: of the same name, else those that come next."""
    there = {each.element_id: each for each in enterable(spec)}
    named = [id_ for id_, each in there.items() if node.info.name and each.info.name == node.info.name]
    after, seen = [node], {node.name}
    while after:
        for flow in after.pop(0).outgoing:
            if flow.target.name not in seen:
                seen.add(flow.target.name)
                after.append(flow.target)
                if flow.target.element_id in there:
                    named.append(flow.target.element_id)
    if node.element_id in there:
        named.insert(0, node.element_id)
    return tuple(dict.fromkeys(named))[:MOST_LIKELY]


def options(spec: ProcessSpec, first: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return every element that can be entered in a process or sub-process, with its name; those in `first` first."""
    named = {each.element_id: each.info.name or each.element_id for each in enterable(spec)}
    return tuple((id_, named[id_]) for id_ in dict.fromkeys((*first, *named)))


def _of_loop(old: Loop, new: Loop) -> Iterator[Remark]:
    if _shape(old) != _shape(new):
        yield Remark("stays", old.element_id, f"{quoted(old)} is repeated in another way, and is half done")


def _shape(loop: Loop) -> tuple[Any, ...]:
    if not isinstance(loop, MultiInstance):
        return ()
    return (loop.sequential, loop.by_count, loop.item_name, loop.output_list, loop.output_item)


def _of_task(old: Node, new: Node) -> Iterator[Remark]:
    if is_asked_otherwise(old.info, new.info):
        said = f"{quoted(new)} asks somebody else; whoever has begun it keeps it"
        yield Remark("changes", old.element_id, said)
    for slot, said in _WORK:
        if getattr(old.info, slot) != getattr(new.info, slot):
            yield Remark("changes", old.element_id, f"{quoted(new)} {said}")


def _of_event(old: Node, new: Node) -> Iterator[Remark]:
    before, after = getattr(old, "event_definition", None), getattr(new, "event_definition", None)
    if isinstance(before, TimerDefinition) and isinstance(after, TimerDefinition):
        if (before.text, before.repeats) != (after.text, after.repeats):
            said = f"{quoted(new)} counts by another rule; the time that was promised stays"
            yield Remark("changes", old.element_id, said)
    elif listens_to(old) != listens_to(new):
        said = f"{quoted(new)} waits for “{listens_to(new)}” now, not for “{listens_to(old)}”"
        yield Remark("changes", old.element_id, said)
    if isinstance(old, BoundaryEvent) and isinstance(new, BoundaryEvent) and old.cancel_activity != new.cancel_activity:
        how = "ends the step that it stands on now" if new.cancel_activity else "lets the step go on now"
        yield Remark("changes", old.element_id, f"{quoted(new)} {how}")


def _event_kind(node: Node) -> type:
    return type(getattr(node, "event_definition", None))
