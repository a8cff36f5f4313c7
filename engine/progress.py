"""What one step of a process changed, as frozen values: what the store saves and the history tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class OpenedTask:
    """A task a person can now do. `variables` are those it sees, its own item and inputs included."""

    task_id: UUID
    element_id: str
    process_key: str
    variables: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ClosedTask:
    """A task that is no longer open; `completed` is false when something else took it away."""

    task_id: UUID
    element_id: str
    completed: bool


@dataclass(frozen=True, slots=True)
class ArmedTimer:
    """A timer that now waits. `due_at` is aware UTC; `rule` is the text it was reckoned from.

    `occurrence` counts up per element over the whole instance, so (instance, element, occurrence) names one
    firing for ever. `interrupting` is None for a timer that is not on an activity's boundary.
    """

    task_id: UUID
    element_id: str
    occurrence: int
    due_at: datetime
    rule: str
    interrupting: bool | None


@dataclass(frozen=True, slots=True)
class MessageWait:
    """A place in the diagram where the instance listens for `message`."""

    task_id: UUID
    element_id: str
    message: str


@dataclass(frozen=True, slots=True)
class ThrownMessage:
    """A message nobody inside the instance was waiting for."""

    name: str
    variables: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StepWarning:
    """An expression of `element_id`, as `text` has it, came to null, and why."""

    element_id: str
    text: str
    message: str


@dataclass(frozen=True, slots=True)
class Progress:
    """Everything that changed since the instance was started or restored, and its state now.

    `disarmed` names timers, as (task id, occurrence), that will not fire any more; the one just fired is not
    among them. `waits` and `current` (element ids where a token rests) are the whole truth, not a change.
    `flows` and `entered` are in the order they were taken. `end` is one of "completed", "terminated",
    "error CODE", "escalation CODE", "cancelled" once `ended`.
    """

    state: bytes = field(repr=False)
    ended: bool = False
    end: str | None = None
    opened: tuple[OpenedTask, ...] = ()
    closed: tuple[ClosedTask, ...] = ()
    armed: tuple[ArmedTimer, ...] = ()
    disarmed: tuple[tuple[UUID, int], ...] = ()
    waits: tuple[MessageWait, ...] = ()
    thrown: tuple[ThrownMessage, ...] = ()
    flows: tuple[str, ...] = ()
    entered: tuple[str, ...] = ()
    current: tuple[str, ...] = ()
    variables: Mapping[str, Any] = field(default_factory=dict, repr=False)
    warnings: tuple[StepWarning, ...] = ()
