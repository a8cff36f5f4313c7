"""A BPMN file laid out for checking: its executable processes, their scopes, nodes and flows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from lxml import etree

from engine.bpmn.lint.findings import Catalogue, Finding, Severity

Element = etree._Element

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
EXTENSIONS = ("{http://camunda.org/schema/1.0/bpmn}", "{http://operaton.org/schema/1.0/bpmn}")

TASKS = frozenset(
    {
        "task", "userTask", "manualTask", "serviceTask", "businessRuleTask", "sendTask", "receiveTask", "scriptTask",
    }
)
SUBPROCESSES = frozenset({"subProcess", "transaction", "adHocSubProcess"})
ACTIVITIES = TASKS | SUBPROCESSES | {"callActivity"}
GATEWAYS = frozenset(
    {"exclusiveGateway", "parallelGateway", "inclusiveGateway", "complexGateway", "eventBasedGateway"}
)
EVENTS = frozenset(
    {"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"}
)
NODES = ACTIVITIES | GATEWAYS | EVENTS


def kind(element: Element) -> str:
    """Return the BPMN name of `element` (`userTask`), or nothing for an element of another language."""
    tag = element.tag
    return tag[len(BPMN) :] if isinstance(tag, str) and tag.startswith(BPMN) else ""


def local(name: str) -> str:
    """Return an XML name without its namespace."""
    return name.rpartition("}")[2]


def children(element: Element, *names: str) -> Iterator[Element]:
    """Yield the BPMN children of `element` called any of `names`."""
    return element.iterchildren(*(BPMN + name for name in names))


def text_of(element: Element | None) -> str:
    """Return all the text inside `element`, without the space around it."""
    return "" if element is None else "".join(element.itertext()).strip()


def extension(element: Element, name: str) -> str | None:
    """Return the Camunda or Operaton attribute `name` of `element`."""
    for space in EXTENSIONS:
        value = element.get(space + name)
        if value is not None:
            return value
    return None


def extension_elements(element: Element, *names: str) -> Iterator[Element]:
    """Yield the Camunda or Operaton elements among `element`'s extensions, called any of `names` when given."""
    for holder in children(element, "extensionElements"):
        for child in holder.iterchildren("*"):
            tag = str(child.tag)
            if tag.startswith(EXTENSIONS) and (not names or local(tag) in names):
                yield child


def properties(element: Element) -> dict[str, str]:
    """Return the Camunda properties of `element`: name to value."""
    found: dict[str, str] = {}
    for holder in extension_elements(element, "properties"):
        for child in holder.iterchildren("*"):
            found[child.get("name", "")] = child.get("value", "")
    return found


def event_definitions(event: Element) -> list[Element]:
    """Return the event definitions of `event`, references to shared ones included."""
    return [child for child in event.iterchildren("*") if "ventDefinition" in kind(child)]


def event_kinds(event: Element) -> list[str]:
    """Return what makes `event` happen: `timer`, `message`, ...; nothing for a plain event."""
    return [kind(definition).removesuffix("EventDefinition") for definition in event_definitions(event)]


def interrupts(boundary: Element) -> bool:
    """Tell whether a boundary event ends the activity it sits on."""
    return boundary.get("cancelActivity", "true").strip().lower() in ("true", "1")


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """A sequence flow whose two ends are nodes of its own scope."""

    element: Element
    source: Element
    target: Element

    @property
    def condition(self) -> Element | None:
        """Return the flow's condition element."""
        return next(children(self.element, "conditionExpression"), None)


class Scope:
    """A process or sub-process with the nodes and flows directly inside it."""

    def __init__(self, element: Element) -> None:
        self.element = element
        self.nodes = [child for child in element.iterchildren("*") if kind(child) in NODES]
        self.by_id = {node.get("id", ""): node for node in reversed(self.nodes)}
        self.flow_elements = list(children(element, "sequenceFlow"))
        self.flows = list(self._whole_flows())
        self._leaving: dict[Element, list[Flow]] = {}
        self._entering: dict[Element, list[Flow]] = {}
        for flow in self.flows:
            self._leaving.setdefault(flow.source, []).append(flow)
            self._entering.setdefault(flow.target, []).append(flow)

    def _whole_flows(self) -> Iterator[Flow]:
        for element in self.flow_elements:
            source, target = (self.by_id.get(element.get(end, "")) for end in ("sourceRef", "targetRef"))
            if source is not None and target is not None:
                yield Flow(element, source, target)

    def of_kind(self, *kinds: str) -> list[Element]:
        """Return the nodes of any of `kinds`."""
        return [node for node in self.nodes if kind(node) in kinds]

    def leaving(self, node: Element) -> list[Flow]:
        """Return the flows that leave `node`, as drawn."""
        return self._leaving.get(node, [])

    def entering(self, node: Element) -> list[Flow]:
        """Return the flows that enter `node`."""
        return self._entering.get(node, [])

    @cached_property
    def boundaries(self) -> Mapping[str, list[Element]]:
        """Return the boundary events, by the id of the activity they sit on."""
        found: dict[str, list[Element]] = {}
        for event in self.of_kind("boundaryEvent"):
            found.setdefault(event.get("attachedToRef", ""), []).append(event)
        return found

    def next_nodes(self, node: Element) -> list[Element]:
        """Return what a token at `node` may reach in one move, boundary events included."""
        return [*self.boundaries.get(node.get("id", ""), ()), *(flow.target for flow in self.leaving(node))]


class Model:
    """One BPMN file, with the catalogue it is checked against; makes findings that name elements."""

    def __init__(self, root: Element, *, name: str, catalogue: Catalogue) -> None:
        self.root = root
        self.name = name
        self.catalogue = catalogue
        self.processes = list(children(root, "process"))
        self.executable = [process for process in self.processes if process.get("isExecutable") == "true"]
        self.scopes = [
            Scope(element)
            for process in self.executable
            for element in process.iter("*")
            if element is process or kind(element) in SUBPROCESSES
        ]
        self.by_id: dict[str, Element] = {}
        for element in root.iter("*"):
            if kind(element) and element.get("id"):
                self.by_id.setdefault(element.get("id", ""), element)

    def nodes(self, *kinds: str) -> Iterator[Element]:
        """Yield the nodes of the executable processes, those of `kinds` when given."""
        for scope in self.scopes:
            for node in scope.nodes:
                if not kinds or kind(node) in kinds:
                    yield node

    def error(self, element: Element, what: str, advice: str) -> Finding:
        """Return a finding that refuses the file."""
        return self._finding(element, what, advice, "error")

    def notice(self, element: Element, what: str, advice: str) -> Finding:
        """Return a finding that the designer should know, and that refuses nothing."""
        return self._finding(element, what, advice, "notice")

    def _finding(self, element: Element, what: str, advice: str, severity: Severity) -> Finding:
        return Finding(self.name, _nearest_id(element), what, advice, severity)


def _nearest_id(element: Element) -> str:
    """Return the id of `element`, or of what holds it; an event's definition is known by its event."""
    at: Element | None = element
    while at is not None:
        if at.get("id") and "ventDefinition" not in local(str(at.tag)):
            return str(at.get("id"))
        if kind(at) in ("definitions", "process"):
            return kind(at)
        at = at.getparent()
    return local(str(element.tag))
