"""A DMN file, read and compiled: its decisions, and how to ask them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from engine.dmn.results import DecisionResult
from engine.dmn.run import Binding, Journal, Logic, Run
from engine.dmn.tables import DecisionTable
from engine.dmn.turning_points import TurningPoints
from engine.dmn.types import ItemType, TypeRegistry
from engine.errors import BudgetExceeded, NotFound, shown
from engine.feel import DEFAULT, Environment, Runtime, call_function, to_feel, to_plain
from engine.feel.environment import MAX_WARNINGS

T = TypeVar("T", "Decision", "KnowledgeModel", "DecisionService")


@dataclass(frozen=True, slots=True)
class InputData:
    """A value that whoever asks must give."""

    id: str
    name: str
    type: ItemType | None


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision of a file."""

    id: str
    name: str
    description: str
    hit_policy: str | None
    """Hit policy of the decision's table ("UNIQUE", "COLLECT SUM" ...); None when it is not a table."""
    inputs_needed: frozenset[str]
    """Names of the inputs it needs, those of the decisions it requires included ("import.name" for imported ones)."""
    type: ItemType | None = field(repr=False)
    bindings: tuple[Binding, ...] = field(repr=False)
    given: tuple[str, ...] = field(repr=False)
    """Names of inputs that the file does not declare."""
    logic: Logic = field(repr=False)
    requires: tuple[str, ...] = field(repr=False)
    """Ids of the decisions of the same file that it requires."""


@dataclass(frozen=True, slots=True)
class KnowledgeModel:
    """A function that decisions call."""

    id: str
    name: str
    parameters: tuple[tuple[str, ItemType | None], ...]
    type: ItemType | None = field(repr=False)
    bindings: tuple[Binding, ...] = field(repr=False)
    logic: Logic = field(repr=False)


