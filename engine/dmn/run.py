"""One evaluation under way: values worked out so far, rows matched, inputs found missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.dmn.results import MatchedRow
from engine.dmn.types import MISFIT, ItemType
from engine.errors import BudgetExceeded
from engine.feel import FeelFunction, Runtime, Session, to_feel

if TYPE_CHECKING:
    from engine.dmn.model import Decision, DecisionModel, DecisionService, KnowledgeModel

Names = dict[str, Any]
EXACT = 10**34
"""FEEL's numbers have 34 digits: a whole number below this needs no rounding."""


class Scope(Session):
    """The names that a piece of logic sees, ready for FEEL; every scope of an evaluation shares its budget."""

    __slots__ = ("names",)

    def __init__(self, names: Names, runtime: Runtime) -> None:
        self.names = names
        self.frame = [runtime, names, None]


Logic = Callable[[Scope, "Run"], Any]

Parameters = tuple[tuple[str, ItemType | None], ...]


@dataclass(frozen=True, slots=True)
class Binding:
    """A name that a piece of logic may use, and where its value comes from."""

    name: str
    kind: str
    """`input`, `decision` or `function`."""
    id: str
    via: str | None = None
    """Name of the import that brings the element; None for the model's own, empty for a nameless import."""


@dataclass(slots=True)
class Journal:
    """What all the runs of one evaluation write down together."""

    matched: list[MatchedRow] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)
    decisions: dict[str, Any] = field(default_factory=dict)


