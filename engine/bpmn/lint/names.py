"""Which variables a process reads, which it sets by itself, and from where it may be given others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.bpmn.case_starts import OPENS, WORDS
from engine.bpmn.lint.findings import Catalogue
from engine.bpmn.lint.model import (
    ACTIVITIES,
    Element,
    Model,
    children,
    event_definitions,
    event_kinds,
    extension,
    extension_elements,
    kind,
    properties,
    text_of,
)
from engine.bpmn.lint.order import Order
from engine.bpmn.lint.slots import Slot, slots
from engine.errors import Invalid, shown
from engine.feel import compile_expression

_LOOPS = ("multiInstanceLoopCharacteristics", "standardLoopCharacteristics")
_ITEMS = ("inputDataItem", "outputDataItem")
_COUNTS = frozenset({"nrOfInstances", "nrOfActiveInstances", "nrOfCompletedInstances"})
_CATCHES = ("startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask")
_ASKS = ("userTask", "manualTask")
_STARTED = (OPENS, WORDS)


@dataclass(frozen=True, slots=True)
class Use:
    """An expression that reads variables: `names` as it says them, `local` those known to its element alone.

    `facts`: it sees the facts of the case too. `callee`: it is read over the variables of that process.
    """

    element_id: str
    what: str
    names: frozenset[str]
    local: frozenset[str] = frozenset()
    facts: bool = False
    callee: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """What passes into a called process: names, and with `all_in` everything."""

    callee: str
    into: frozenset[str]
    all_in: bool
    local: frozenset[str]


@dataclass(frozen=True, slots=True)
class Writer:
    """What one element sets: by itself, by its form, its operation, its decision, its message, or what it calls.

    `asks` is true for a person's task, and for a start event with a form; `called` is a process whose variables all
    come back.
    """

    element_id: str
    name: str
    sets: frozenset[str]
    asks: bool
    form: str | None
    operation: str | None
    spread: str | None
    caught: tuple[str, ...]
    called: str | None


@dataclass(frozen=True, slots=True)
class Asking:
    """A person's form, or none, and the names that its element knows besides the process's own."""

    element_id: str
    form: str | None
    local: frozenset[str]


@dataclass(frozen=True, slots=True)
class Deciding:
    """A task that asks a decision, and the names that it knows besides the process's own."""

    element_id: str
    decision: str
    local: frozenset[str]


@dataclass(frozen=True, slots=True)
class ProcessNames:
    """The names of one process. `writers` are the elements that set some, `order` says which may come before which.

    `thrown` holds each message with the names known only where it is thrown. `started_by_people` is true for one
    that people start on a case, `starts` holds what its start events wait for (`timer`, `message`).
    """

    key: str
    uses: tuple[Use, ...]
    writers: tuple[Writer, ...]
    order: Order = field(compare=False, repr=False)
    asks: tuple[Asking, ...]
    decides: tuple[Deciding, ...]
    calls: tuple[Call, ...]
    thrown: tuple[tuple[str, frozenset[str]], ...]
    started_by_people: bool
    starts: frozenset[str]


def process_names(root: Element, *, name: str, catalogue: Catalogue) -> tuple[ProcessNames, ...]:
    """Return the names of each executable process of a file that the linter let pass."""
    model = Model(root, name=name, catalogue=catalogue)
    found = tuple(slots(model))
    return tuple(_names(model, process, found) for process in model.executable)


def _names(model: Model, process: Element, found: tuple[Slot, ...]) -> ProcessNames:
    nodes = [node for node in model.nodes() if process in node.iterancestors()]
    own = [slot for slot in found if process in slot.element.iterancestors()]
    starts = list(children(process, "startEvent"))
    return ProcessNames(
        key=process.get("id", ""),
        uses=tuple(use for slot in own for use in _use(model, slot)),
        writers=tuple(_writer(model, node) for node in nodes),
        order=Order([scope for scope in model.scopes if process in (scope.element, *scope.element.iterancestors())]),
        asks=tuple(_asking(model, node) for node in nodes if _is_asked(node)),
        decides=tuple(
            Deciding(node.get("id", ""), decision, local_names(model, node))
            for node in nodes if kind(node) == "businessRuleTask" and (decision := extension(node, "decisionRef"))
        ),
        calls=tuple(_call(model, node) for node in nodes if kind(node) == "callActivity"),
        thrown=tuple(
            (name, local_names(model, node))
            for node in nodes if kind(node) not in _CATCHES for name in _messages(model, node)
        ),
        started_by_people=any(properties(process).get(name, "").strip() for name in _STARTED),
        starts=frozenset(each for start in starts for each in event_kinds(start)),
    )  # fmt: skip


