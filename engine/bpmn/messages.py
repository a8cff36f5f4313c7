"""The messages of a diagram: those that something in it waits for, and those that it sends itself."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from SpiffWorkflow.bpmn.specs.event_definitions import MessageEventDefinition

from engine.bpmn.definitions import ProcessDefinition
from engine.bpmn.events import BoundaryEvent, CatchEvent, ReceiveTask
from engine.bpmn.nodes import Node

_WAITING = (CatchEvent, ReceiveTask, BoundaryEvent)


@lru_cache(maxsize=512)
def waited_for(definition: ProcessDefinition) -> Mapping[str, str]:
    """Return each message that something in the diagram waits for, with the name that its first such event has."""
    found: dict[str, str] = {}
    for node in definition.spec.nodes():
        message = _message(node)
        if message and isinstance(node, _WAITING):
            found.setdefault(message, definition.elements[node.element_id].name or "")
    return MappingProxyType(found)


@lru_cache(maxsize=512)
def sent_by(definition: ProcessDefinition) -> frozenset[str]:
    """Return the messages that the diagram sends."""
    listening = tuple(definition.message_starts.values())
    return frozenset(
        message
        for node in definition.spec.nodes()
        if (message := _message(node)) and not isinstance(node, _WAITING) and node.name not in listening
    )


def _message(node: Node) -> str:
    definition = getattr(node, "event_definition", None)
    return str(definition.name) if isinstance(definition, MessageEventDefinition) else ""
