"""Names by which people choose among the elements of a diagram, told apart where several have one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from engine.bpmn.nodes import Activity, Node


def told_apart(nodes: Sequence[Node]) -> Iterator[tuple[str, str]]:
    """Yield the id and name of each node; where several have one name, with what tells each from the others."""
    named: dict[str, list[Node]] = defaultdict(list)
    for node in nodes:
        named[_name(node)].append(node)
    for node in nodes:
        alike = named[_name(node)]
        yield node.element_id, _name(node) if len(alike) == 1 else f"{_name(node)} ({_apart(alike, node)})"


def _name(node: Node) -> str:
    return node.info.name or node.element_id


def _apart(alike: Sequence[Node], node: Node) -> str:
    """Say which of several of one name a node is: by the first of sub-process, lane and step before that differs."""
    for say in (_part, _lane, _before):
        said = [say(each) for each in alike]
        if all(said) and len(set(said)) == len(alike):
            return say(node)
    return f"number {alike.index(node) + 1}"


def _part(node: Node) -> str:
    """Say in which sub-process a node is, empty when in none."""
    around = str(node._wf_spec.description or "")
    return f"in: {around}" if around else ""


def _lane(node: Node) -> str:
    return node.info.lane or ""


def _before(node: Node) -> str:
    """Say after which steps a node comes, past the gateways and events between; empty when after none with a name."""
    steps, seen, todo = node._wf_spec.task_specs, {node.name}, [flow.source for flow in node.incoming]
    found: dict[str, None] = {}
    for name in todo:
        if name in seen:
            continue
        seen.add(name)
        at = steps[name]
        if isinstance(at, Activity) and at.info.name:
            found[at.info.name] = None
        else:
            todo += [at.attached_to] if at.attached_to else [flow.source for flow in at.incoming]
    return f"after: {' or '.join(found)}" if found else ""