def _writer(model: Model, node: Element) -> Writer:
    whole = kind(node) == "callActivity" and any(each.get("variables") for each in extension_elements(node, "out"))
    return Writer(
        element_id=node.get("id", ""),
        name=node.get("name", "") or node.get("id", ""),
        sets=frozenset(_set_by(node)),
        asks=_is_asked(node),
        form=_form(node),
        operation=_operation(node),
        spread=_spread(node),
        caught=tuple(_messages(model, node)) if kind(node) in _CATCHES else (),
        called=node.get("calledElement", "") if whole else None,
    )


def _is_asked(node: Element) -> bool:
    return kind(node) in _ASKS or _form(node) is not None


def _use(model: Model, slot: Slot) -> Iterator[Use]:
    try:
        feel = slot.read(slot.text).feel
        compiled = compile_expression(feel, functions=model.catalogue.functions)
    except Invalid:
        return  # refused already, with its own reason
    if compiled.names_used:
        yield Use(
            slot.element.get("id", ""),
            f"{slot.what} {shown(' '.join(slot.text.split()))!r}",
            compiled.names_used,
            frozenset() if slot.where == "callee" else _seen(model, slot),
            facts=slot.where == "asking",
            callee=slot.element.get("calledElement") if slot.where == "callee" else None,
        )


def _seen(model: Model, slot: Slot) -> frozenset[str]:
    """Return the names beside the process's own that the expression of `slot` sees."""
    node = slot.element
    around = frozenset().union(*(_of_activity(each) for each in _activities_around(model, node) if each is not node))
    if slot.where == "loop":
        return around
    if slot.where == "input":
        return around | _of_loop(node)
    return around | _of_activity(node) | (_COUNTS if slot.where == "counting" else frozenset())


def local_names(model: Model, node: Element) -> frozenset[str]:
    """Return the names that `node` sees beside those of its process: items, counters and inputs around it."""
    return frozenset().union(*(_of_activity(each) for each in _activities_around(model, node)))


def _activities_around(model: Model, node: Element) -> Iterator[Element]:
    """Yield the activities whose own names reach `node`: itself, what it sits on, and those it lies within."""
    attached = model.by_id.get(node.get("attachedToRef", ""))
    for at in (node, *(() if attached is None else (attached,)), *node.iterancestors()):
        if kind(at) in ACTIVITIES:
            yield at


def _of_activity(node: Element) -> frozenset[str]:
    return _of_loop(node) | frozenset(_parameters(node, "inputParameter"))


def _of_loop(node: Element) -> frozenset[str]:
    found = set()
    for loop in children(node, *_LOOPS):
        found.add("loopCounter")
        found.add(extension(loop, "elementVariable") or "")
        found.update(item.get("name") or item.get("id") or "" for item in children(loop, *_ITEMS))
    return frozenset(filter(None, found))


def _parameters(node: Element, tag: str) -> Iterator[str]:
    for holder in extension_elements(node, "inputOutput"):
        for parameter in holder.iterchildren("{*}" + tag):
            yield from filter(None, (parameter.get("name"),))


def _set_by(node: Element) -> Iterator[str]:
    yield from filter(None, (extension(node, "resultVariable"),))
    yield from _parameters(node, "outputParameter")
    for mapping in extension_elements(node, "out"):
        yield from filter(None, (mapping.get("target"),))
    for loop in children(node, *_LOOPS):
        yield from filter(None, map(text_of, children(loop, "loopDataOutputRef")))


def _asking(model: Model, node: Element) -> Asking:
    # A start event's answers come before there is any variable.
    local = frozenset() if kind(node) == "startEvent" else local_names(model, node)
    return Asking(node.get("id", ""), _form(node), local)


def _form(node: Element) -> str | None:
    if kind(node) not in (*_ASKS, "startEvent"):
        return None
    written = extension(node, "formRef") or extension(node, "formKey")
    return written.rpartition(":")[2].removesuffix(".form") if written else None


def _operation(node: Element) -> str | None:
    if kind(node) in ("serviceTask", "sendTask"):
        return extension(node, "topic") or properties(node).get("operation")
    return properties(node).get("record") if kind(node) in (*_ASKS, "startEvent") else None


def _spread(node: Element) -> str | None:
    """Return the decision whose outputs become variables each."""
    if kind(node) == "businessRuleTask" and not extension(node, "resultVariable"):
        return extension(node, "decisionRef") or None
    return None


def _call(model: Model, node: Element) -> Call:
    into = list(extension_elements(node, "in"))
    return Call(
        callee=node.get("calledElement", ""),
        into=frozenset(filter(None, (mapping.get("target") for mapping in into))),
        all_in=any(mapping.get("variables") for mapping in into),
        local=local_names(model, node),
    )


def _messages(model: Model, node: Element) -> Iterator[str]:
    for definition in (node, *event_definitions(node)):
        message = model.by_id.get(definition.get("messageRef", ""))
        if message is not None and message.get("name"):
            yield message.get("name", "")
