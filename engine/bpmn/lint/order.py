"""Which elements of a process may have run before another is come to: by a way between them, or on a branch beside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engine.bpmn.lint.model import ACTIVITIES, SUBPROCESSES, Element, Scope, children, interrupts, kind

_LOOPS: Final = ("multiInstanceLoopCharacteristics", "standardLoopCharacteristics")
_ONE_WAY: Final = ("exclusiveGateway", "eventBasedGateway", "complexGateway")


@dataclass(frozen=True, slots=True, eq=False)
class _Fork:
    """Where a token becomes several: the first nodes of each branch."""

    branches: tuple[tuple[str, ...], ...]


class Order:
    """What may come before what in one process, drawn generously: what it denies cannot happen.

    Whatever a sub-process holds comes before all that follows it, and before what its boundary events lead to. Nodes
    are known by id, a flow as where it begins.
    """

    def __init__(self, scopes: Sequence[Scope]) -> None:
        self._number: dict[str, int] = {}
        self._after: dict[str, list[str]] = {}
        self._forks: list[_Fork] = []
        self._begins: dict[str, str] = {}
        within = {scope.element: scope for scope in scopes}
        for scope in scopes:
            for node in scope.nodes:
                self._add(scope, node, within.get(node))
            for flow in scope.flows:
                self._begins[flow.element.get("id", "")] = flow.source.get("id", "")
        self._before = self._close()

    def may_precede(self, first: str, then: str, *, itself: bool = True) -> bool:
        """Tell whether `first` may have run when `then` is come to; `itself`: an element has when it is read in it."""
        then = self._begins.get(then, then)
        if first not in self._number or then not in self._number:
            return True
        if self._leads(first, then) or (itself and first == then):
            return True
        return any(self._beside(fork, first, then) for fork in self._forks)

    def race(self, first: str, other: str, to: str) -> bool:
        """Tell whether two, each on a branch of its own, both lead to a third: either may have come last there."""
        to = self._begins.get(to, to)
        if not {first, other, to} <= self._number.keys() or self._leads(first, other) or self._leads(other, first):
            return False
        if not (self._leads(first, to) and self._leads(other, to)):
            return False
        return any(self._parted(fork, first, other) for fork in self._forks)

    def _add(self, scope: Scope, node: Element, inside: Scope | None) -> None:
        id_ = node.get("id", "")
        done = _done(node)
        self._number.setdefault(id_, len(self._number))
        if done != id_:
            self._edge(id_, done)
        targets = [flow.target.get("id", "") for flow in scope.leaving(node)]
        for target in targets:
            self._edge(done, target)
        events = scope.boundaries.get(id_, ())
        for event in events:
            self._edge(done, event.get("id", ""))
        if inside is not None:
            for each in inside.nodes:
                self._edge(_done(each), done)
            for start in inside.of_kind("startEvent"):
                self._edge(id_, start.get("id", ""))
        if kind(node) in ACTIVITIES and next(children(node, *_LOOPS), None) is not None:
            self._edge(done, id_)
        self._forks += _forks(node, targets, events)

    def _edge(self, source: str, target: str) -> None:
        for each in (source, target):
            self._number.setdefault(each, len(self._number))
        self._after.setdefault(source, []).append(target)

    def _close(self) -> dict[str, int]:
        """Return what comes before each node, a bit for the number of each; on a loop a node comes before itself."""
        into: dict[str, list[str]] = {}
        for source, targets in self._after.items():
            for target in targets:
                into.setdefault(target, []).append(source)
        before: dict[str, int] = {}
        until: dict[str, int] = {}
        for loop in _loops(self._number, self._after, into):
            own = sum(1 << self._number[node] for node in loop)
            come = 0
            for node in loop:
                for source in into.get(node, ()):
                    come |= own if source in loop else until[source]
            before.update(dict.fromkeys(loop, come))
            until.update(dict.fromkeys(loop, come | own))
        return before

    def _leads(self, first: str, then: str) -> bool:
        return bool(self._before[then] >> self._number[first] & 1)

    def _beside(self, fork: _Fork, first: str, then: str) -> bool:
        """Tell whether the two may lie on different branches of a fork."""
        ones = [self._on(branch, first) for branch in fork.branches]
        others = [self._on(branch, then) for branch in fork.branches]
        return any(one and (sum(others) > other) for one, other in zip(ones, others, strict=True))

    def _parted(self, fork: _Fork, first: str, other: str) -> bool:
        """Tell whether one branch of a fork holds the first alone, and another the other."""
        on = [(self._on(branch, first), self._on(branch, other)) for branch in fork.branches]
        return (True, False) in on and (False, True) in on

    def _on(self, branch: tuple[str, ...], node: str) -> bool:
        return any(start == node or (start in self._number and self._leads(start, node)) for start in branch)


def _loops(
    nodes: Iterable[str], after: Mapping[str, Sequence[str]], into: Mapping[str, Sequence[str]]
) -> Iterator[frozenset[str]]:
    """Yield the nodes, those that lie on one loop together, none before what leads to it (after Kosaraju)."""
    left = set(nodes)
    for begin in reversed(_as_left(nodes, after)):
        if begin not in left:
            continue
        left.discard(begin)
        found, waiting = {begin}, [begin]
        while waiting:
            for node in into.get(waiting.pop(), ()):
                if node in left:
                    left.discard(node)
                    found.add(node)
                    waiting.append(node)
        yield frozenset(found)


def _as_left(nodes: Iterable[str], after: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the nodes as a walk leaves them for the last time: each after all that it leads to, but for loops."""
    left: list[str] = []
    seen: set[str] = set()
    for begin in nodes:
        if begin in seen:
            continue
        seen.add(begin)
        under_way = [(begin, iter(after.get(begin, ())))]
        while under_way:
            at, ways = under_way[-1]
            onward = next((node for node in ways if node not in seen), None)
            if onward is None:
                left.append(at)
                under_way.pop()
            else:
                seen.add(onward)
                under_way.append((onward, iter(after.get(onward, ()))))
    return left


def _done(node: Element) -> str:
    """Return the name of where a token is that has been through `node`: for a sub-process, after all inside it."""
    id_ = node.get("id", "")
    return f"{id_} done" if kind(node) in SUBPROCESSES else id_


def _forks(node: Element, targets: Sequence[str], events: Sequence[Element]) -> Iterator[_Fork]:
    if len(targets) > 1 and kind(node) not in _ONE_WAY:
        yield _Fork(tuple((target,) for target in targets))
    aside = [event.get("id", "") for event in events if not interrupts(event)]
    if aside:
        yield _Fork(((node.get("id", ""), *targets), *((event,) for event in aside)))
