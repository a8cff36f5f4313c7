"""What can come after what in a process, through the diagrams that it calls and the parts that it holds."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field
from typing import Literal

from engine.bpmn.loops import Loop
from engine.bpmn.nodes import Node
from engine.bpmn.process_spec import ProcessSpec
from engine.bpmn.subprocesses import CallActivity, SubProcess

Meets = Literal["at", "ahead", "again", "past"]
"""`again`: it comes to one only if its way leads back to what was done already."""
Path = tuple[str, ...]
"""The ids of an element and of what it is inside of, the outermost first: calls and sub-processes."""


@dataclass
class Graph:
    """The elements of a process, those of what it calls and holds among them, and which can come after which."""

    spec: ProcessSpec
    nodes: dict[Path, Node] = field(default_factory=dict)
    after: dict[Path, list[Path]] = field(default_factory=dict)
    into: dict[Path, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._add(self.spec, (), (self.spec.name,))

    def _add(self, spec: ProcessSpec, within: Path, around: tuple[str, ...]) -> None:
        for node in spec.nodes():
            if node.loop is not None:
                continue  # the same element again, which the loop stands for
            path = (*within, node.element_id)
            following = [*(flow.target for flow in node.outgoing), *boundary_of(node)]
            self.nodes[path] = node
            self.after[path] = [(*within, each.element_id) for each in following]
            body = body_of(node)
            inner = body.inner if isinstance(body, SubProcess | CallActivity) else None
            if inner is not None and inner.name not in around:
                self.into[path] = (*path, inner.first.element_id)
                self._add(inner, path, (*around, inner.name))

    def leads(self, path: Path, there: Set[Path], been: Set[Path]) -> Meets:
        """Tell whether the way from `path` leads to one of `there`, or does only by way of what has `been`."""
        to_come = self._ahead_of(path) & there
        if not to_come:
            return "past"
        return "ahead" if self._ahead_of(path, been) & there or not self._ends(path, to_come) else "again"

    def _ahead_of(self, path: Path, but: Set[Path] = frozenset()) -> set[Path]:
        """Return what can come after `path`: inside what it is in, after that, and in a loop once more.

        No way is followed through one of `but`.
        """
        todo = [each for depth in range(1, len(path) + 1) for each in self.after.get(path[:depth], ())]
        todo += [self.into[path[:depth]] for depth in range(1, len(path)) if isinstance(self.nodes[path[:depth]], Loop)]
        seen: set[Path] = set()
        while todo:
            at = todo.pop()
            if at not in seen and at not in but:
                seen.add(at)
                todo.extend(self.after.get(at, ()))
                if at in self.into:
                    todo.append(self.into[at])
        return seen

    def _ends(self, path: Path, without: Set[Path]) -> bool:
        """Tell whether the process can end from `path` without coming to one of `without`, or what holds one."""
        shut = {each[:depth] for each in without for depth in range(1, len(each) + 1)}
        return all(self._gets_out(path[:depth], shut) for depth in range(len(path), 0, -1))

    def _gets_out(self, path: Path, shut: Set[Path]) -> bool:
        todo, seen = [path], {path}
        while todo:
            ways = self.after.get(todo.pop(), ())
            if not ways:
                return True
            # A further way, as of a reminder, does not take the case itself along.
            new = [each for each in ways if getattr(self.nodes[each], "cancel_activity", True)]
            todo += [each for each in new if each not in shut and each not in seen]
            seen.update(new)
        return False


def body_of(node: Node) -> Node:
    """Return what a loop repeats, any other element itself."""
    return node.body if isinstance(node, Loop) else node


def boundary_of(node: Node) -> list[Node]:
    """Return the events that sit on an element, or on what it repeats."""
    return [*node.boundary, *(body_of(node).boundary if isinstance(node, Loop) else ())]
