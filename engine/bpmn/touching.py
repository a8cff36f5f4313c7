"""Which steps a new version of a diagram changes, and how a case stands to them: at one, before one, or past them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from engine.bpmn.catalogue import ElementInfo
from engine.bpmn.definitions import ProcessDefinition
from engine.bpmn.events import TimerDefinition
from engine.bpmn.fitting import kind_words, quoted
from engine.bpmn.loops import Loop
from engine.bpmn.nodes import Node
from engine.bpmn.reaching import Graph, Meets, Path, body_of, boundary_of
from engine.bpmn.script_environment import Formula
from engine.bpmn.subprocesses import CallActivity
from engine.bpmn.tokens import Token

FormHash = Callable[[ElementInfo], str | None]
"""Tells the text of the form that a step asks with, by its hash."""


_NEAREST: Final[tuple[Meets, ...]] = ("at", "ahead", "again")


@dataclass(frozen=True, slots=True)
class Step:
    """A step that a new version changes; `name` is what it is called, or what it is where it has no name."""

    process_key: str
    element_id: str
    name: str
    how: Literal["new", "changed", "gone"]


class Touched:
    """What `new` changes for cases on `old`; `targets`, by process key, say which element is meant now instead.

    `steps` are the changed ones, each once. A step that only stands next to a new one is not changed itself.
    """

    def __init__(
        self, old: ProcessDefinition, new: ProcessDefinition, *, targets: Mapping[str, Mapping[str, str]],
        old_form: FormHash, new_form: FormHash,
    ) -> None:  # fmt: skip
        self._targets = targets
        self._old, self._new = Graph(old.spec), Graph(new.spec)
        self._now = {path: self._renamed(path) for path in self._old.nodes}
        images = set(self._now.values())
        self._gone = {path for path, now in self._now.items() if now not in self._new.nodes}
        self._added = self._new.nodes.keys() - images
        self._changed = {
            path
            for path, now in self._now.items()
            if path not in self._gone and self._differs(path, now, old_form, new_form)
        }
        self._known: dict[tuple[Path, Set[tuple[str, str]]], Meets] = {}
        self.steps = tuple(dict.fromkeys(self._steps()))

    def meets(self, places: Iterable[Path], done: Set[tuple[str, str]] = frozenset()) -> Meets:
        """Tell how a case with tokens at `places` of the old version stands to the changed steps, the nearest first.

        `done` are the tasks that were done in it: process key, element id.
        """
        found = set()
        for path in places:
            if (path, done) not in self._known:
                self._known[path, done] = self._meets(path, done)
            found.add(self._known[path, done])
        return next((each for each in _NEAREST if each in found), "past")

    def _meets(self, path: Path, done: Set[tuple[str, str]]) -> Meets:
        inside = {path[:depth] for depth in range(1, len(path) + 1)}
        touched = self._gone | self._changed
        if inside & touched or path not in self._now:
            return "at"
        been = {
            each[:depth]
            for each, node in self._old.nodes.items() if (node.info.process_key, node.element_id) in done
            for depth in range(1, len(each) + 1)
        }  # fmt: skip
        then = self._added | {self._now[each] for each in self._changed}
        ways = (
            self._new.leads(self._now[path], then, {self._now[each] for each in been}),
            self._old.leads(path, touched, been),
        )
        return next((each for each in _NEAREST if each in ways), "past")

    def _renamed(self, path: Path) -> Path:
        return tuple(self._name(self._old.nodes[path[:depth]]) for depth in range(1, len(path) + 1))

    def _name(self, node: Node) -> str:
        return self._targets.get(node.info.process_key, {}).get(node.element_id, node.element_id)

    def _differs(self, path: Path, now: Path, old_form: FormHash, new_form: FormHash) -> bool:
        was, is_ = self._old.nodes[path], self._new.nodes[now]
        if _looks(was, old_form) != _looks(is_, new_form):
            return True
        if {(*path[:-1], each.element_id) for each in boundary_of(was)} & self._gone:
            return True
        if {(*now[:-1], each.element_id) for each in boundary_of(is_)} & self._added:
            return True
        return self._hangs_elsewhere(path, now) or self._goes_elsewhere(path, now)

    def _hangs_elsewhere(self, path: Path, now: Path) -> bool:
        """Tell whether an event waits at another step; one that is new in the place of one that is gone is not that."""
        was, is_ = self._old.nodes[path].info.attached_to, self._new.nodes[now].info.attached_to
        if was is None or is_ is None:
            return was != is_
        host, there = (*path[:-1], was), (*now[:-1], is_)
        return self._now.get(host) != there and not (host in self._gone and there in self._added)

    def _goes_elsewhere(self, path: Path, now: Path) -> bool:
        """Tell whether the ways out differ, other than by a step that is new or gone: that is the one that changes."""
        was, is_ = self._old.nodes[path], self._new.nodes[now]
        if any((*path[:-1], flow.target.element_id) in self._gone for flow in was.outgoing):
            return False
        if any((*now[:-1], flow.target.element_id) in self._added for flow in is_.outgoing):
            return False
        ways = {(self._name(flow.target), _text(flow.condition), flow.default) for flow in was.outgoing}
        return ways != {(flow.target.element_id, _text(flow.condition), flow.default) for flow in is_.outgoing}

    def _steps(self) -> Iterator[Step]:
        for path, node in self._new.nodes.items():
            if path in self._added and path[:-1] not in self._added:
                yield _step(node, "new")
        for path in self._old.nodes:
            if path in self._changed:
                yield _step(self._new.nodes[self._now[path]], "changed")
        for path, node in self._old.nodes.items():
            if path in self._gone and path[:-1] not in self._gone:
                yield _step(node, "gone")


def place_of(token: Token) -> Path:
    """Return where a token is, with what it is inside of."""
    path = [token.task_spec.element_id]
    while (host := token.workflow.host) is not None:
        path.append(host.task_spec.element_id)
        token = host
    return tuple(reversed(path))


def _step(node: Node, how: Literal["new", "changed", "gone"]) -> Step:
    info = node.info
    name = quoted(node) if info.name or node.opens else f"{kind_words(node)} ({info.id})"
    return Step(info.process_key, info.id, name, how)


def _looks(node: Node, form: FormHash) -> tuple[Any, ...]:
    """Return everything that makes a step what it is, its id, where it hangs and where its ways lead apart."""
    body, info = body_of(node), node.info
    passed = [(slot, each.target, _text(each.formula)) for slot in ("into", "out_of") for each in _mapped(body, slot)]
    loop = [_text(getattr(node, slot, None)) for slot in _LOOPED] if isinstance(node, Loop) else []
    return (
        type(node), type(body), replace(info, id="", attached_to=None), form(info) if info.form else None, _event(node),
        getattr(node, "cancel_activity", None), body.spec if isinstance(body, CallActivity) else None, passed, loop,
    )  # fmt: skip


_LOOPED = (
    "sequential", "repeated", "by_count", "item_name", "condition", "output_list", "output_item", "maximum",
    "test_before",
)  # fmt: skip


def _mapped(node: Node, slot: str) -> tuple[Any, ...]:
    return getattr(node, slot) if isinstance(node, CallActivity) else ()


def _event(node: Node) -> tuple[Any, ...]:
    event = getattr(node, "event_definition", None)
    if isinstance(event, TimerDefinition):
        return (TimerDefinition, event.text, event.repeats)
    return (type(event), getattr(event, "name", None), getattr(event, "code", None))


def _text(value: Any) -> Any:
    return value.text if isinstance(value, Formula) else value
