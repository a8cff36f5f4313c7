"""What requires what in a file: the arrows of its diagram, resolved to elements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.dmn.source import Element, Place, children, name_of, tag, variable_name
from engine.errors import Invalid, shown

if TYPE_CHECKING:
    from engine.dmn.model import DecisionModel

KINDS = {
    "inputData": "input", "decision": "decision", "businessKnowledgeModel": "function", "decisionService": "function",
}
WORDS = {
    "inputData": "input data", "decision": "decision", "businessKnowledgeModel": "knowledge model",
    "decisionService": "decision service",
}
ARROWS = {"requiredInput": ("inputData",), "requiredDecision": ("decision",),
          "requiredKnowledge": ("businessKnowledgeModel", "decisionService")}
SERVICE_PARTS = {"outputDecision": ("decision",), "encapsulatedDecision": ("decision",),
                 "inputDecision": ("decision",), "inputData": ("inputData",)}


@dataclass(frozen=True, slots=True)
class Reference:
    """An element meant by an `href`."""

    kind: str
    """`input`, `decision` or `function`."""
    id: str
    name: str
    via: str | None
    """Name of the import it comes through, None for this file's own."""


class Graph:
    """Looks up the elements of one file by the hrefs that point to them."""

    def __init__(self, root: Element, file: str, imports: Mapping[str, DecisionModel]) -> None:
        self._file = file
        self._namespace = root.get("namespace") or ""
        self._imports = imports
        self.elements = {key_of(each): each for each in children(root, *KINDS)}

    def place(self, element: Element) -> Place:
        """Return the place of an element, for messages."""
        return Place(self._file, WORDS[tag(element)], name_of(element), element.get("id") or "")

    def requirements(self, element: Element) -> Iterator[Reference]:
        """Yield what the element's arrows point to. Raises `Invalid` for an arrow that leads nowhere."""
        for requirement in children(element, "informationRequirement", "knowledgeRequirement"):
            for arrow in children(requirement, *ARROWS):
                yield self.resolve(arrow, ARROWS[tag(arrow)], self.place(element))

    def parts(self, service: Element, part: str) -> list[Reference]:
        """Return what the `part` children of a decision service point to."""
        place = self.place(service)
        return [self.resolve(each, SERVICE_PARTS[part], place) for each in children(service, part)]

    def resolve(self, arrow: Element, wanted: tuple[str, ...], place: Place) -> Reference:
        """Return the element an `href` points to, which must be of one of the `wanted` tags."""
        space, _, target = (arrow.get("href") or "").rpartition("#")
        if space in ("", self._namespace):
            element = self.elements.get(target)
            if element is not None and tag(element) in wanted:
                return Reference(KINDS[tag(element)], target, variable_name(element), None)
        for via, model in self._imports.items():
            found = model.find(target) if model.namespace == space else None
            if found is not None and found[0] in {KINDS[each] for each in wanted}:
                return Reference(found[0], target, found[1], via)
        raise place.refusal(f"it requires the {WORDS[wanted[0]]} '{shown(target)}', which is not in the file")

    def doubled_names(self) -> Iterator[Invalid]:
        """Find two elements of one name: an expression that uses it could mean either."""
        seen: dict[str, Element] = {}
        for element in self.elements.values():
            name = variable_name(element)
            if name in seen:
                other = self.place(seen[name])
                yield self.place(element).refusal(f"the name is taken by the {other}; give one of them another")
            seen[name] = element

    def in_order(self) -> list[str]:
        """Return the keys of all elements, each after those it requires; refuse requirements that go in a circle."""
        done: dict[str, None] = {}
        for start in self.elements:
            if start in done:
                continue
            path: list[str] = [start]
            branches = [self._next(start)]
            while path:
                following = next(branches[-1], None)
                if following is None:
                    done[path.pop()] = None
                    branches.pop()
                elif following in path:
                    raise self._circle(path[path.index(following):])
                elif following not in done:
                    path.append(following)
                    branches.append(self._next(following))
        return list(done)

    def _next(self, key: str) -> Iterator[str]:
        element = self.elements[key]
        if tag(element) == "decisionService":
            return iter([each.id for each in self.parts(element, "outputDecision") if each.via is None])
        return iter([
            each.id for each in self.requirements(element)
            # A knowledge model may call itself; its calls are counted when it runs.
            if each.via is None and not (each.id == key and each.kind == "function")
        ])

    def _circle(self, keys: list[str]) -> Exception:
        names = " -> ".join(f"'{name_of(self.elements[key])}'" for key in [*keys, keys[0]])
        return self.place(self.elements[keys[0]]).refusal(f"its requirements go round in a circle: {names}")


def key_of(element: Element) -> str:
    """Return the element's id, or its name where the file gives none."""
    return element.get("id") or name_of(element)
