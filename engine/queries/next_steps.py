"""What comes after a step of a diagram, in words. Pure."""

from __future__ import annotations

from collections import defaultdict

from engine.bpmn import ElementInfo, ProcessDefinition
from engine.queries import words

_BY_PEOPLE = frozenset({"userTask", "manualTask", "callActivity", "subProcess", "task"})
_MOST = 4


def next_step(definition: ProcessDefinition, element_id: str) -> str:
    """Say what may follow `element_id`: "Complete the assessment, or it ends: No consent". Empty when unknown.

    Gateways, events and what the service does by itself are looked through to the steps that people take.
    """
    onward: dict[str, list[str]] = defaultdict(list)
    for flow in definition.flows.values():
        onward[flow.source].append(flow.target)
    found: list[str] = []
    seen = {element_id}
    waiting = list(onward[element_id])
    while waiting:
        at = waiting.pop(0)
        if at in seen:
            continue
        seen.add(at)
        here = definition.elements.get(at)
        said = _said(here)
        if said:
            found.append(said)
        else:
            waiting.extend(onward[at])
    return words.listed(found[:_MOST], last="or")


def steps(definition: ProcessDefinition) -> list[ElementInfo]:
    """Return the named steps that people take, in the order of the file."""
    return [each for each in definition.elements.values() if each.kind in _BY_PEOPLE and each.name]


def name_of(definition: ProcessDefinition, element_id: str) -> str:
    """Return an element's name for a person, also of a process that this one calls; its id in words at worst."""
    for elements in (definition.elements, *definition.family.values()):
        if element_id in elements and elements[element_id].name:
            return str(elements[element_id].name)
    return words.sentence(words.plain(element_id)).rstrip(".")


def _said(here: ElementInfo | None) -> str:
    if here is None or not here.name:
        return ""
    if here.kind in _BY_PEOPLE:
        return here.name
    return f"it ends: {here.name}" if here.kind == "endEvent" else ""
