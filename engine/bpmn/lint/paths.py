"""Check where a token can go: starts, ends, unreachable steps, and sizes the engine can carry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.bpmn.lint.findings import Finding
from engine.bpmn.lint.model import NODES, SUBPROCESSES, Element, Model, Scope, event_kinds, kind
from engine.errors import Invalid

MAX_NODES = 2_000
MAX_NESTED = 10
ENDLESS = "no end event can be reached from here"


def check_starts_and_ends(model: Model) -> Iterator[Finding]:
    """Refuse parts with no start, several starts or no end, and steps that lead nowhere."""
    for scope in model.scopes:
        if _refused(scope.element):
            continue
        yield from _starts(model, scope)
        if not scope.of_kind("endEvent"):
            yield model.error(scope.element, "it has no end event", "draw one where the work is done")
        for node in scope.nodes:
            if kind(node) != "endEvent" and not _refused(node) and not scope.leaving(node):
                yield model.error(node, "no flow leaves it, so the case stops here", "lead a flow to an end event")


def _refused(element: Element) -> bool:
    """Tell whether the element is refused for what it is, so that its place in the flow says nothing more."""
    return (
        kind(element) == "adHocSubProcess"
        or element.get("triggeredByEvent") in ("true", "1")
        or element.get("isForCompensation") in ("true", "1")
        or (kind(element) == "boundaryEvent" and event_kinds(element)[:1] in (["compensate"], ["compensation"]))
    )


def _starts(model: Model, scope: Scope) -> Iterator[Finding]:
    starts = scope.of_kind("startEvent")
    plain = [start for start in starts if not event_kinds(start)]
    if not starts:
        yield model.error(scope.element, "it has no start event", "draw one in front of the first step")
    elif kind(scope.element) in SUBPROCESSES and len(starts) > 1:
        yield model.error(scope.element, f"it has {len(starts)} start events", "keep one plain start event")
    elif len(plain) > 1:
        yield model.error(scope.element, f"it has {len(plain)} plain start events", "keep one, or start by message")


def check_reachability(model: Model) -> Iterator[Finding]:
    """Refuse steps no token can reach, and notice those from which no end can be reached."""
    for scope in model.scopes:
        if _refused(scope.element) or not scope.of_kind("startEvent"):
            continue
        reached = _closure(scope.of_kind("startEvent"), scope)
        for node in scope.nodes:
            if node not in reached and not _refused(node):
                yield model.error(node, "no flow from a start event reaches it", "connect it, or remove it")
        yield from _endless(model, scope, reached)


def _closure(begin: Iterable[Element], scope: Scope) -> set[Element]:
    reached, waiting = set(begin), list(begin)
    while waiting:
        for node in scope.next_nodes(waiting.pop()):
            if node not in reached:
                reached.add(node)
                waiting.append(node)
    return reached


def _endless(model: Model, scope: Scope, reached: set[Element]) -> Iterator[Finding]:
    before: dict[Element, list[Element]] = {}
    for node in scope.nodes:
        for after in scope.next_nodes(node):
            before.setdefault(after, []).append(node)
    ending, waiting = set(scope.of_kind("endEvent")), scope.of_kind("endEvent")
    while waiting:
        for node in before.get(waiting.pop(), ()):
            if node not in ending:
                ending.add(node)
                waiting.append(node)
    for node in scope.nodes:
        if node in reached and node not in ending and scope.leaving(node):
            yield model.notice(node, ENDLESS, "check that the loop has a way out")


def check_sizes(model: Model) -> Iterator[Finding]:
    """Refuse models too large or too deeply nested to be read by a person, or quickly by the engine."""
    nodes = sum(len(scope.nodes) for scope in model.scopes)
    if nodes > MAX_NODES:
        yield model.error(
            model.root, f"the file has {nodes} steps, and {MAX_NODES} is the most", "split it with call activities"
        )
    for scope in model.scopes:
        if _depth(scope.element) > MAX_NESTED:
            yield model.error(
                scope.element, f"it is nested more than {MAX_NESTED} sub-processes deep", "use a call activity"
            )


def require_size(root: Element, name: str) -> None:
    """Raise `Invalid` for a file of too many steps, before anything follows its flows: that takes minutes."""
    nodes = sum(kind(element) in NODES for element in root.iter("*"))
    if nodes > MAX_NODES:
        what = f"the file has {nodes} steps, and {MAX_NODES} is the most; split it with call activities"
        raise Invalid(f"{name}: {what}", file=name, element=root.get("id"))


def _depth(element: Element) -> int:
    return sum(kind(ancestor) in SUBPROCESSES for ancestor in element.iterancestors())


def in_order(scope: Scope) -> list[Element]:
    """Return the nodes of a part so that each comes before what it leads to, but for loops; strays come last."""
    found: list[Element] = []
    seen: set[Element] = set()
    for begin in (*scope.of_kind("startEvent"), *scope.nodes):
        if begin not in seen:
            left: list[Element] = []
            _walk(scope, begin, seen, left)
            found += reversed(left)
    return found


def _walk(scope: Scope, begin: Element, seen: set[Element], left: list[Element]) -> None:
    seen.add(begin)
    under_way = [(begin, iter(reversed(scope.next_nodes(begin))))]
    while under_way:
        at, onward = under_way[-1]
        node = next((each for each in onward if each not in seen), None)
        if node is None:
            left.append(at)
            under_way.pop()
        else:
            seen.add(node)
            under_way.append((node, iter(reversed(scope.next_nodes(node)))))
