"""What comes after a step of a diagram, in words. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

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
    """Say what may follow `element_id`: “Assess”, or this part of the work ends: “No consent”; itself again.

    Empty when unknown. Gateways, events and what the service does by itself are looked through to the steps that people
    take, as they are named in the list of their work: a diagram that is `called` to its first steps.
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


@dataclass(slots=True)
class _Ahead:
    """The steps and ends that come after an element, whether they come together, and what is passed on the way."""

    found: list[ElementInfo] = field(default_factory=list)
    branch_ends: list[ElementInfo] = field(default_factory=list)
    together: bool = False
    passed: set[str] = field(default_factory=set)

    def take(self, here: ElementInfo, *, split: bool) -> None:
        """Take a step or an end; the end of one of several branches is not the end of the diagram."""
        (self.branch_ends if split and here.kind not in _BY_PEOPLE else self.found).append(here)

    def take_first(self, first: _Ahead, *, chosen: bool) -> bool:
        """Take the first steps of a diagram that is called; tell whether it may also be over without any."""
        self.found += [each for each in first.found if each.kind in _BY_PEOPLE]
        self.together |= first.together and not chosen
        return not first.found or any(each.kind not in _BY_PEOPLE for each in first.found)


def _following(definition: ProcessDefinition, element_id: str, called: Called) -> _Ahead:
    onward, into = _arrows(definition)
    ahead, joins = _Ahead(), list[str]()
    waiting = [(target, False, False) for target in onward[element_id]]
    while waiting or (joins and not ahead.found):
        # Where branches that have split come together again, the steps on them come first.
        at, chosen, split = waiting.pop(0) if waiting else (joins.pop(0), True, False)
        here = definition.elements.get(at)
        if at in ahead.passed or here is None:
            continue
        parallel = here.kind == "parallelGateway"
        if split and parallel and into[at] > 1:
            joins.append(at)
            continue
        ahead.passed.add(at)
        inner = called(here.calls) if here.calls else None
        if inner is None and here.name and here.kind in _SAID:
            ahead.take(here, split=split)
        elif inner is None or ahead.take_first(_first(inner, called), chosen=chosen):
            several = len(onward[at]) > 1
            ahead.together |= parallel and several and not chosen
            flags = chosen or (here.kind in _CHOICES and several), split or (parallel and several)
            waiting.extend((target, *flags) for target in onward[at])
    ahead.found = ahead.found or ahead.branch_ends
    return ahead


def _arrows(definition: ProcessDefinition) -> tuple[dict[str, list[str]], Counter[str]]:
    """Return where the arrows from each element lead, and how many lead to each."""
    onward: dict[str, list[str]] = defaultdict(list)
    for flow in definition.flows.values():
        onward[flow.source].append(flow.target)
    return onward, Counter(flow.target for flow in definition.flows.values())


def _first(definition: ProcessDefinition, called: Called) -> _Ahead:
    """Return the steps and ends that a diagram begins with when another calls it."""
    targets = {flow.target for flow in definition.flows.values()}
    starts = [id_ for id_, each in definition.elements.items() if each.kind == "startEvent" and id_ not in targets]
    plain = [id_ for id_ in starts if id_ not in definition.message_starts.values()] or starts
    return _following(definition, plain[0], called) if plain else _Ahead()


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
        parts.append(f"this part of the work ends: {words.listed(ends, last='or')}")
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
