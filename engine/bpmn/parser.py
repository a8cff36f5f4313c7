"""Turn a diagram into specifications: our own reading on SpiffWorkflow's parser.

Two passes, not the recursion of SpiffWorkflow 3.2.0 (which fails on a chain of 1,000 elements): every node
of a scope is made, then the flows join them. What is not known here is refused, never passed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.node_parser import DEFAULT_NSMAP
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.specs.base import TaskSpec

from engine.bpmn.catalogue import BPMN, CAMUNDA, Catalogue, ElementInfo, FlowInfo, local_name
from engine.bpmn.event_reading import read_event_definition
from engine.bpmn.events import (
    BoundaryEvent,
    CatchEvent,
    EndEvent,
    ReceiveTask,
    SendTask,
    StartEvent,
    ThrowEvent,
)
from engine.bpmn.expressions import read_expression
from engine.bpmn.loop_reading import read_loop
from engine.bpmn.nodes import (
    DecisionTask,
    EventGateway,
    ExclusiveGateway,
    Flow,
    InclusiveGateway,
    ManualTask,
    Node,
    ParallelGateway,
    PlainTask,
    ServiceTask,
    UserTask,
)
from engine.bpmn.process_spec import ProcessSpec
from engine.bpmn.script_environment import FormulaReader
from engine.bpmn.subprocesses import CallActivity, Mapped, SubProcess
from engine.errors import Invalid, shown

_NODES: Mapping[str, type[Node]] = {
    "startEvent": StartEvent, "endEvent": EndEvent, "intermediateCatchEvent": CatchEvent,
    "intermediateThrowEvent": ThrowEvent, "boundaryEvent": BoundaryEvent, "userTask": UserTask,
    "manualTask": ManualTask, "task": PlainTask, "serviceTask": ServiceTask, "businessRuleTask": DecisionTask,
    "sendTask": SendTask, "receiveTask": ReceiveTask, "exclusiveGateway": ExclusiveGateway,
    "parallelGateway": ParallelGateway, "inclusiveGateway": InclusiveGateway, "eventBasedGateway": EventGateway,
    "subProcess": SubProcess, "transaction": SubProcess, "callActivity": CallActivity,
}
_WITH_EVENT = (StartEvent, EndEvent, CatchEvent, ThrowEvent, BoundaryEvent, SendTask, ReceiveTask)
_DOCUMENTATION = frozenset({
    "documentation", "extensionElements", "laneSet", "ioSpecification", "property", "dataObject",
    "dataObjectReference", "dataStoreReference", "textAnnotation", "association", "group", "incoming", "outgoing",
    "sequenceFlow", "auditing", "monitoring", "category", "correlationSubscription", "resourceRole",
    "potentialOwner", "performer", "humanPerformer", "supports", "multiInstanceLoopCharacteristics",
    "standardLoopCharacteristics", "artifact", "dataInputAssociation", "dataOutputAssociation",
})
_MATCHED = (ExclusiveGateway, InclusiveGateway)


class NodeParser(TaskParser):
    """Makes the specification of one node."""

    process_parser: ScopeParser

    def parse_node(self) -> Node:
        """Return the node, or the loop around it; flows come later."""
        scope = self.process_parser
        info = scope.parser.infos[self.bpmn_id]
        kwargs = {"event_definition": self._event()} if issubclass(self.spec_class, _WITH_EVENT) else {}
        if self.spec_class is EventGateway:
            kwargs = {"event_definition": None}
        if self.spec_class is BoundaryEvent:
            kwargs["cancel_activity"] = self.node.get("cancelActivity", "true") != "false"
        if self.spec_class is CallActivity:
            kwargs["subworkflow_spec"] = self.node.get("calledElement")
        if self.spec_class is SubProcess:
            kwargs["subworkflow_spec"] = self.bpmn_id
        node: Node = self.spec_class(self.spec, self.bpmn_id, **kwargs, **self.bpmn_attributes)
        scope.furnish(node, info, self.node)
        return read_loop(node, self.node, scope.parser.catalogue, scope.parser.reader) or node

    def _event(self) -> object:
        parser = self.process_parser.parser
        return read_event_definition(self.node, parser.infos[self.bpmn_id], parser)

    def parse_incoming_data_references(self) -> list[object]:
        """Return nothing: data objects and stores are documentation."""
        return []

    parse_outgoing_data_references = parse_incoming_data_references


class ScopeParser(ProcessParser):
    """Makes the specification of one process or embedded sub-process."""

    parser: DiagramParser
    spec: ProcessSpec

    def create_spec(self) -> ProcessSpec:
        """Return the empty specification."""
        return ProcessSpec(self.bpmn_id, self.get_name(), self.filename, self.parser.process_key)

    def add_tasks(self) -> None:
        """Make every node of this scope, join them by its flows, and check what is needed to run."""
        for node in self.node.iterchildren(f"{BPMN}*"):
            kind = local_name(node)
            if kind in _NODES:
                self._check_supported(node)
                self.parse_node(node)
            elif kind not in _DOCUMENTATION:
                raise self._refusal(node, f"a {kind} is not supported")
        for node in self.node.iterchildren(f"{BPMN}sequenceFlow"):
            self._connect(self.parser.flows[node.get("id")], node)
        self._attach()
        self._find_start()
        for spec in self.spec.nodes():
            spec.prepare()

    def furnish(self, node: Node, info: ElementInfo, source: etree._Element) -> None:
        """Give a node what the diagram says, and its inside when it has one."""
        reader, kind = self.parser.reader, info.id
        node.furnish(info)
        node.inputs_given = tuple((name, reader.compile(text, kind, name)) for name, text in info.inputs.items())
        node.outputs_given = tuple((name, reader.compile(text, kind, name)) for name, text in info.outputs.items())
        if isinstance(node, SubProcess):
            self.parser.create_parser(source, filename=self.filename, lane=self.lane)
            node.inner = self.parser.process_parsers[info.id].get_spec()
        if isinstance(node, CallActivity):
            into, out_of = (self._mapped(source, info, way) for way in ("in", "out"))
            node.configure(self.parser.callable_processes, into, out_of)

    def _check_supported(self, node: etree._Element) -> None:
        if node.get("triggeredByEvent") == "true":
            raise self._refusal(node, "event sub-processes are not supported; draw a boundary event or a process")
        if node.get("isForCompensation") == "true":
            raise self._refusal(node, "compensation is not supported")
        if local_name(node) == "callActivity":
            self._check_callee(node)

    def _check_callee(self, node: etree._Element) -> None:
        called = node.get("calledElement") or ""
        if called not in self.parser.callable_keys:
            raise self._refusal(node, f"the process {shown(called)!r} that it calls is not there; deploy it too")

    def _mapped(self, source: etree._Element, info: ElementInfo, way: str) -> tuple[Mapped, ...]:
        found = []
        for node in source.iterfind(f"{BPMN}extensionElements/{CAMUNDA}{way}"):
            if node.get("variables") == "all":
                found.append(Mapped(None, None))
            elif text := node.get("source") or node.get("sourceExpression"):
                slot = f"{way} mapping"
                feel = self.parser.catalogue.feel(text, info.id, slot, read_expression)
                formula = self.parser.reader.compile(feel, info.id, slot, copies=True)
                found.append(Mapped(node.get("target") or text, formula))
        return tuple(found)

    def _connect(self, info: FlowInfo, node: etree._Element) -> None:
        source, target = (self.spec.task_specs.get(end) for end in (info.source, info.target))
        if source is None or target is None:
            missing = info.target if source else info.source
            raise self._refusal(node, f"the flow leads to or from {shown(missing)!r}, which is not in the same process")
        default = self.nodes_by_id[info.source].get("default") == info.id
        condition = self.parser.reader.compile(info.condition, info.id, "condition") if info.condition else None
        many = len(self.get_outgoing_sequence_flows(info.source)) > 1
        if condition and not isinstance(source, _MATCHED):
            raise self._refusal(node, "only flows that leave an exclusive or inclusive gateway may have a condition")
        if isinstance(source, _MATCHED) and many and not condition and not default:
            raise self._refusal(node, "a flow that leaves a gateway needs a condition, or must be the default")
        flow = Flow(info.id, source.name, target, condition, default)
        source.outgoing.append(flow)
        target.incoming.append(flow)
        # Past SpiffWorkflow's own `connect` of gateways, which keeps conditions its own way.
        TaskSpec.connect(source, target)

    def _attach(self) -> None:
        for node in self.spec.nodes():
            if isinstance(node, BoundaryEvent):
                xml = self.nodes_by_id[node.name]
                host = self.spec.task_specs.get(xml.get("attachedToRef"))
                if host is None:
                    raise self._refusal(xml, "it is attached to nothing in its process")
                node.attached_to = host.name
                host.boundary.append(node)

    def _find_start(self) -> None:
        starts = [node for node in self.spec.nodes() if isinstance(node, StartEvent)]
        plain = [node for node in starts if node.plain]
        if not starts or len(plain) > 1:
            many = "more than one plain start event" if starts else "no start event"
            raise self._refusal(self.node, f"it has {many}; it needs exactly one place to begin")
        self.spec.first = (plain or starts)[0]
        self.spec.start_ids = frozenset(node.name for node in starts)

    def _refusal(self, node: etree._Element, message: str) -> Invalid:
        return self.parser.reader.refusal(node.get("id") or self.bpmn_id, message)


class DiagramParser(BpmnParser):
    """Reads one process of one file. Never reused: SpiffWorkflow 3.2.0 loses lanes when a parser reads twice."""

    PROCESS_PARSER_CLASS = ScopeParser
    OVERRIDE_PARSER_CLASSES: ClassVar[dict[str, tuple[type, type]]] = {
       full_tag(tag): (NodeParser, node) for tag, node in _NODES.items()
    }

    def __init__(
        self, process_key: str, catalogue: Catalogue, reader: FormulaReader,
        callable_processes: Mapping[str, ProcessSpec], callable_keys: frozenset[str],
    ) -> None:
        super().__init__(namespaces={**DEFAULT_NSMAP, "camunda": CAMUNDA[1:-1]})
        self.process_key = process_key
        self.catalogue = catalogue
        self.reader = reader
        self.infos = catalogue.elements
        self.flows = catalogue.flows
        self.callable_processes = callable_processes
        self.callable_keys = callable_keys

    def _add_data_stores(self, bpmn: etree._Element) -> None:
        """Read none: data stores are documentation."""

    def _add_correlations(self, bpmn: etree._Element) -> None:
        """Read none: the application says which instance a message is for."""