@dataclass(frozen=True, slots=True)
class DecisionService:
    """A group of decisions called as one, with its own inputs."""

    id: str
    name: str
    parameters: tuple[str, ...]
    """Names of its input data, then of its input decisions, in the file's order."""
    input_decisions: tuple[tuple[str, str], ...]
    """(name, id) of the decisions whose values the caller gives."""
    outputs: tuple[str, ...]
    type: ItemType | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class DecisionModel:
    """Everything one DMN file says, ready to be asked; safe to share between threads."""

    key: str
    """Id of the file's `definitions`."""
    name: str
    namespace: str
    file: str
    version: str
    """DMN version of the file: "1.3", "1.4" or "1.5"."""
    decisions: Mapping[str, Decision]
    inputs: Mapping[str, InputData] = field(repr=False)
    knowledge: Mapping[str, KnowledgeModel] = field(repr=False)
    services: Mapping[str, DecisionService] = field(repr=False)
    imports: Mapping[str, DecisionModel] = field(repr=False)
    types: TypeRegistry = field(repr=False)
    members: frozenset[str] = field(repr=False)
    """Names of parts of values anywhere in the file."""
    notices: tuple[str, ...] = field(default=(), repr=False)
    """What of the file is never run here, each in a sentence that says where it stands."""

    def decision(self, id_or_name: str) -> Decision:
        """Return the decision with this id, else this name. Raises `NotFound`."""
        found = self.decisions.get(id_or_name) or _by_name(self.decisions, id_or_name)
        if found is None:
            raise NotFound(
                f"{self.file}: there is no decision '{shown(id_or_name)}'", file=self.file, decision=id_or_name
            )
        return found

    def evaluate(self, decision: str, inputs: Mapping[str, Any], environment: Environment) -> DecisionResult:
        """Answer the decision with this id or name.

        `inputs` maps input names to ordinary Python values (None = not known); an imported model's inputs are
        one mapping under the import's name, or each is named "import.name". What goes wrong inside is null and a
        warning in the result, also appended to `environment.warnings` while there are fewer than a hundred there.
        Raises `NotFound` for an unknown decision, `BudgetExceeded` for one too costly, `Invalid` for an input that
        FEEL cannot hold.
        """
        asked = self.decision(decision)
        return self._answer(asked.name, inputs, environment, lambda run: run.decision_value(asked.id))

    def turning_points(self, decision: str, host: Any) -> TurningPoints | None:
        """Return where the answer to this decision may change as its inputs do, for `host`.

        None when that is not known: it asks what the time is, is not a table of plain inputs, or needs other
        decisions or functions. Raises `NotFound` for an unknown decision.
        """
        asked = self.decision(decision)
        if asked.bindings or asked.type is not None or not isinstance(asked.logic, DecisionTable):
            return None
        return asked.logic.turning_points(host)

    def constant_outputs(self, decision: str) -> list[tuple[int, Mapping[str, Any]]]:
        """Return, for each row of a decision's table (numbers from 1), the outputs that are the same always.

        They are ordinary Python values by column. Empty for a decision that is not a table. Raises `NotFound`.
        """
        table = self.decision(decision).logic
        rules = table.rules if isinstance(table, DecisionTable) else ()
        return [
            (number, {name: to_plain(value) for name, value in rule.constants.items()})
            for number, rule in enumerate(rules, start=1)
        ]

    def row_in_words(self, decision: str, row: int) -> str:
        """Return how a sentence names a row (number from 1) of a decision's table. Raises `NotFound`."""
        table = self.decision(decision).logic
        return table.row_in_words(row) if isinstance(table, DecisionTable) else str(row)

    def invoke(self, name: str, arguments: Mapping[str, Any], environment: Environment) -> DecisionResult:
        """Call the decision service or knowledge model with this id or name; `arguments` by parameter name.

        Raises `NotFound` when the file has neither, `BudgetExceeded` when it costs too much.
        """
        service = self.services.get(name) or _by_name(self.services, name)
        if service is not None:
            return self._answer(name, {}, environment, lambda run: run.run_service(service, arguments))
        knowledge = self.knowledge.get(name) or _by_name(self.knowledge, name)
        if knowledge is None:
            raise NotFound(
                f"{self.file}: there is no decision service or knowledge model '{shown(name)}'", file=self.file
            )
        values = [to_feel(arguments.get(parameter)) for parameter, _ in knowledge.parameters]
        return self._answer(
            name, {}, environment, lambda run: call_function(run.runtime, run.function(knowledge.id), values)
        )

    def _answer(
        self, name: str, inputs: Mapping[str, Any], environment: Environment, work: Callable[[Run], Any]
    ) -> DecisionResult:
        # Warnings of its own: a list shared by many evaluations fills up, and then says nothing.
        own = Environment(environment.now, environment.zone, [], environment.host)
        journal = Journal()
        try:
            value = work(Run(self, inputs, Runtime(own, DEFAULT), journal))
        except RecursionError:
            sentence = f"{self.file}: '{name}' is nested too deeply to be evaluated"
            raise BudgetExceeded(sentence, file=self.file) from None
        environment.warnings.extend(own.warnings[: max(0, MAX_WARNINGS - len(environment.warnings))])
        return DecisionResult(
            name, value, tuple(journal.matched), tuple(own.warnings), journal.decisions, frozenset(journal.missing)
        )

    def find(self, element_id: str) -> tuple[str, str] | None:
        """Return the kind (`input`, `decision`, `function`) and the name of an element that another file imports."""
        places: tuple[tuple[str, Mapping[str, InputData | Decision | KnowledgeModel | DecisionService]], ...] = (
            ("input", self.inputs), ("decision", self.decisions),
            ("function", self.knowledge), ("function", self.services),
        )
        return next(((kind, found[element_id].name) for kind, found in places if element_id in found), None)


def _by_name(elements: Mapping[str, T], name: str) -> T | None:
    return next((element for element in elements.values() if element.name == name), None)
