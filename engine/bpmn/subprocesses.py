"""Activities with a process inside: embedded sub-processes and calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs import defaults

from engine.bpmn.loops import COUNTER
from engine.bpmn.nodes import Activity
from engine.bpmn.script_environment import Formula
from engine.bpmn.tokens import STARTED, Token

if TYPE_CHECKING:
    from engine.bpmn.process_spec import ProcessSpec
    from engine.bpmn.scopes import Scope


@dataclass(frozen=True, slots=True)
class Mapped:
    """One way a variable passes into or out of a called process: all of them, or one by expression."""

    target: str | None
    formula: Formula | None


class Inside(Activity):
    """What sub-processes and calls share: a scope is made, and its start event gets a token."""

    def _enter(self, token: Token, scope: Scope, inner: ProcessSpec) -> bool:
        token._set_state(STARTED)
        scope.place(inner.first)
        return False


class SubProcess(Inside, defaults.SubWorkflowTask):
    """An embedded sub-process; as a multi-instance body it keeps its own variables until it ends."""

    def _begin(self, token: Token) -> bool:
        scope = token.workflow.process.open_scope(token, self.inner, {}, keeps_writes=self.loop is not None)
        return self._enter(token, scope, self.inner)

    def inside_done(self, token: Token, scope: Scope) -> None:
        """Give a body's own variables back to the process around it."""
        if self.loop is None:
            return
        for name, value in scope.variables.items():
            token.write(name, value)


class CallActivity(Inside, defaults.CallActivity):
    """Runs another process with variables of its own; only what is mapped passes."""

    def configure(
        self, processes: Mapping[str, ProcessSpec], into: tuple[Mapped, ...], out_of: tuple[Mapped, ...]
    ) -> None:
        """Take in which processes can be called and what passes."""
        self.processes = processes
        self.into = into
        self.out_of = out_of

    @property
    def inner(self) -> ProcessSpec:
        """Return the called process."""
        return self.processes[self.spec]

    def _begin(self, token: Token) -> bool:
        inner = self.inner
        variables: dict[str, Any] = {}
        _pass(token, token.data, self.into, variables)
        scope = token.workflow.process.open_scope(token, inner, variables, apart=True)
        return self._enter(token, scope, inner)

    def inside_done(self, token: Token, scope: Scope) -> None:
        """Pass the mapped variables back."""
        given: dict[str, Any] = {}
        _pass(token, scope.variables, self.out_of, given)
        for name, value in given.items():
            token.write(name, value)


def _pass(token: Token, source: Mapping[str, Any], mapped: tuple[Mapped, ...], given: dict[str, Any]) -> None:
    for each in mapped:
        if each.formula is None:
            given.update({name: value for name, value in source.items() if name != COUNTER})
        elif each.target is not None:
            given[each.target] = token.workflow.process.evaluate_for_variable(each.formula, source, each.target)


def called_by(spec: ProcessSpec) -> dict[str, str]:
    """Return the keys of the processes that a process calls, by the ids of the elements that call them."""
    return {str(name): str(each.spec) for name, each in spec.task_specs.items() if isinstance(each, CallActivity)}
