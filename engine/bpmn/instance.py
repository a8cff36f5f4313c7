"""One process instance, for one step: restore it, do one thing to it, take its progress, forget it.

Nothing here knows a database or a clock. After any error the instance is to be thrown away: its state was
not written, so the step never happened.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from SpiffWorkflow.bpmn.specs.event_definitions import ErrorEventDefinition, EscalationEventDefinition

from engine.bpmn import state
from engine.bpmn.catalogue import ElementInfo
from engine.bpmn.definitions import ProcessDefinition
from engine.bpmn.environment import ProcessStuck, StepEnvironment
from engine.bpmn.events import ReceiveTask, TimerDefinition, listens_to
from engine.bpmn.reporting import Snapshot, report, take_snapshot
from engine.bpmn.scopes import Process
from engine.bpmn.throwing import deliver, throw_outwards
from engine.bpmn.tokens import READY, STARTED, WAITING, Token
from engine.bpmn.values import clean_variables
from engine.errors import Conflict, NotFound
from engine.progress import Progress


@dataclass(frozen=True, slots=True)
class PendingWork:
    """A decision to take or an operation to do before the step can go on; `variables` are those it sees."""

    task_id: UUID
    element_id: str
    process_key: str
    kind: Literal["decision", "operation"]
    variables: Mapping[str, Any]
    info: ElementInfo


class Instance:
    """A running process. Every act runs on until all tokens wait; `progress` says what that changed."""

    def __init__(self, definition: ProcessDefinition, process: Process, before: Snapshot) -> None:
        self.definition = definition
        self._process = process
        self._before = before
        self._completed: set[UUID] = set()
        self._fired: set[tuple[UUID, int]] = set()

    @classmethod
    def start(
        cls, definition: ProcessDefinition, variables: Mapping[str, Any], environment: StepEnvironment,
        *, start_at: str | None = None,
    ) -> Instance:
        """Begin a new instance at its plain start event, or at the start event `start_at`.

        Raises `Invalid` for values a process cannot hold, `NotFound` for an unknown start event, and
        `BudgetExceeded`.
        """
        process = Process(definition.spec, clean_variables(variables), environment)
        instance = cls(definition, process, Snapshot())
        start = definition.spec.first if start_at is None else definition.spec.task_specs.get(start_at)
        if start is None or start_at not in (None, *definition.spec.start_ids):
            raise NotFound(f"{definition.key} has no start event {start_at!r}", process=definition.key)
        process.place(start)
        process.run()
        return instance

    @classmethod
    def restore(cls, definition: ProcessDefinition, state_bytes: bytes, environment: StepEnvironment) -> Instance:
        """Take up an instance from `Progress.state`. Raises `Invalid` when the state does not fit the definition."""
        process = state.load(definition, state_bytes, environment)
        return cls(definition, process, take_snapshot(process))

    @property
    def process(self) -> Process:
        """Return its tokens, for what moves them as a whole: `engine.bpmn.moving`, `engine.bpmn.migration`."""
        return self._process

    @property
    def ended(self) -> bool:
        """Say whether the process has ended."""
        return bool(self._process.completed)

    @property
    def variables(self) -> Mapping[str, Any]:
        """Return the process's own variables."""
        return dict(self._process.variables)

    def pending(self) -> tuple[PendingWork, ...]:
        """Return the decisions and operations that await an answer, in the order they are stored."""
        return tuple(_pending(token) for token in self._process.every() if _awaits_answer(token))

    def answer(self, task_id: UUID, variables: Mapping[str, Any]) -> None:
        """Give the result of pending work and run on. Raises `NotFound`, `Conflict`, `Invalid`, `BudgetExceeded`."""
        token = self._find(task_id)
        if not _awaits_answer(token):
            raise self._not_open(token, "is not waiting for an answer")
        self._complete(token, variables)

    def complete(self, task_id: UUID, variables: Mapping[str, Any]) -> None:
        """Complete a person's task, or a receive task, and run on.

        Raises `NotFound` when there is no such task now, `Conflict` when it is not open, `Invalid` for values
        a process cannot hold, `BudgetExceeded`.
        """
        token = self._find(task_id)
        receiving = isinstance(token.task_spec, ReceiveTask) and token._state == WAITING
        if not receiving and not (token.task_spec.opens and token._state == READY):
            raise self._not_open(token, "is not open")
        self._complete(token, variables)

    def fire(self, task_id: UUID) -> None:
        """Let this one timer fire, due or not, and run on. Raises `NotFound`, `Conflict`, `BudgetExceeded`."""
        token = self._find(task_id)
        definition = getattr(token.task_spec, "event_definition", None)
        if not isinstance(definition, TimerDefinition) or token._state != WAITING:
            raise self._not_open(token, "is not a waiting timer")
        self._fired.add((token.id, token.memory["occurrence"]))
        token._ready()
        self._process.run()

    def send(self, message_name: str, variables: Mapping[str, Any]) -> bool:
        """Give a message to every event and receive task that waits for it, and run on; say whether any did."""
        heard = deliver(self._process, message_name, clean_variables(variables))
        self._process.run()
        return heard

    def raise_error(self, task_id: UUID, code: str) -> bool:
        """Raise an error in a task; say whether an event around it caught it. If not, nothing has changed."""
        return self._raise(task_id, ErrorEventDefinition, code)

    def raise_escalation(self, task_id: UUID, code: str) -> bool:
        """Raise an escalation in a task; say whether an event around it caught it. If not, nothing has changed."""
        return self._raise(task_id, EscalationEventDefinition, code)

    def cancel(self) -> None:
        """End the instance at once. Raises `Conflict` when it has ended."""
        if self.ended:
            raise Conflict("The process has already ended", process=self.definition.key)
        self._process.clear()
        self._process.end = "cancelled"
        self._process.finish()

    def progress(self) -> Progress:
        """Return what changed since the start, the restore or the last call, and the state to keep.

        Raises `ProcessStuck` when the process has not ended and nothing can ever move it again, and
        `BudgetExceeded` when the state is too large.
        """
        self._check_alive()
        written = state.dump(self._process)
        self._process.spending.state(len(written))
        after = take_snapshot(self._process)
        found = report(
            self._process, self._before, after, completed=self._completed, fired=self._fired, written=written
        )
        self._before, self._completed, self._fired = after, set(), set()
        self._process.begin_step()
        return found

    def _complete(self, token: Token, variables: Mapping[str, Any]) -> None:
        for name, value in clean_variables(variables).items():
            token.write(name, value)
        self._completed.add(token.id)
        token.complete()
        self._process.run()

    def _raise(self, task_id: UUID, kind: type, code: str) -> bool:
        caught = throw_outwards(self._find(task_id), kind, code)
        self._process.run()
        return caught

    def _find(self, task_id: UUID) -> Token:
        token = self._process.tokens.get(task_id)
        if token is None:
            message = "This task is not open: it was completed, withdrawn, or never there"
            raise NotFound(message, task_id=task_id, process=self.definition.key)
        return token

    def _not_open(self, token: Token, what: str) -> Conflict:
        element_id = token.task_spec.element_id
        return Conflict(f"{element_id} {what}", task_id=token.id, element=element_id)

    def _check_alive(self) -> None:
        if self.ended:
            return
        resting = [token for token in self._process.every() if not _can_move(token)]
        if len(resting) < len(self._process.tokens):
            stuck = next((scope for scope in self._process.scopes() if _joins_wait_for_nobody(scope.live())), None)
            if stuck is None:
                return
            resting = stuck.live()
        where = sorted({token.task_spec.element_id for token in resting})
        raise ProcessStuck(
            f"{', '.join(where)}: nothing is open, awaited or timed that would move this on; draw a way on from there",
            process=self.definition.key, elements=where,
        )


def _can_move(token: Token) -> bool:
    node = token.task_spec
    waits = token._state == WAITING and ("due" in token.memory or listens_to(node) is not None)
    return waits or token._state == READY or _awaits_answer(token)


def _joins_wait_for_nobody(tokens: list[Token]) -> bool:
    return bool(tokens) and all(
        token._state == WAITING and not hasattr(token.task_spec, "event_definition") for token in tokens
    )


def _awaits_answer(token: Token) -> bool:
    return token._state == STARTED and token.task_spec.asks is not None


def _pending(token: Token) -> PendingWork:
    node = token.task_spec
    kind = node.asks or "operation"
    return PendingWork(token.id, node.element_id, node.info.process_key, kind, dict(token.data), node.info)
