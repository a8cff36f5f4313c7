"""What a diagram says about each element and flow, read from its XML; all expressions as FEEL text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from lxml import etree

from engine.bpmn.expressions import (
    ReadExpression,
    read_assignment,
    read_candidates,
    read_condition,
    read_expression,
    read_time,
    read_value,
)
from engine.bpmn.script_environment import FormulaReader
from engine.errors import Invalid

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
MAX_NESTING = 20
CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"
GUIDANCE = "guidance"
"""The property of a user task, or of a process for all its tasks, that names a place in a guide: "steps#plan"."""
PERSONAL = "personal"
"""The property of a user task that only the person asked may answer ("yes"): nobody does it who stands in for them."""
RESTS = "rests"
"""The property of a timer that waits with the plan ("yes"): what it says within a pause is said after it."""
_NODE_ENDINGS = ("Task", "Event", "Gateway", "Process", "Activity", "task", "transaction")


@dataclass(frozen=True, slots=True)
class FlowInfo:
    """One sequence flow; `condition` is FEEL text."""

    id: str
    source: str
    target: str
    name: str | None = None
    condition: str | None = None


@dataclass(frozen=True, slots=True)
class ElementInfo:
    """One node of a diagram.

    `kind` is the BPMN element's name. Assignment, dates and priority are FEEL text. `form` is the form's key
    without suffix; `operation` a service task's topic (or property `operation`) or a user task's or start event's
    property `record`; `calls` the key of the process that a call activity calls; `message` the id of what an event
    throws or catches; `inputs` and `outputs` map names to FEEL text.
    """

    id: str
    kind: str
    process_key: str
    name: str | None = None
    documentation: str | None = None
    lane: str | None = None
    assignee: str | None = None
    candidate_groups: str | None = None
    candidate_users: str | None = None
    due_date: str | None = None
    follow_up_date: str | None = None
    priority: str | None = None
    form: str | None = None
    operation: str | None = None
    decision: str | None = None
    decision_binding: str = "latest"
    result_variable: str | None = None
    map_result: str = "resultList"
    calls: str | None = None
    message: str | None = None
    attached_to: str | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)

    @property
    def personal(self) -> bool:
        """Whether only the person asked may answer."""
        return self.properties.get(PERSONAL) == "yes"

    @property
    def rests(self) -> bool:
        """Whether a timer waits until a pause of its case is over."""
        return self.properties.get(RESTS) == "yes"


_SLOTS: Mapping[str, tuple[str, Callable[[str], ReadExpression]]] = {
    "assignee": ("assignee", read_assignment),
    "candidate_groups": ("candidateGroups", read_candidates),
    "candidate_users": ("candidateUsers", read_candidates),
    "due_date": ("dueDate", read_time),
    "follow_up_date": ("followUpDate", read_time),
    "priority": ("priority", read_expression),
}


class Catalogue:
    """The `elements` and `flows` of one process by id, embedded ones included.

    Making one raises `Invalid` naming file and element.
    """

    def __init__(self, process: etree._Element, reader: FormulaReader) -> None:
        self._process = process
        self._reader = reader
        self._key = process.get("id") or ""
        self._lanes = _lanes(process)
        self.elements = self._read_elements()
        self.flows = self._read_flows()

    def _read_elements(self) -> dict[str, ElementInfo]:
        found: dict[str, ElementInfo] = {}
        for node in flow_nodes(self._process):
            element_id = node.get("id")
            if not element_id:
                raise self._reader.refusal(self._key, f"a {local_name(node)} has no id; give it one")
            if element_id in found:
                raise self._reader.refusal(element_id, "two elements have this id; rename one")
            if sum(1 for _ in node.iterancestors(f"{BPMN}subProcess", f"{BPMN}transaction")) > MAX_NESTING:
                message = f"sub-processes are nested more than {MAX_NESTING} deep; use call activities"
                raise self._reader.refusal(element_id, message)
            found[element_id] = self._element(node, element_id)
        return found

    def _read_flows(self) -> dict[str, FlowInfo]:
        found: dict[str, FlowInfo] = {}
        for node in self._process.iter(f"{BPMN}sequenceFlow"):
            info = self._flow(node)
            if info.id in found or info.id in self.elements:
                raise self._reader.refusal(info.id, "two elements have this id; rename one")
            found[info.id] = info
        return found

    def feel(self, text: str, element_id: str, slot: str, read: Callable[[str], ReadExpression]) -> str:
        """Return the FEEL for what a slot says."""
        try:
            return read(text).feel
        except Invalid as error:
            raise self._reader.refusal(element_id, f"{slot}: {error.message}") from error

    def _element(self, node: etree._Element, element_id: str) -> ElementInfo:
        properties = properties_of(node)
        kind = local_name(node)
        slots = {name: self._slot(node, element_id, attribute, read) for name, (attribute, read) in _SLOTS.items()}
        wanted = "record" if kind in ("userTask", "manualTask", "task", "startEvent") else "operation"
        return ElementInfo(
            id=element_id, kind=kind, process_key=self._key, name=node.get("name"),
            documentation=_text(node.find(f"{BPMN}documentation")), lane=self._lane(node), form=_form_key(node),
            operation=node.get(f"{CAMUNDA}topic") or properties.get(wanted),
            decision=node.get(f"{CAMUNDA}decisionRef"),
            decision_binding=node.get(f"{CAMUNDA}decisionRefBinding", "latest"),
            result_variable=node.get(f"{CAMUNDA}resultVariable"),
            map_result=node.get(f"{CAMUNDA}mapDecisionResult", "resultList"),
            calls=node.get("calledElement"), attached_to=node.get("attachedToRef"),
            message=next((each.get("messageRef") for each in node.iterfind(f"{BPMN}messageEventDefinition")), None),
            inputs=self._parameters(node, element_id, "inputParameter"),
            outputs=self._parameters(node, element_id, "outputParameter"),
            properties=MappingProxyType(properties), **slots,
        )

    def _slot(
        self, node: etree._Element, element_id: str, attribute: str, read: Callable[[str], ReadExpression]
    ) -> str | None:
        text = node.get(CAMUNDA + attribute)
        if text is None or not text.strip():
            return None
        feel = self.feel(text, element_id, attribute, read)
        self._reader.compile(feel, element_id, attribute)
        return feel

    def _parameters(self, node: etree._Element, element_id: str, tag: str) -> Mapping[str, str]:
        found = {}
        for parameter in node.iterfind(f"{BPMN}extensionElements/{CAMUNDA}inputOutput/{CAMUNDA}{tag}"):
            name = parameter.get("name") or ""
            if len(parameter):
                kind = local_name(parameter[0])
                raise self._reader.refusal(element_id, f"{tag} {name}: a {kind} is not supported; write an expression")
            if parameter.text and parameter.text.strip():
                found[name] = self.feel(parameter.text, element_id, f"{tag} {name}", read_value)
                self._reader.compile(found[name], element_id, f"{tag} {name}")
        return MappingProxyType(found)

    def _flow(self, node: etree._Element) -> FlowInfo:
        flow_id, source, target = node.get("id"), node.get("sourceRef"), node.get("targetRef")
        if not (flow_id and source and target):
            raise self._reader.refusal(flow_id or self._key, "a sequence flow needs an id, a source and a target")
        text = _text(node.find(f"{BPMN}conditionExpression"))
        condition = self.feel(text, flow_id, "condition", read_condition) if text else None
        return FlowInfo(flow_id, source, target, node.get("name"), condition)

    def _lane(self, node: etree._Element) -> str | None:
        at: etree._Element | None = node
        while at is not None and at is not self._process:
            if lane := self._lanes.get(at.get("id") or ""):
                return lane
            at = at.getparent()
        return None


def local_name(node: etree._Element) -> str:
    """Return the element's name without its namespace."""
    return str(etree.QName(node).localname)