class Run:
    """Works out, once each, the values of one model's elements for one set of inputs."""

    __slots__ = ("_children", "_prefix", "_values", "inputs", "journal", "model", "runtime")

    def __init__(
        self, model: DecisionModel, inputs: Mapping[str, Any], runtime: Runtime, journal: Journal, prefix: str = ""
    ) -> None:
        self.model = model
        self.inputs = inputs
        self.runtime = runtime
        self.journal = journal
        self._prefix = prefix
        self._values: dict[str, Any] = {}
        self._children: dict[str, Run] = {}

    def known_as(self, name: str) -> str:
        """Return what an element of this model is called in the model that was asked."""
        return self._prefix + name

    def warn(self, code: str, message: str) -> None:
        """Record something that went wrong; the value concerned goes on as null."""
        self.runtime.warn(code, message)

    def locate(self, before: int, place: str) -> None:
        """Put `place` in front of the warnings recorded since there were `before` of them."""
        warnings = self.runtime.environment.warnings
        warnings[before:] = [replace(each, message=f"{place}: {each.message}") for each in warnings[before:]]

    def fit(self, kind: ItemType | None, value: Any, what: str) -> Any:
        """Return `value` made to fit the type `kind`; null and a warning about `what` when it does not fit."""
        if kind is None or value is None:
            return value
        fitted = kind.fit(value)
        if fitted is MISFIT:
            self.warn("type", f"{what} is not {kind.describe()}")
            return None
        return fitted

    def scope(self, names: Names) -> Scope:
        """Return a scope in which FEEL sees `names`."""
        return Scope(names, self.runtime)

    def names(self, bindings: tuple[Binding, ...]) -> Names:
        """Return the names that a piece of logic sees, with their values."""
        names: Names = {}
        for binding in bindings:
            if binding.via is None:
                names[binding.name] = self.value(binding)
                continue
            value = self._imported(binding.via).value(binding)
            if binding.via:
                names.setdefault(binding.via, {})[binding.name] = value
            else:
                names[binding.name] = value
        return names

    def value(self, binding: Binding) -> Any:
        """Return the value of the element a binding names, in this run's own model."""
        if binding.kind == "input":
            return self.input_value(binding.id)
        if binding.kind == "decision":
            return self.decision_value(binding.id)
        return self.function(binding.id)

    def preset(self, element_id: str, value: Any) -> None:
        """Fix the value of an element instead of working it out (a decision service's input decisions)."""
        self._values[element_id] = value

    def input_value(self, element_id: str) -> Any:
        """Return the value given for an input data element, fitted to its type."""
        values = self._values
        if element_id not in values:
            data = self.model.inputs[element_id]
            values[element_id] = self.fit(data.type, self.given(data.name), f"input '{data.name}'")
        return values[element_id]

    def given(self, name: str) -> Any:
        """Return the value that whoever asks gave under this name, and note when there is none."""
        return self.all_given((name,))[name]

    def all_given(self, wanted: Sequence[str]) -> Names:
        """Return the values given under these names, and note those there are none for."""
        names: Names = {}
        inputs = self.inputs
        for name in wanted:
            value: Any = inputs.get(name)
            kind: type = type(value)
            # The kinds of nearly every fact, without a call for each; `to_feel` would say the same.
            if kind is int and -EXACT < value < EXACT:
                value = Decimal(value)
            elif value is None:
                self.journal.missing.add(self.known_as(name))
            elif not (kind is bool or kind is date or (kind is str and value.isascii())):
                value = to_feel(value)
            names[name] = value
        return names

    def decision_value(self, element_id: str) -> Any:
        """Return the value of a decision, working out what it requires first."""
        values, decisions = self._values, self.model.decisions
        stack = [element_id]
        while stack:
            decision = decisions[stack[-1]]
            known = decision.id in values
            pending = [] if known else [each for each in reversed(decision.requires) if each not in values]
            if pending:
                stack += pending
                continue
            stack.pop()
            if not known:
                self._decide(decision)
        return values[element_id]

    def _decide(self, decision: Decision) -> None:
        names = self.names(decision.bindings)
        names.update(self.all_given(decision.given))
        try:
            value = decision.logic(self.scope(names), self)
        except BudgetExceeded as error:
            if "decision" in error.details:
                raise
            sentence = f"{self.model.file}: decision '{decision.name}': {error.message}"
            raise BudgetExceeded(sentence, **error.details, file=self.model.file, decision=decision.id) from error
        value = self.fit(decision.type, value, f"the result of decision '{decision.name}'")
        self._values[decision.id] = self.journal.decisions[self.known_as(decision.name)] = value

    def function(self, element_id: str) -> FeelFunction:
        """Return a knowledge model or decision service as a FEEL function bound to this run."""
        values = self._values
        if element_id not in values:
            knowledge = self.model.knowledge.get(element_id)
            if knowledge is not None:
                values[element_id] = self._knowledge_function(knowledge)
            else:
                values[element_id] = self._service_function(self.model.services[element_id])
        function: FeelFunction = values[element_id]
        return function

    def _knowledge_function(self, knowledge: KnowledgeModel) -> FeelFunction:
        def names() -> Names:
            return self.names(knowledge.bindings)

        return self.make_function(knowledge.name, knowledge.parameters, knowledge.logic, knowledge.type, names)

    def make_function(
        self, name: str, parameters: Parameters, logic: Logic, result: ItemType | None, names: Callable[[], Names]
    ) -> FeelFunction:
        """Return a FEEL function that evaluates `logic` with `names` made afresh for each call."""

        def invoke(runtime: Runtime, arguments: Sequence[Any]) -> Any:
            known = names()
            for (parameter, kind), argument in zip(parameters, arguments, strict=True):
                known[parameter] = self.fit(kind, argument, f"'{parameter}', given to '{name}',")
            return self.fit(result, logic(self.scope(known), self), f"the result of '{name}'")

        domain = tuple(kind and kind.node for _, kind in parameters)
        formal = tuple(parameter for parameter, _ in parameters)
        return FeelFunction(name, formal, invoke, domain=domain, result=result and result.node)

    def _service_function(self, service: DecisionService) -> FeelFunction:
        def invoke(runtime: Runtime, arguments: Sequence[Any]) -> Any:
            return self.run_service(service, dict(zip(service.parameters, arguments, strict=True)))

        return FeelFunction(service.name, service.parameters, invoke)

    def run_service(self, service: DecisionService, arguments: Mapping[str, Any]) -> Any:
        """Evaluate a decision service on its own inputs and input decisions, by name."""
        run = Run(self.model, arguments, self.runtime, self.journal, self._prefix)
        for name, element_id in service.input_decisions:
            kind = self.model.decisions[element_id].type
            run.preset(element_id, run.fit(kind, run.given(name), f"input decision '{name}'"))
        outputs = {self.model.decisions[each].name: run.decision_value(each) for each in service.outputs}
        value = next(iter(outputs.values())) if len(outputs) == 1 else outputs
        return self.fit(service.type, value, f"the result of decision service '{service.name}'")

    def _inputs_of(self, via: str) -> Mapping[str, Any]:
        """Return the inputs of an imported model: those under its name, or named `import.name`, or all of them."""
        given = self.inputs.get(via) if via else None
        if isinstance(given, Mapping):
            return given
        start = f"{via}."
        own = {name[len(start) :]: value for name, value in self.inputs.items() if via and name.startswith(start)}
        return {**self.inputs, **own} if own else self.inputs

    def _imported(self, via: str) -> Run:
        if via not in self._children:
            inputs = self._inputs_of(via)
            prefix = f"{self._prefix}{via}." if via else self._prefix
            model = self.model.imports[via]
            self._children[via] = Run(model, inputs, self.runtime, self.journal, prefix)
        return self._children[via]
