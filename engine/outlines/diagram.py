"""One diagram opened to be changed: its elements by id, and how others are put beside them and taken away."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from engine.bpmn.lint.findings import Catalogue
from engine.bpmn.lint.model import BPMN, EXTENSIONS, NODES, SUBPROCESSES, Element, Model, Scope, children, kind
from engine.errors import Invalid, NotFound
from engine.xml import parse_untrusted

CAMUNDA = EXTENSIONS[0]
_FIRST = ("documentation", "extensionElements", "auditing", "monitoring", "incoming", "outgoing")
_NO_LETTER = re.compile(r"[^a-z0-9]+")
_LONGEST_ID = 60


class Diagram:
    """A BPMN file. Raises `Invalid` for one that cannot be read, or holds no process that runs."""

    def __init__(self, source: bytes, *, name: str) -> None:
        self.name = name
        self.root = parse_untrusted(source, name, keep_comments=True)
        self.model = Model(self.root, name=name, catalogue=Catalogue())
        if not self.model.executable:
            raise Invalid(f"{name}: it holds no process that can be run", file=name)

    def save(self) -> bytes:
        """Return the file."""
        return etree.tostring(self.root.getroottree(), xml_declaration=True, encoding="UTF-8")

    def element(self, element_id: str) -> Element:
        """Return the element with an id. Raises `NotFound`."""
        found = next((each for each in self.root.iter("*") if each.get("id") == element_id and kind(each)), None)
        if found is None:
            raise NotFound("There is no such step in the diagram any more", element=element_id)
        return found

    def node(self, element_id: str) -> Element:
        """Return the step with an id. Raises `NotFound`."""
        found = self.element(element_id)
        if kind(found) not in NODES:
            raise NotFound("There is no such step in the diagram any more", element=element_id)
        return found

    def flow(self, element_id: str) -> Element:
        """Return the sequence flow with an id. Raises `NotFound`."""
        found = self.element(element_id)
        if kind(found) != "sequenceFlow":
            raise NotFound("There is no such way in the diagram any more", element=element_id)
        return found

    def scope(self, node: Element) -> Scope:
        """Return the process or sub-process that holds a step or a flow, as it is now."""
        holder = node.getparent()
        if holder is None:
            raise NotFound("There is no such step in the diagram any more")
        return Scope(holder)

    def scopes(self) -> Iterator[Scope]:
        """Yield the processes that run, and their sub-processes, as they are now."""
        for process in children(self.root, "process"):
            if process.get("isExecutable") == "true":
                for element in process.iter("*"):
                    if element is process or kind(element) in SUBPROCESSES:
                        yield Scope(element)

    def new_id(self, words: str) -> str:
        """Return an id that nothing has, made of `words`: `Ask the school` becomes `ask_the_school`."""
        base = _NO_LETTER.sub("_", words.lower()).strip("_")[:_LONGEST_ID] or "step"
        base = base if base[0].isalpha() else f"step_{base}"
        taken = {each.get("id") for each in self.root.iter("*")}
        number, name = 1, base
        while name in taken:
            number += 1
            name = f"{base}_{number}"
        return name


def make(holder: Element, what: str, **attributes: str) -> Element:
    """Put a new BPMN element at the end of `holder`, indented as what stands there."""
    made = etree.Element(f"{BPMN}{what}", nsmap=None)
    for name, value in attributes.items():
        made.set(name, value)
    put(holder, made)
    return made


def make_early(holder: Element, what: str, text: str) -> Element:
    """Put a new element with a text where BPMN wants it: `documentation` first, then extensions, then flows."""
    made = etree.Element(f"{BPMN}{what}")
    made.text = text or None
    before = _FIRST[: _FIRST.index(what) + 1]
    last = [number for number, child in enumerate(holder) if kind_or_comment(child) in before]
    put(holder, made, at=last[-1] + 1 if last else 0)
    return made


def kind_or_comment(element: Element) -> str:
    """Return the BPMN name of an element, nothing for comments and other languages."""
    return kind(element) if isinstance(element.tag, str) else ""


def put(holder: Element, child: Element, *, at: int | None = None) -> None:
    """Put a child into `holder` at a place, else at the end; blank space between lines is kept even."""
    place = len(holder) if at is None else at
    if not len(holder):
        outer = _indent_of(holder)
        holder.text, child.tail = (outer + "  ", outer) if outer else (None, None)
    elif place == len(holder):
        last = holder[-1]
        child.tail, last.tail = last.tail, holder.text if not (holder.text or "").strip() else last.tail
    else:
        child.tail = holder.text if place == 0 or not (holder.text or "").strip() else holder[place - 1].tail
    holder.insert(place, child)


def _indent_of(element: Element) -> str:
    """Return the line break and blank space in front of an element."""
    before, around = element.getprevious(), element.getparent()
    text = before.tail if before is not None else around.text if around is not None else None
    return text if text and not text.strip() else ""


def take_away(element: Element) -> None:
    """Take an element out, with the blank space after it."""
    holder, before = element.getparent(), element.getprevious()
    if holder is None:
        return
    if element.getnext() is None:
        if before is not None:
            before.tail = element.tail
        else:
            holder.text = None
    holder.remove(element)
