"""A deployed process: what the engine knows of one diagram. Parsed once, shared by all instances, never changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from lxml import etree
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException

from engine.bpmn.catalogue import BPMN, Catalogue, ElementInfo, FlowInfo, properties_of
from engine.bpmn.events import StartEvent, listens_to
from engine.bpmn.namespaces import as_camunda
from engine.bpmn.parser import DiagramParser
from engine.bpmn.process_spec import ProcessSpec
from engine.bpmn.script_environment import FormulaReader
from engine.errors import Invalid, NotFound
from engine.feel import HostFunction
from engine.xml import parse_untrusted

_NO_PROCESSES: Mapping[str, ProcessDefinition] = MappingProxyType({})
_NO_FUNCTIONS: Mapping[str, HostFunction] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class ProcessDefinition:
    """One executable process. `names_used` are the free variables of all its expressions and its callees'.

    `properties` are the process's own Camunda properties: see `engine.bpmn.case_starts`.
    """

    key: str
    name: str
    documentation: str | None
    hash: str
    elements: Mapping[str, ElementInfo]
    flows: Mapping[str, FlowInfo]
    names_used: frozenset[str]
    calls: frozenset[str]
    message_starts: Mapping[str, str]
    properties: Mapping[str, str]
    spec: ProcessSpec = field(repr=False)
    family: Mapping[str, Mapping[str, ElementInfo]] = field(repr=False)

    def element(self, process_key: str, element_id: str) -> ElementInfo:
        """Return an element of this process or of one it calls, however deep. Raises `NotFound`."""
        info = self.family.get(process_key, {}).get(element_id)
        if info is None:
            raise NotFound(f"{process_key} has no element {element_id!r}", process=process_key, element=element_id)
        return info


def parse_process(
    source: bytes, *, name: str, called: Mapping[str, ProcessDefinition] = _NO_PROCESSES,
    functions: Mapping[str, HostFunction] = _NO_FUNCTIONS,
) -> tuple[ProcessDefinition, ...]:
    """Return the executable processes of one BPMN file, in document order.

    `name` is the file's name, for messages; `called` holds the processes of other files that call activities
    may name; `functions` are what FEEL may call besides its own. Raises `Invalid` naming file and element.
    """
    root = as_camunda(parse_untrusted(source, name))
    processes = _executable(root, name)
    digest = _digest(source, called.values())
    family = _Family(root, name, called, functions, frozenset(str(each.get("id")) for each in processes))
    try:
        parsed = [family.parse(process) for process in processes]
    except ValidationException as error:
        raise Invalid(f"{name}: {error}", file=name) from error
    names = frozenset().union(*(each.names_used for each in called.values()), *(each.names for each in parsed))
    return family.definitions(parsed, digest, names)


def process_calls(source: bytes, *, name: str) -> Mapping[str, frozenset[str]]:
    """Return, for each executable process of the file, the keys of the processes it calls. Raises `Invalid`."""
    processes = _executable(parse_untrusted(source, name), name)
    return {str(process.get("id")): _calls(process) for process in processes}


@dataclass(frozen=True, slots=True)
class _Parsed:
    key: str
    process: etree._Element
    spec: ProcessSpec
    catalogue: Catalogue
    names: frozenset[str]


class _Family:
    """The processes of one file, which may call each other."""

    def __init__(
        self, root: etree._Element, file: str, called: Mapping[str, ProcessDefinition],
        functions: Mapping[str, HostFunction], own: frozenset[str],
    ) -> None:
        self._root = root
        self._file = file
        self._called = called
        self._functions = functions
        self._keys = own | called.keys()
        self._specs = {key: definition.spec for key, definition in called.items()}

    def parse(self, process: etree._Element) -> _Parsed:
        """Return one process as specifications."""
        key = str(process.get("id"))
        reader = FormulaReader(self._file, self._functions)
        catalogue = Catalogue(process, reader)
        parser = DiagramParser(key, catalogue, reader, self._specs, self._keys)
        parser.add_bpmn_xml(self._root, self._file)
        spec: ProcessSpec = parser.get_spec(key)
        self._specs[key] = spec
        return _Parsed(key, process, spec, catalogue, frozenset(reader.names_used))

    def definitions(self, parsed: list[_Parsed], digest: str, names: frozenset[str]) -> tuple[ProcessDefinition, ...]:
        """Return the finished definitions, each knowing the elements of all that it can call."""
        family: dict[str, Mapping[str, ElementInfo]] = {}
        for definition in self._called.values():
            family.update(definition.family)
        # One of them may call an older version of another than the one that is given.
        family.update({key: definition.elements for key, definition in self._called.items()})
        family.update({each.key: MappingProxyType(each.catalogue.elements) for each in parsed})
        return tuple(_definition(each, digest, names, MappingProxyType(family)) for each in parsed)


def _definition(
    parsed: _Parsed, digest: str, names: frozenset[str], family: Mapping[str, Mapping[str, ElementInfo]]
) -> ProcessDefinition:
    key, process = parsed.key, parsed.process
    return ProcessDefinition(
        key=key, name=process.get("name") or key, documentation=process.findtext(f"{BPMN}documentation"),
        hash=hashlib.sha256(f"{digest}:{key}".encode()).hexdigest(), elements=family[key],
        flows=MappingProxyType(parsed.catalogue.flows), names_used=names, calls=_calls(process),
        message_starts=_message_starts(parsed.spec), properties=MappingProxyType(properties_of(process)),
        spec=parsed.spec, family=family,
    )


def _executable(root: etree._Element, name: str) -> list[etree._Element]:
    found = [each for each in root.iter(f"{BPMN}process") if each.get("isExecutable", "true") == "true"]
    keys = [each.get("id") for each in found]
    if not found:
        raise Invalid(f"{name}: no process in this file is marked as executable", file=name)
    if not all(keys) or len(set(keys)) < len(keys):
        raise Invalid(f"{name}: every process needs an id of its own", file=name)
    return found


def _digest(source: bytes, called: Iterable[ProcessDefinition]) -> str:
    whole = hashlib.sha256(source)
    for definition in sorted(called, key=lambda each: each.key):
        whole.update(f"{definition.key}={definition.hash}".encode())
    return whole.hexdigest()


def _calls(process: etree._Element) -> frozenset[str]:
    return frozenset(each.get("calledElement") or "" for each in process.iter(f"{BPMN}callActivity"))


def _message_starts(spec: ProcessSpec) -> Mapping[str, str]:
    starts = [node for node in spec.nodes() if isinstance(node, StartEvent)]
    return MappingProxyType({message: node.name for node in starts if (message := listens_to(node))})
