"""A diagram in other words: names and documentation are reworded, what runs stays the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from lxml import etree

from engine.bpmn.case_starts import OPENS, WORDS
from engine.bpmn.catalogue import BPMN, ElementInfo
from engine.bpmn.definitions import ProcessDefinition
from engine.xml import parse_untrusted

Say = Callable[[str], str]


def reworded(definition: ProcessDefinition, say: Say) -> ProcessDefinition:
    """Return `definition` with its names, documentation and the words of its buttons put through `say`."""
    family = {key: _elements(elements, say) for key, elements in definition.family.items()}
    shown = (OPENS, WORDS)
    properties = {name: say(text) if name in shown else text for name, text in definition.properties.items()}
    return replace(
        definition,
        name=say(definition.name),
        documentation=_maybe(definition.documentation, say),
        elements=family[definition.key],
        family=family,
        properties=properties,
    )


def reworded_drawing(source: bytes, say: Say, *, name: str) -> bytes:
    """Return a BPMN file with its names, documentation and notes put through `say`. Raises `Invalid` for no XML."""
    root = parse_untrusted(source, name)
    for element in root.iter(f"{BPMN}*"):
        shown = element.get("name")
        if shown is not None:
            element.set("name", say(shown))
        if element.tag in (f"{BPMN}documentation", f"{BPMN}text") and element.text:
            element.text = say(element.text)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _elements(elements: Mapping[str, ElementInfo], say: Say) -> Mapping[str, ElementInfo]:
    return {
        id_: replace(each, name=_maybe(each.name, say), documentation=_maybe(each.documentation, say))
        for id_, each in elements.items()
    }


def _maybe(text: str | None, say: Say) -> str | None:
    return None if text is None else say(text)
