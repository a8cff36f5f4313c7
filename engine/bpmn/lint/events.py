"""Check events: only those that happen as drawn are let through, each with what it needs."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.lint.findings import Finding
from engine.bpmn.lint.model import (
    ACTIVITIES,
    SUBPROCESSES,
    Element,
    Model,
    event_definitions,
    event_kinds,
    interrupts,
    kind,
)
from engine.errors import shown

_RUNS = {
    "startEvent": ("", "message"),
    "endEvent": ("", "message", "error", "escalation", "terminate"),
    "intermediateCatchEvent": ("message", "timer"),
    "intermediateThrowEvent": ("", "message", "escalation"),
    "boundaryEvent": ("message", "timer", "error", "escalation"),
}
_THROWS_NOTHING = ("userTask", "manualTask", "receiveTask", "sendTask")
_ADVICE = {
    "signal": "draw a message, which names who waits for it",
    "link": "draw the sequence flow itself, or a call activity",
    "compensate": "draw the tasks that undo the work after an exclusive gateway",
    "compensation": "draw the tasks that undo the work after an exclusive gateway",
    "conditional": "draw a message, or ask a decision at the step where it matters",
    "cancel": "draw an error end event and catch it on the sub-process's edge",
    "timer": "draw a timer event inside the process, after a plain start event",
    "error": "draw it on the edge of the activity that may fail",
    "escalation": "draw it on the edge of the activity that may escalate",
    "": "choose what it waits for: a message or a timer",
}
_START_ADVICE = {
    "timer": "start it with a message or by a person; the nightly check may start it too",
    "signal": "start it with a message or by a person",
}


def check_events(model: Model) -> Iterator[Finding]:
    """Refuse the events SpiffWorkflow passes over in silence, and any other the engine does not run."""
    for event in model.nodes(*_RUNS):
        kinds = event_kinds(event)
        if len(kinds) > 1:
            yield model.error(event, "the event has several definitions", "draw one event for each")
            continue
        yield from _event(model, event, kinds[0] if kinds else "")


def _event(model: Model, event: Element, what: str) -> Iterator[Finding]:
    holder = event.getparent()
    if what not in _RUNS[kind(event)]:
        advice = _START_ADVICE.get(what) if kind(event) == "startEvent" else None
        article = "an" if what.startswith("e") else "a"
        shown = f"{article} {what or 'plain'} {_called(event)} does not run as drawn"
        yield model.error(event, shown, advice or _ADVICE.get(what, "draw another event"))
    elif kind(event) == "startEvent" and what and holder is not None and kind(holder) in SUBPROCESSES:
        yield model.error(event, f"a sub-process cannot start by a {what}", "draw a plain start event")


def _called(event: Element) -> str:
    words = {"startEvent": "start", "endEvent": "end", "boundaryEvent": "boundary"}
    return f"{words.get(kind(event), 'intermediate')} event"


def check_boundaries(model: Model) -> Iterator[Finding]:
    """Refuse boundary events where they cannot happen."""
    for event in model.nodes("boundaryEvent"):
        host = model.by_id.get(event.get("attachedToRef", ""))
        kinds = event_kinds(event)
        if host is None or len(kinds) != 1:
            continue
        if kind(host) not in ACTIVITIES:
            yield model.error(event, f"it sits on a <{kind(host)}>", "put it on a task, sub-process or call activity")
        elif kinds == ["error"] and not interrupts(event):
            yield model.error(event, "an error always interrupts, and this event does not", "make it interrupting")
        elif kinds[0] in ("error", "escalation") and kind(host) in _THROWS_NOTHING:
            yield model.notice(event, f"nothing in a <{kind(host)}> throws an {kinds[0]}", "remove the event")
        elif kinds[0] in ("timer", "message") and kind(host) in ("serviceTask", "businessRuleTask", "sendTask"):
            yield model.notice(event, f"a <{kind(host)}> is done at once, so this never happens", "remove the event")


def check_messages(model: Model) -> Iterator[Finding]:
    """Refuse messages without a name, and two starts by the same one."""
    for event in model.nodes(*_RUNS):
        for definition in event_definitions(event):
            if kind(definition) == "messageEventDefinition":
                yield from _message(model, event, definition)
    for task in model.nodes("receiveTask"):
        yield from _message(model, task, task)
        if task.get("instantiate") == "true":
            yield model.error(task, "a receive task cannot start a process", "draw a message start event")
    for process in model.executable:
        yield from _same_starts(model, process)


def _message(model: Model, event: Element, holder: Element) -> Iterator[Finding]:
    reference = holder.get("messageRef")
    if not reference:
        yield model.error(event, "it names no message", "choose the message in its properties")
        return
    name = _message_name(model, reference)
    if name is not None and not name:
        yield model.error(event, f"its message {shown(reference)!r} has no name", "name the message")
    elif name and ("${" in name or "#{" in name or name.startswith("=")):
        yield model.error(event, "its message's name is an expression", "write a fixed name")


def _message_name(model: Model, reference: str) -> str | None:
    message = model.by_id.get(reference)
    return None if message is None or kind(message) != "message" else message.get("name", "").strip()


def _same_starts(model: Model, process: Element) -> Iterator[Finding]:
    seen: set[str] = set()
    for event in process.iterchildren("*"):
        if kind(event) != "startEvent":
            continue
        for definition in event_definitions(event):
            name = _message_name(model, definition.get("messageRef", "")) or ""
            if name and name in seen:
                yield model.error(
                    event, f"the message {shown(name)!r} starts the process twice", "keep one of the two starts"
                )
            seen.add(name)


def check_codes(model: Model) -> Iterator[Finding]:
    """Refuse errors and escalations thrown without a code, since nothing could tell them apart."""
    for event in model.nodes("endEvent", "intermediateThrowEvent", "boundaryEvent"):
        for definition in event_definitions(event):
            what = kind(definition).removesuffix("EventDefinition")
            if what not in ("error", "escalation"):
                continue
            reference = definition.get(f"{what}Ref")
            target = model.by_id.get(reference or "")
            if reference is None and kind(event) != "boundaryEvent":
                yield model.error(event, f"it names no {what}", f"choose the {what} in its properties")
            elif target is not None and not target.get(f"{what}Code"):
                yield model.error(event, f"its {what} {shown(reference)!r} has no code", f"give the {what} a code")
