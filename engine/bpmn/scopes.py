"""Where tokens live: the process instance, and one scope for each sub-process and called process that is running.

Variables live in one place per process: an embedded sub-process uses those around it. Only a multi-instance
body, a called process, and names an activity declares as its own inputs are kept apart.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow

from engine.bpmn.environment import Spending, StepEnvironment
from engine.bpmn.script_environment import FeelScriptEngine, Formula
from engine.bpmn.tokens import COMPLETED, READY, ROOT, Token
from engine.bpmn.values import clean_value
from engine.progress import ThrownMessage

if TYPE_CHECKING:
    from engine.bpmn.nodes import Flow, Node
    from engine.bpmn.process_spec import ProcessSpec


class Scope:
    """What the process and its sub-processes have in common."""

    process: Process
    spec: ProcessSpec
    host: Token | None
    outer: Scope | None
    tasks: dict[UUID, Token]
    call_depth: int = 0
    completed: bool

    def _furnish(self, variables: dict[str, Any], keeps_writes: bool) -> None:
        self.variables = variables
        self.keeps_writes = keeps_writes
        self.tasks = {}
        self.task_tree = Token(self, self.spec.start, None, state=COMPLETED, token_id=ROOT)

    def view(self) -> dict[str, Any]:
        """Return the variables seen here."""
        if self.outer is None or self.host is None:
            return self.variables
        seen = self.host.data
        return {**seen, **self.variables} if self.variables else seen

    def write(self, name: str, value: Any) -> None:
        """Set a variable in the place where it lives."""
        if self.keeps_writes or self.host is None:
            self.variables[name] = value
        else:
            self.host.write(name, value)

    def place(self, node: Node, parent: UUID = ROOT) -> Token:
        """Put a new token on `node` and let the node take it in."""
        token = Token(self, node, parent)
        if not node.quiet:
            self.process.entered.append(node.element_id)
        node._update(token)
        return token

    def follow(self, flows: Iterable[Flow]) -> None:
        """Send a token along each flow."""
        for flow in flows:
            self.process.flows.append(flow.id)
            token = Token(self, flow.target, ROOT)
            if len(flow.target.incoming) > 1:
                token.memory["by"] = flow.id
            if not flow.target.quiet:
                self.process.entered.append(flow.target.element_id)
            flow.target._update(token)

    def leave(self, token: Token, flows: Iterable[Flow]) -> None:
        """Move `token` on along `flows`; with none, it is gone, and perhaps the scope is done."""
        token.drop()
        self.follow(flows)
        self.finish_if_empty()

    def finish_if_empty(self) -> None:
        """Close the scope when nothing is left in it."""
        if not self.task_tree._children and not self.completed:
            self.finish()

    def clear(self) -> None:
        """Take every token out."""
        for token in self.task_tree.children:
            token.cancel()

    def finish(self) -> None:
        """Close the scope; the activity around it goes on."""
        raise NotImplementedError

    def live(self) -> list[Token]:
        """Return the scope's tokens."""
        return [token for token in self.tasks.values() if token.id != ROOT]


class Process(Scope, BpmnWorkflow):
    """One process instance during one step."""

    outer = None
    host = None

    def __init__(self, spec: ProcessSpec, variables: dict[str, Any], environment: StepEnvironment) -> None:
        self.environment = environment
        self.engine = FeelScriptEngine(environment.now, environment.zone, environment.host)
        BpmnWorkflow.__init__(self, spec, script_engine=self.engine, deserializing=True)
        self.process = self
        self.tokens: dict[UUID, Token] = {}
        self.ready: deque[Token] = deque()
        self.occurrences: dict[str, int] = {}
        self.end: str | None = None
        self._furnish(variables, True)
        self.begin_step()

    def begin_step(self) -> None:
        """Forget what was reported and start counting anew."""
        self.spending = Spending(self.environment.limits)
        self.flows: list[str] = []
        self.entered: list[str] = []
        self.thrown: list[ThrownMessage] = []
        self.engine.warnings = []

    def new_id(self) -> UUID:
        """Return an id for a new token."""
        return self.environment.ids.new()

    def evaluate(self, formula: Formula, variables: Mapping[str, Any]) -> Any:
        """Return the value of `formula` over `variables`."""
        return self.engine.value(formula, variables)

    def evaluate_for_variable(self, formula: Formula, variables: Mapping[str, Any], name: str) -> Any:
        """Return the value of `formula` as the variable `name` can hold it."""
        return clean_value(name, self.engine.value(formula, variables))

    def evaluate_all(self, formulas: Iterable[tuple[str, Formula]], variables: Mapping[str, Any]) -> dict[str, Any]:
        """Return the value of each formula under its name."""
        return {name: self.evaluate_for_variable(formula, variables, name) for name, formula in formulas}

    def finish(self) -> None:
        """End the process."""
        self.completed = True
        self.end = self.end or "completed"

    def scopes(self) -> list[Scope]:
        """Return every scope, this one first."""
        return [self, *self.subprocesses.values()]

    def every(self) -> list[Token]:
        """Return every token in the order it is stored, so that a restored instance meets them in the same order."""
        return [token for scope in self.scopes() for token in scope.live()]

    def open_scope(self, host: Token, spec: ProcessSpec, variables: dict[str, Any], **shape: bool) -> SubScope:
        """Make the scope inside `host`, empty."""
        scope = SubScope(self, host, spec, variables, **shape)
        self.spending.scopes(host.task_spec.element_id, len(self.subprocesses) + 1)
        self.spending.calls(host.task_spec.element_id, scope.call_depth)
        self.subprocesses[host.id] = scope
        return scope

    def run(self) -> None:
        """Run every token that needs no person, until all of them wait."""
        while True:
            while self.ready:
                token = self.ready.popleft()
                if token.alive and token._state == READY:
                    self.spending.step(token.task_spec.element_id)
                    token.run()
            if self.completed or not self._settle():
                return

    def _settle(self) -> bool:
        """Let one inclusive join go that nothing can reach any more; say whether there was one."""
        return any(token.task_spec.settle(token) for token in self.every() if token.task_spec.settles)


class SubScope(Scope, BpmnSubWorkflow):
    """The inside of one running sub-process or called process."""

    host: Token

    def __init__(
        self, process: Process, host: Token, spec: ProcessSpec, variables: dict[str, Any],
        *, keeps_writes: bool = False, apart: bool = False,
    ) -> None:
        self.process = process
        self.host = host
        self.outer = None if apart else host.workflow
        self.call_depth = host.workflow.call_depth + apart
        BpmnSubWorkflow.__init__(self, spec, parent_task_id=host.id, top_workflow=process, deserializing=True)
        self._furnish(variables, keeps_writes or apart)

    def _calculate_depth(self) -> int:
        return self.call_depth

    def finish(self) -> None:
        """Close the scope and complete the activity it is the inside of."""
        self.completed = True
        self.host.task_spec.inside_done(self.host, self)
        del self.process.subprocesses[self.host.id]
        self.host.complete()
