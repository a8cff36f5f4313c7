"""Read what an event is about from its XML."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lxml import etree
from SpiffWorkflow.bpmn.specs.event_definitions import (
    CancelEventDefinition,
    ErrorEventDefinition,
    EscalationEventDefinition,
    MessageEventDefinition,
    NoneEventDefinition,
    SignalEventDefinition,
    TerminateEventDefinition,
)
from SpiffWorkflow.bpmn.specs.event_definitions.base import EventDefinition

from engine.bpmn.catalogue import BPMN, ElementInfo, local_name
from engine.bpmn.events import TimerDefinition
from engine.bpmn.expressions import read_time
from engine.bpmn.timers import is_iso
from engine.errors import shown

if TYPE_CHECKING:
    from engine.bpmn.parser import DiagramParser

_CATCHES = frozenset({"message", "signal", "timer"})
_ALLOWED = {
    "startEvent": _CATCHES, "intermediateCatchEvent": _CATCHES, "receiveTask": frozenset({"message"}),
    "boundaryEvent": _CATCHES | {"error", "escalation", "cancel"}, "sendTask": frozenset({"message"}),
    "intermediateThrowEvent": frozenset({"message", "signal", "escalation"}),
    "endEvent": frozenset({"message", "signal", "escalation", "error", "terminate", "cancel"}),
}
_MUST_HAVE = frozenset({"intermediateCatchEvent", "boundaryEvent", "receiveTask"})


def read_event_definition(node: etree._Element, info: ElementInfo, parser: DiagramParser) -> EventDefinition:
    """Return what the event waits for or throws. Raises `Invalid` for what is not supported."""
    found = [child for child in node if local_name(child).endswith("EventDefinition")]
    if not found and node.get("messageRef"):
        found = [node]
    if not found:
        if info.kind in _MUST_HAVE:
            raise parser.reader.refusal(info.id, f"a {info.kind} must say what it waits for")
        return NoneEventDefinition()
    if len(found) > 1:
        raise parser.reader.refusal(info.id, "an event can be about one thing only; draw one event for each")
    kind = "message" if found[0] is node else local_name(found[0]).removesuffix("EventDefinition")
    if kind not in _ALLOWED[info.kind]:
        raise parser.reader.refusal(info.id, f"a {info.kind} for a {kind} is not supported")
    return _READERS[kind](found[0], info, parser)


def _message(node: etree._Element, info: ElementInfo, parser: DiagramParser) -> EventDefinition:
    return MessageEventDefinition(_named(node.get("messageRef"), parser.messages, info, "message", parser))


def _signal(node: etree._Element, info: ElementInfo, parser: DiagramParser) -> EventDefinition:
    return SignalEventDefinition(_named(node.get("signalRef"), parser.signals, info, "signal", parser))


def _named(
    reference: str | None, names: dict[str, str | None], info: ElementInfo, kind: str, parser: DiagramParser
) -> str:
    name = names.get(reference) if reference else None
    if not name:
        raise parser.reader.refusal(info.id, f"it does not name a {kind} of this file; choose one and give it a name")
    return name


def _error(node: etree._Element, info: ElementInfo, parser: DiagramParser) -> EventDefinition:
    code = _code(node.get("errorRef"), parser.errors, "error_code", info, parser)
    if code is None and info.kind == "endEvent":
        raise parser.reader.refusal(info.id, "an error end needs an error with a code")
    return ErrorEventDefinition(info.name or info.id, code)


def _escalation(node: etree._Element, info: ElementInfo, parser: DiagramParser) -> EventDefinition:
    code = _code(node.get("escalationRef"), parser.escalations, "escalation_code", info, parser)
    return EscalationEventDefinition(info.name or info.id, code)


def _code(
    reference: str | None, table: dict[str, dict[str, str | None]], field: str, info: ElementInfo, parser: DiagramParser
) -> str | None:
    if not reference:
        return None
    if reference not in table:
        raise parser.reader.refusal(info.id, f"it refers to {shown(reference)!r}, which is not in this file")
    return table[reference][field] or table[reference]["name"]


def _timer(node: etree._Element, info: ElementInfo, parser: DiagramParser) -> EventDefinition:
    for tag in ("timeDate", "timeDuration", "timeCycle"):
        rule = node.find(f"{BPMN}{tag}")
        text = "" if rule is None else "".join(map(str, rule.itertext())).strip()
        if text:
            name, repeats = info.name or info.id, tag == "timeCycle"
            if is_iso(text):
                # Kept as text: FEEL cannot tell 24 hours (absolute) from one day (the same time tomorrow).
                return TimerDefinition(name, text, repeats=repeats)
            feel = parser.catalogue.feel(text, info.id, "timer", read_time)
            return TimerDefinition(name, parser.reader.compile(feel, info.id, "timer"), repeats=repeats)
    raise parser.reader.refusal(info.id, "the timer has no date, duration or cycle")


def _plain(definition: type[EventDefinition]) -> Callable[..., EventDefinition]:
    return lambda _node, _info, _parser: definition()


_READERS: dict[str, Callable[[etree._Element, ElementInfo, DiagramParser], EventDefinition]] = {
    "message": _message, "signal": _signal, "error": _error, "escalation": _escalation, "timer": _timer,
    "terminate": _plain(TerminateEventDefinition), "cancel": _plain(CancelEventDefinition),
}
