"""What comes after a step of a diagram, in words. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from engine.bpmn import ElementInfo, ProcessDefinition
from engine.queries import words

_BY_PEOPLE = frozenset({"userTask", "manualTask", "callActivity", "subProcess", "task"})
_SAID = _BY_PEOPLE | {"endEvent"}
_CHOICES = frozenset({"exclusiveGateway", "inclusiveGateway", "eventBasedGateway"})
_MOST = 4


Called = Callable[[str], ProcessDefinition | None]
"""From the key of a diagram that another calls to the diagram; None where it is not known."""


def _unknown(_: str) -> None:
    return None


def next_step(definition: ProcessDefinition, element_id: str, called: Called = _unknown) -> str:
    """Say what may follow `element_id`: “Assess”, or this ends with “No consent”; itself again. Empty when unknown.

    Gateways, events and what the service does by itself are looked through to the steps that people take, as they are
    named in the list of their work: a diagram that is `called` to its first steps.
    """
    return after_task([definition], element_id, [element_id], called)


def after_task(
    way: Sequence[ProcessDefinition], element_id: str, standing: Collection[str], called: Called = _unknown
) -> str:
    """Say as `next_step` what may follow an open task, past the ends of diagrams that others have called.

    `way` are the diagrams from the one that runs to the task's own; `standing` the elements that it stands at.
    """
    *around, definition = way
    ahead = _following(definition, element_id, called)
    found = ahead.found
    # While it stands elsewhere in the same diagram too, the end of one branch is not the end of the diagram.
    others = {id_ for id_ in standing if id_ in definition.elements} - {element_id} - _stopped(definition, ahead.passed)
    for outer in () if others else reversed(around):
        if all(here.kind in _BY_PEOPLE for here in found):
            break
        for call in (id_ for id_ in standing if _is_call(outer, id_)):
            found = [*(here for here in found if here.kind in _BY_PEOPLE), *_following(outer, call, called).found]
    only = {(here.process_key, here.id): here for here in found}
    link = "and" if ahead.together else "or"
    return _sentence(list(only.values())[:_MOST], (definition.key, element_id), link=link)


def _stopped(definition: ProcessDefinition, passed: Collection[str]) -> set[str]:
    """Return the steps that are stopped by a message that is sent on the way through `passed`."""
    elements = definition.elements
    sent = {elements[id_].message for id_ in passed if id_ in elements} - {None}
    return {each.attached_to for each in elements.values() if each.attached_to is not None and each.message in sent}


def _is_call(definition: ProcessDefinition, element_id: str) -> bool:
    return element_id in definition.elements and definition.elements[element_id].kind == "callActivity"


@dataclass(frozen=True, slots=True)
class _Ahead:
    """The steps and ends that come after an element, whether they come together, and what is passed on the way."""

    found: list[ElementInfo]
    together: bool
    passed: set[str]


def _following(definition: ProcessDefinition, element_id: str, called: Called) -> _Ahead:
    onward: dict[str, list[str]] = defaultdict(list)
    into = Counter(flow.target for flow in definition.flows.values())
    for flow in definition.flows.values():
        onward[flow.source].append(flow.target)
    found, branch_ends, joins = list[ElementInfo](), list[ElementInfo](), list[str]()
    together = False
    seen: set[str] = set()
    waiting = [(target, False, False) for target in onward[element_id]]
    while waiting or (joins and not found):
        # Where branches that have split come together again, the steps on them come first.
        at, chosen, split = waiting.pop(0) if waiting else (joins.pop(0), True, False)
        if at in seen:
            continue
        here = definition.elements.get(at)
        kind = here.kind if here is not None else ""
        if split and kind == "parallelGateway" and into[at] > 1:
            joins.append(at)
            continue
        seen.add(at)
        inner = called(here.calls) if here is not None and here.calls else None
        if inner is not None:
            first = _first(inner, called)
            found += [each for each in first.found if each.kind in _BY_PEOPLE]
            together |= first.together and not chosen
            if first.found and all(each.kind in _BY_PEOPLE for each in first.found):
                continue
        elif here is not None and here.name and kind in _SAID:
            # The end of one branch is not the end of the diagram.
            (branch_ends if split and kind not in _BY_PEOPLE else found).append(here)
            continue
        splits = kind == "parallelGateway" and len(onward[at]) > 1
        together |= splits and not chosen
        chosen |= kind in _CHOICES and len(onward[at]) > 1
        waiting.extend((target, chosen, split or splits) for target in onward[at])
    return _Ahead(found or branch_ends, together, seen)


def _first(definition: ProcessDefinition, called: Called) -> _Ahead:
    """Return the steps and ends that a diagram begins with when another calls it."""
    targets = {flow.target for flow in definition.flows.values()}
    starts = [id_ for id_, each in definition.elements.items() if each.kind == "startEvent" and id_ not in targets]
    plain = [id_ for id_ in starts if id_ not in definition.message_starts.values()] or starts
    return _following(definition, plain[0], called) if plain else _Ahead([], False, set())


def _sentence(found: list[ElementInfo], at: tuple[str, str], *, link: str) -> str:
    """Say the steps of people first, then how it may end; the step `at`, which they follow, comes again."""
    said = [
        f"“{here.name}”{' again' if (here.process_key, here.id) == at else ''}"
        for here in found
        if here.kind in _BY_PEOPLE
    ]
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
