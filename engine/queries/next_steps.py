"""What comes after a step of a diagram, in words. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from engine.bpmn import ElementInfo, ProcessDefinition
from engine.queries import words

_BY_PEOPLE = frozenset({"userTask", "manualTask", "callActivity", "subProcess", "task"})
_SAID = _BY_PEOPLE | {"endEvent"}
_MOST = 4


Call = tuple[ProcessDefinition, str]
"""A diagram, and the element in it that calls another."""


def next_step(definition: ProcessDefinition, element_id: str, around: Sequence[Call] = ()) -> str:
    """Say what may follow `element_id`: “Assess”, or this ends with “No consent”; itself again. Empty when unknown.

    Gateways, events and what the service does by itself are looked through to the steps that people take; so are the
    ends of a diagram that others, `around` it from the outermost, have called.
    """
    found, together = _following(definition, element_id)
    at = element_id
    for outer, call in reversed(around):
        if all(here.kind in _BY_PEOPLE for here in found):
            break
        after, _ = _following(outer, call)
        at = call
        found = [*(here for here in found if here.kind in _BY_PEOPLE), *after]
    return _sentence(found[:_MOST], at, link="and" if together else "or")


def _following(definition: ProcessDefinition, element_id: str) -> tuple[list[ElementInfo], bool]:
    """Return the steps and ends that come after an element, and whether several of them come together."""
    onward: dict[str, list[str]] = defaultdict(list)
    for flow in definition.flows.values():
        onward[flow.source].append(flow.target)
    found: list[ElementInfo] = []
    together = False
    seen: set[str] = set()
    waiting = list(onward[element_id])
    while waiting:
        at = waiting.pop(0)
        if at in seen:
            continue
        seen.add(at)
        here = definition.elements.get(at)
        if here is not None and here.name and here.kind in _SAID:
            found.append(here)
        else:
            together |= here is not None and here.kind == "parallelGateway"
            waiting.extend(onward[at])
    return found, together


def _sentence(found: list[ElementInfo], at: str, *, link: str) -> str:
    """Say the steps of people first, then how it may end; the step `at`, which they follow, comes again."""
    said = [f"“{here.name}”{' again' if here.id == at else ''}" for here in found if here.kind in _BY_PEOPLE]
    ends = [f"“{here.name}”" for here in found if here.kind not in _BY_PEOPLE]
    parts = [words.listed(said, last=link)] if said else []
    if ends:
        parts.append(f"this ends with {words.listed(ends, last='or')}")
    joined = ", or ".join(parts)
    return f"{joined[:1].upper()}{joined[1:]}." if joined else ""


def steps(definition: ProcessDefinition) -> list[ElementInfo]:
    """Return the named steps that people take, in the order of the file."""
    return [each for each in definition.elements.values() if each.kind in _BY_PEOPLE and each.name]


def name_of(definition: ProcessDefinition, element_id: str) -> str:
    """Return an element's name for a person, also of a process that this one calls; its id in words at worst."""
    for elements in (definition.elements, *definition.family.values()):
        if element_id in elements and elements[element_id].name:
            return str(elements[element_id].name)
    return words.sentence(words.plain(element_id)).rstrip(".")


def is_call(definition: ProcessDefinition, element_id: str) -> bool:
    """Say whether an element calls another diagram, also one of a process that this one calls."""
    known = (definition.elements, *definition.family.values())
    return any(element_id in elements and elements[element_id].kind == "callActivity" for elements in known)
