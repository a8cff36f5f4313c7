"""Check diagrams that people start, on a case or to open one: the words, who may, the form of the start event."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.bpmn.case_starts import (
    OFFERED_WHEN,
    ONE_AT_A_TIME,
    OPENS,
    PATHWAY,
    PROPERTIES,
    STARTERS,
    WORDS,
    starters,
)
from engine.bpmn.lint.activities import check_form, check_record
from engine.bpmn.lint.findings import Finding
from engine.bpmn.lint.model import Element, Model, children, event_kinds, extension, properties
from engine.casework.facts import FACTS
from engine.errors import shown

_CHOICES = ("yes", "no")
_COUNTS = frozenset({"open_actions", "overdue_actions", "reviews_held"})
_GIVEN = frozenset({"lead_professional", "consent"})
_SWITCHES = frozenset(name for name, kind in FACTS.items() if kind == "boolean") | _COUNTS | _GIVEN
_KEY = re.compile(r"[a-z][a-z0-9_]*")


def check_case_starts(model: Model) -> Iterator[Finding]:
    """Refuse a start on a case that nobody could make, or whose form would never be shown."""
    for process in model.executable:
        said = properties(process)
        startable = bool(said.get(WORDS, "").strip())
        if startable:
            yield from _starters(model, process, said)
            yield from _offered_when(model, process, said)
            if not _plain_starts(process):
                what = "it is to be started on a case, and has no plain start event"
                yield model.error(process, what, "draw a start event without a message or timer")
        elif any(name in said for name in PROPERTIES):
            what = f"{WORDS} does not say the words of the button"
            yield model.error(process, what, "write them, or remove the other properties")
        if said.get(ONE_AT_A_TIME, "no") not in _CHOICES:
            yield model.error(process, f"{ONE_AT_A_TIME} is {shown(said[ONE_AT_A_TIME])!r}", "write yes or no")
        if OPENS in said or PATHWAY in said:
            yield from _opening(model, process, said)
        for event in model.nodes("startEvent"):
            if _process_of(event) is process:
                yield from _start_event(model, event, shown=startable and event in _plain_starts(process))


def _starters(model: Model, process: Element, said: dict[str, str]) -> Iterator[Finding]:
    named, known = starters(said), model.catalogue.starters
    if not named:
        yield model.error(process, f"{STARTERS} names nobody", "list who may start it, such as lead, coordinator")
    for name in sorted(named - known) if known is not None else ():
        yield model.error(process, f"{STARTERS} names {shown(name)!r}", f"choose of: {', '.join(sorted(known or ()))}")


def _offered_when(model: Model, process: Element, said: dict[str, str]) -> Iterator[Finding]:
    if said.get(OFFERED_WHEN, "plan_agreed").strip() not in _SWITCHES:
        kinds = "is yes or no, counts something, or is there or not"
        advice = f"name a fact that {kinds}: {', '.join(sorted(_SWITCHES))}"
        yield model.error(process, f"{OFFERED_WHEN} is {shown(said[OFFERED_WHEN])!r}", advice)


def _opening(model: Model, process: Element, said: dict[str, str]) -> Iterator[Finding]:
    if not said.get(OPENS, "").strip():
        what = f"{OPENS} does not say the words to begin a case with"
        yield model.error(process, what, f"write them beside {PATHWAY}")
    if not _KEY.fullmatch(said.get(PATHWAY, "").strip()):
        what = f"{PATHWAY} is {shown(said.get(PATHWAY, ''))!r}"
        yield model.error(process, what, "write a short key for such cases: small letters, digits and _, such as caf")
    if not _plain_starts(process):
        what = "it is to open a case, and has no plain start event"
        yield model.error(process, what, "draw a start event without a message or timer")


def _start_event(model: Model, event: Element, *, shown: bool) -> Iterator[Finding]:
    form = extension(event, "formRef") or extension(event, "formKey")
    if not shown and (form or properties(event).get("record")):
        what = "its form and record are never used: people do not start it on a case"
        yield model.error(event, what, f"give the process the property {WORDS}, or put the form on a user task")
        return
    if properties(event).get("record") and not form:
        yield model.error(event, "it records answers, and asks nothing", "set its form")
    yield from check_form(model, event)
    yield from check_record(model, event)


def _plain_starts(process: Element) -> list[Element]:
    return [start for start in children(process, "startEvent") if not event_kinds(start)]


def _process_of(event: Element) -> Element | None:
    at = event.getparent()
    while at is not None and not str(at.tag).endswith("}process"):
        at = at.getparent()
    return at