def flow_nodes(process: etree._Element) -> Iterator[etree._Element]:
    """Yield the tasks, events, gateways and sub-processes of a process in document order, embedded ones included."""
    for node in process.iterdescendants(f"{BPMN}*"):
        if local_name(node).endswith(_NODE_ENDINGS):
            yield node


def _lanes(process: etree._Element) -> dict[str, str]:
    lanes = {}
    for reference in process.iter(f"{BPMN}flowNodeRef"):
        lane = reference.getparent()
        if reference.text and lane is not None and lane.get("name"):
            lanes[reference.text.strip()] = str(lane.get("name"))
    return lanes


def properties_of(node: etree._Element) -> dict[str, str]:
    """Return the Camunda properties of a process or of one of its nodes: name to value."""
    path = f"{BPMN}extensionElements/{CAMUNDA}properties/{CAMUNDA}property"
    return {str(each.get("name")): each.get("value") or "" for each in node.iterfind(path)}


def _form_key(node: etree._Element) -> str | None:
    key = node.get(f"{CAMUNDA}formRef") or node.get(f"{CAMUNDA}formKey")
    return key.rpartition(":")[2].removesuffix(".form") if key else None


def _text(node: etree._Element | None) -> str | None:
    text = "" if node is None else "".join(map(str, node.itertext())).strip()
    return text or None
