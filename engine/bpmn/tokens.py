"""A token: one SpiffWorkflow task that is alive.

SpiffWorkflow 3.2.0 keeps every task that ever was, predicts those to come, and walks the whole tree after
each change, at most 1,000 deep. Here a token is dropped the moment it has moved on, nothing is predicted, and
nothing walks: so a long-lived instance is as small and as quick as on its first day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from SpiffWorkflow.task import Task, TaskState

if TYPE_CHECKING:
    from engine.bpmn.nodes import Node
    from engine.bpmn.scopes import Scope

ROOT = UUID(int=0)
FUTURE: int = TaskState.FUTURE
WAITING: int = TaskState.WAITING
READY: int = TaskState.READY
STARTED: int = TaskState.STARTED
COMPLETED: int = TaskState.COMPLETED
CANCELLED: int = TaskState.CANCELLED


class Token(Task):
    """A live task. `memory` is what its node remembers about it, `local` the variables only it sees."""

    triggered = False
    thread_id = 0
    last_state_change = 0.0
    id: UUID
    workflow: Scope
    task_spec: Node

    def __init__(
        self, scope: Scope, node: Node, parent: UUID | None, *, state: int = FUTURE, token_id: UUID | None = None
    ) -> None:
        # Not calling up: SpiffWorkflow's constructor asks the wall clock and makes its own random id.
        self.id = token_id or scope.process.new_id()
        self.workflow = scope
        self.task_spec = node
        self._parent: UUID = parent or ROOT
        self._children: list[UUID] = []
        self._state = state
        self.memory: dict[str, Any] = {}
        self.local: dict[str, Any] = {}
        scope.tasks[self.id] = self
        if parent is not None:
            scope.process.tokens[self.id] = self
            scope.tasks[parent]._children.append(self.id)

    @property
    def data(self) -> dict[str, Any]:
        """Return the variables this token sees: its scope's, and its own over them."""
        seen = self.workflow.view()
        return {**seen, **self.local} if self.local else seen

    @property
    def alive(self) -> bool:
        """Say whether the token is still in the process."""
        return self.id in self.workflow.tasks

    @property
    def around(self) -> Token | None:
        """Return the token of the activity this one is inside of: its multi-instance or its sub-process."""
        parent = self.workflow.tasks[self._parent]
        return self.workflow.host if parent.id == ROOT else parent

    def write(self, name: str, value: Any) -> None:
        """Set one variable where it lives: on this token when it is its own, else in the scope."""
        if name in self.local:
            self.local[name] = value
        else:
            self.workflow.write(name, value)

    def _inherit_data(self) -> None:
        """Do nothing: variables live in one place per scope, so a join has nothing to merge and nothing to lose."""

    def _set_state(self, value: int) -> None:
        self._state = value

    def move_up(self) -> None:
        """Hang this token directly on its scope."""
        tasks = self.workflow.tasks
        tasks[self._parent]._children.remove(self.id)
        tasks[ROOT]._children.append(self.id)
        self._parent = ROOT

    def drop(self) -> None:
        """Take this token and everything under it out of the process."""
        for child in self.children:
            child.drop()
        scope = self.workflow
        if inner := scope.process.subprocesses.get(self.id):
            inner.clear()
            del scope.process.subprocesses[self.id]
        scope.tasks[self._parent]._children.remove(self.id)
        del scope.tasks[self.id]
        del scope.process.tokens[self.id]

    def cancel(self) -> None:
        """Take the token out because something else decided so."""
        self._state = CANCELLED
        self.drop()
