"""Compile the decisions, knowledge models, services and inputs of a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TypeVar

from engine.dmn.boxed import EXPRESSIONS, compile_boxed, compile_function
from engine.dmn.compiler import Compiler, Sight, broken
from engine.dmn.graph import Graph, Reference, key_of
from engine.dmn.model import Decision, DecisionModel, DecisionService, InputData, KnowledgeModel
from engine.dmn.run import Binding, Logic, Parameters
from engine.dmn.source import Element, child, children, description_of, name_of, tag, variable_name, variable_type
from engine.dmn.table_reader import hit_policy_of
from engine.dmn.types import ItemType

T = TypeVar("T")


class ElementReader:
    """Compiles one file's elements once its types and arrows are known."""

    def __init__(
        self, root: Element, file: str, version: str, compiler: Compiler, graph: Graph,
        imports: Mapping[str, DecisionModel],
    ) -> None:
        self._root = root
        self._file = file
        self._version = version
        self._compiler = compiler
        self._graph = graph
        self._imports = imports
        self._undeclared_inputs = next(children(root, "inputData"), None) is None
        self._decisions: dict[str, Decision] = {}

    def model(self) -> DecisionModel:
        """Return the whole model, without what cannot be read: the compiler keeps why. Raises `Invalid`."""
        root = self._root
        # Each after those it requires, so that nothing here goes as deep as the diagram.
        for key in self._graph.in_order():
            if tag(self._graph.elements[key]) == "decision":
                self._decisions |= self._read([self._graph.elements[key]], self._decision)
        return DecisionModel(
            key=root.get("id") or name_of(root), name=name_of(root), namespace=root.get("namespace") or "",
            file=self._file, version=self._version,
            decisions=self._decisions,
            inputs=self._read(children(root, "inputData"), self._input),
            knowledge=self._read(children(root, "businessKnowledgeModel"), self._knowledge),
            services=self._read(children(root, "decisionService"), self._service),
            imports=self._imports, types=self._compiler.types, members=self._compiler.members,
            notices=tuple(dict.fromkeys(self._compiler.notices)),
        )

    def _read(self, elements: Iterable[Element], read: Callable[[Element], T]) -> dict[str, T]:
        """Read elements one by one, each that can be under its key."""
        found = {key_of(each): self._compiler.attempt(partial(read, each)) for each in elements}
        return {key: each for key, each in found.items() if each is not None}

    def _input(self, element: Element) -> InputData:
        return InputData(key_of(element), variable_name(element), self._type(element))

    def _type(self, element: Element) -> ItemType | None:
        return self._compiler.type(variable_type(element), self._graph.place(element))

    def _decision(self, element: Element) -> Decision:
        required = list(self._graph.requirements(element))
        needed = frozenset().union(*(self._inputs_of(each) for each in required))
        given: set[str] = set()
        sight = self._sight(element, required, given if self._undeclared_inputs else None)
        found = list(children(element, *EXPRESSIONS))
        logic = compile_boxed(self._compiler, found[0], sight) if found else self._no_logic(sight)
        table = child(element, "decisionTable")
        return Decision(
            id=key_of(element), name=name_of(element), description=description_of(element),
            hit_policy=hit_policy_of(table) if table is not None else None,
            inputs_needed=needed | given, type=self._type(element),
            bindings=_bindings(required), given=tuple(sorted(given)), logic=logic,
            requires=tuple(each.id for each in required if each.kind == "decision" and each.via is None),
        )

    def _no_logic(self, sight: Sight) -> Logic:
        # The standard lets a decision be drawn without logic: it is null unless a decision service is given it.
        return broken(str(sight.place), f"the {sight.place.kind} has no logic")

    def _sight(self, element: Element, required: list[Reference], given: set[str] | None) -> Sight:
        names = frozenset(each.name if not each.via else each.via for each in required)
        own = {each.name for each in required if not each.via}
        brought = {
            via: frozenset(each.name for each in required if each.via == via)
            for via in self._imports.keys() - own if via
        }  # fmt: skip
        return Sight(names, self._graph.place(element), given, imported=brought)

    def _inputs_of(self, required: Reference) -> frozenset[str]:
        if required.kind == "function":
            return frozenset()
        if required.via is not None:
            prefix = f"{required.via}." if required.via else ""
            model = self._imports[required.via]
            names = {required.name} if required.kind == "input" else model.decisions[required.id].inputs_needed
            return frozenset(prefix + name for name in names)
        if required.kind == "input":
            return frozenset({required.name})
        found = self._decisions.get(required.id)  # none of its own faults
        return found.inputs_needed if found else frozenset()

    def _knowledge(self, element: Element) -> KnowledgeModel:
        required = list(self._graph.requirements(element))
        sight = self._sight(element, required, None).with_names(name_of(element))
        logic = child(element, "encapsulatedLogic")
        parameters: Parameters = ()
        body = self._no_logic(sight)
        if logic is not None:
            parameters, body = compile_function(self._compiler, logic, sight)
        own = Reference("function", key_of(element), variable_name(element), None)
        return KnowledgeModel(
            id=key_of(element), name=variable_name(element), parameters=parameters, type=_result(self._type(element)),
            bindings=_bindings([*required, own]), logic=body,
        )

    def _service(self, element: Element) -> DecisionService:
        graph, place = self._graph, self._graph.place(element)
        inputs, decisions = graph.parts(element, "inputData"), graph.parts(element, "inputDecision")
        outputs = graph.parts(element, "outputDecision")
        graph.parts(element, "encapsulatedDecision")
        if not outputs:
            raise place.refusal("the decision service has no output decision")
        if any(each.via is not None for each in (*inputs, *decisions, *outputs)):
            raise place.refusal("a decision service is made of decisions and inputs of its own file")
        return DecisionService(
            id=key_of(element), name=variable_name(element),
            parameters=tuple(each.name for each in (*inputs, *decisions)),
            input_decisions=tuple((each.name, each.id) for each in decisions),
            outputs=tuple(each.id for each in outputs), type=_result(self._type(element)),
        )


def _result(kind: ItemType | None) -> ItemType | None:
    """Return the type of what a function answers: its variable may hold that, or the type of the function."""
    return kind.result if kind is not None and kind.node.result is not None else kind


def _bindings(required: list[Reference]) -> tuple[Binding, ...]:
    return tuple(Binding(each.name, each.kind, each.id, each.via) for each in required)

