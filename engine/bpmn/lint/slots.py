"""Find every place of a BPMN file that holds an expression."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from engine.bpmn.expressions import (
    ReadExpression,
    read_assignment,
    read_candidates,
    read_condition,
    read_expression,
    read_time,
    read_value,
)
from engine.bpmn.lint.model import (
    ACTIVITIES,
    Element,
    Model,
    children,
    event_definitions,
    extension,
    extension_elements,
    kind,
    local,
    text_of,
)
from engine.errors import shown

TIMES = ("timeDate", "timeDuration", "timeCycle")
_CHOOSING = ("exclusiveGateway", "inclusiveGateway")
_TASK_ATTRIBUTES: tuple[tuple[str, str, Callable[[str], ReadExpression]], ...] = (
    ("assignee", "the assignee", read_assignment),
    ("candidateGroups", "the candidate groups", read_candidates),
    ("candidateUsers", "the candidate users", read_candidates),
    ("dueDate", "the due date", read_time),
    ("followUpDate", "the follow-up date", read_time),
    ("priority", "the priority", read_expression),
)

Where = Literal["element", "asking", "loop", "counting", "input", "callee"]
"""What an expression sees of its element: all it knows; the case's facts too; what is known before its loop has
items; the loop's counts too; what is known before it has inputs of its own; the variables of what it calls."""


@dataclass(frozen=True, slots=True)
class Slot:
    """An expression as written, what it is for, how it is to be read, and over whose variables (`where`)."""

    element: Element
    what: str
    text: str
    read: Callable[[str], ReadExpression]
    where: Where = "element"


def slots(model: Model) -> Iterator[Slot]:
    """Yield the expressions of the executable processes."""
    for scope in model.scopes:
        for flow in scope.flows:
            text = text_of(flow.condition)
            if text and kind(flow.source) in _CHOOSING:
                yield Slot(flow.element, "the condition", text, read_condition)
        for node in scope.nodes:
            yield from _on_task(node)
            yield from _on_event(node)
            if kind(node) in ACTIVITIES:
                yield from _on_repeat(node)
                yield from _on_mapping(node)


def _on_task(node: Element) -> Iterator[Slot]:
    if kind(node) in ("userTask", "manualTask"):
        for attribute, what, read in _TASK_ATTRIBUTES:
            text = extension(node, attribute)
            if text is not None and text.strip():
                yield Slot(node, what, text, read, "asking")


def _on_event(node: Element) -> Iterator[Slot]:
    for definition in event_definitions(node):
        for element in children(definition, *TIMES):
            if text_of(element):
                yield Slot(node, "the timer", text_of(element), read_time)


def _on_repeat(node: Element) -> Iterator[Slot]:
    for repeat in children(node, "multiInstanceLoopCharacteristics"):
        collection = extension(repeat, "collection")
        if collection:
            yield Slot(node, "the collection", collection, read_expression, "loop")
        for element in children(repeat, "loopCardinality", "completionCondition", "loopDataInputRef"):
            if text_of(element):
                where: Where = "counting" if kind(element) == "completionCondition" else "loop"
                yield Slot(node, f"the {kind(element)}", text_of(element), read_expression, where)
    for loop in children(node, "standardLoopCharacteristics"):
        for element in children(loop, "loopCondition"):
            if text_of(element):
                yield Slot(node, "the loop's condition", text_of(element), read_condition, "counting")


def _on_mapping(node: Element) -> Iterator[Slot]:
    for mapping in extension_elements(node, "in", "out"):
        text = mapping.get("sourceExpression") or mapping.get("source")
        if text:
            where: Where = "callee" if local(str(mapping.tag)) == "out" else "element"
            yield Slot(node, f"the mapping to {shown(mapping.get('target'))!r}", text, read_expression, where)
    for holder in extension_elements(node, "inputOutput"):
        for parameter in holder.iterchildren("*"):
            if text_of(parameter) and not len(parameter):
                where = "input" if local(str(parameter.tag)) == "inputParameter" else "element"
                yield Slot(
                    node, f"the parameter {shown(parameter.get('name'))!r}", text_of(parameter), read_value, where
                )
