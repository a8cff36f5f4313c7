"""Check timers: one rule each, of the kind its field is for, and cycles only where they repeat as drawn."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.expressions import read_time
from engine.bpmn.iso_times import iso_kind
from engine.bpmn.lint.findings import Finding
from engine.bpmn.lint.model import Element, Model, children, event_definitions, interrupts, kind, text_of
from engine.bpmn.lint.slots import TIMES
from engine.errors import Invalid, shown

_WANTED = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}
_EXAMPLE = {
    "date": "a date (2026-06-04T09:00:00)",
    "duration": "a duration (P10D)",
    "cycle": "a cycle (R3/PT1H)",
}


def check_timers(model: Model) -> Iterator[Finding]:
    """Refuse timers without one clear rule, and cycles where SpiffWorkflow does not repeat them."""
    for event in model.nodes("intermediateCatchEvent", "boundaryEvent"):
        for definition in event_definitions(event):
            if kind(definition) == "timerEventDefinition":
                yield from _timer(model, event, definition)


def _timer(model: Model, event: Element, definition: Element) -> Iterator[Finding]:
    rules = [rule for rule in children(definition, *TIMES) if text_of(rule)]
    if len(rules) != 1:
        what = f"the timer has {len(rules)} rules" if rules else "the timer does not say when"
        yield model.error(event, what, "write one date, duration or cycle")
        return
    field = kind(rules[0])
    if field == "timeCycle" and kind(event) == "intermediateCatchEvent":
        yield model.error(
            event, "a cycle would let one token through each time", "write a duration, and draw the loop with a gateway"
        )
    elif field == "timeCycle" and interrupts(event):
        yield model.error(
            event, "a cycle cannot repeat on an event that interrupts", "make it non-interrupting, or write a duration"
        )
    yield from _written_as(model, event, field, text_of(rules[0]))


def _written_as(model: Model, event: Element, field: str, text: str) -> Iterator[Finding]:
    try:
        written = iso_kind(read_time(text).feel)
    except Invalid:
        return
    if written and written != _WANTED[field]:
        is_ = _EXAMPLE[written].partition(" (")[0]
        what = f"{shown(text)!r} is {is_}, written where {_EXAMPLE[_WANTED[field]]} belongs"
        yield model.error(event, what, f"change the timer's type to {written}, or the text")
