"""The specification of one process or embedded sub-process: parsed once, shared by all its instances, never changed."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.control import BpmnStartTask, SimpleBpmnTask
from SpiffWorkflow.specs import WorkflowSpec

from engine.bpmn.nodes import Node


class ProcessSpec(BpmnProcessSpec):
    """Holds the nodes of one process or sub-process by name."""

    task_specs: dict[str, Any]
    first: Node
    start_ids: frozenset[str]

    def __init__(self, name: str, description: str | None, filename: str | None, process_key: str) -> None:
        # SpiffWorkflow 3.2.0 calls its own ends `Start` and `End`, and an element with such an id is silently
        # taken for them; no XML id can hold a bracket.
        WorkflowSpec.__init__(self, name=name, filename=filename)
        self.start = BpmnStartTask(self, "(start)")
        self.end = SimpleBpmnTask(self, "(end)")
        self.svg = None
        self.description = description
        self.process_key = process_key
        self.io_specification = None
        self.data_objects: dict[str, object] = {}
        self.data_stores: dict[str, object] = {}
        self.correlation_keys: dict[str, object] = {}
        self.bpmn_start_events: list[Node] = []

    def node(self, name: str) -> Node:
        """Return the node with this name. Raises `KeyError`."""
        node: Node = self.task_specs[name]
        return node

    def nodes(self) -> list[Node]:
        """Return every node, in document order."""
        return [spec for spec in self.task_specs.values() if isinstance(spec, Node)]

    def upstream_of(self, target: Node) -> dict[str, frozenset[str]]:
        """Return, for each flow into `target`, the nodes from which it can be reached without passing `target`."""
        return {flow.id: frozenset(self._reaching(flow.source, target.name)) for flow in target.incoming}

    def _reaching(self, name: str, stop: str) -> Collection[str]:
        seen: set[str] = set()
        todo = [name]
        while todo:
            at = todo.pop()
            if at in seen or at == stop:
                continue
            seen.add(at)
            node = self.node(at)
            todo.extend(flow.source for flow in node.incoming)
            if node.attached_to:
                todo.append(node.attached_to)
        return seen
