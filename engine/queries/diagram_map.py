"""Which diagram is the main one, which call which, and what sets each going: a map of what is in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from engine.bpmn import ProcessDefinition, case_opening, case_start
from engine.casework.permissions import Actor
from engine.process_engine import ProcessEngine
from engine.queries.definitions import Deployed, require_designer
from engine.queries.view import View, viewing
from engine.queries.words import listed
from engine.store import definitions as stored

COMMON_ASSESSMENT = "caf"
"""The pathway whose diagram stands first: the others begin without the common assessment."""


def diagram_map(engine: ProcessEngine, *, actor: Actor, found: Sequence[Deployed]) -> dict[UUID, str]:
    """Return a line for each diagram in `found` (the newest versions) on what sets it going, the main diagram first.

    After the main one come those it calls, and theirs, then the other ways to begin a case, then the rest by name.
    Raises `NotPermitted`.
    """
    require_designer(actor)
    with viewing(engine, actor) as view:
        diagrams = {each.key: view.process(each.definition_id) for each in found if each.kind == "process"}
        ids = {each.key: each.definition_id for each in found if each.kind == "process"}
        named = _named_by_rules(view, [each for each in found if each.kind == "rules"], diagrams)
    return {ids[key]: _what_starts(key, diagrams, named.get(key, ())) for key in _in_order(diagrams)}


def _in_order(diagrams: Mapping[str, ProcessDefinition]) -> list[str]:
    def rank(key: str) -> tuple[bool, bool, str]:
        opening = case_opening(diagrams[key])
        return opening is None or opening.pathway != COMMON_ASSESSMENT, opening is None, diagrams[key].name.casefold()

    ordered: dict[str, None] = {}
    for key in sorted(diagrams, key=rank):
        waiting = [key]
        while waiting:
            each = waiting.pop(0)
            if each not in ordered:
                ordered[each] = None
                # A diagram that begins by itself stands where its name puts it.
                if case_opening(diagrams[each]) is not None or each != key:
                    waiting += sorted(diagrams[each].calls & diagrams.keys(), key=lambda one: diagrams[one].name)
    return list(ordered)


def _named_by_rules(view: View, rules: Iterable[Deployed], keys: Iterable[str]) -> dict[str, list[str]]:
    named: dict[str, list[str]] = {}
    texts = {each.name: stored.load(view.connection, each.definition_id).source for each in rules}
    for key in keys:
        quoted = f'<text>"{key}"</text>'.encode()
        named[key] = [name for name, text in texts.items() if quoted in text]
    return named


def _awaited(diagram: ProcessDefinition) -> list[str]:
    """Return the names of the start events that wait for a message from another diagram or from the record."""
    return sorted({f"“{diagram.elements[each].name or each}”" for each in diagram.message_starts.values()})


def _what_starts(key: str, diagrams: Mapping[str, ProcessDefinition], rules: Sequence[str]) -> str:
    """Say in one line who or what sets a diagram going."""
    diagram = diagrams[key]
    opening, start = case_opening(diagram), case_start(diagram)
    callers = sorted(each.name for each in diagrams.values() if key in each.calls and each is not diagram)
    said = [
        f"Begins a case: {opening.words}" if opening else "",
        f"Called by {listed([f'“{name}”' for name in callers])}" if callers else "",
        f"Started by the rules “{'”, “'.join(rules)}”" if rules else "",
        f"People start it on a case: {start.words}" if start else "",
        f"Begins by itself: {awaited}" if (awaited := listed(_awaited(diagram), "or")) else "",
    ]
    lines = [each for each in said if each]
    return ". ".join(lines) + "." if lines else "No other diagram or rule names it."
