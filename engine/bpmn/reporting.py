"""Tell what a step changed, by comparing what was open, armed and awaited before it and after it."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from engine.bpmn.events import BoundaryEvent, TimerDefinition, listens_to
from engine.bpmn.nodes import EventGateway
from engine.bpmn.scopes import Process
from engine.bpmn.tokens import READY, WAITING, Token
from engine.progress import ArmedTimer, ClosedTask, MessageWait, OpenedTask, Progress


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The open tasks with their elements, and the armed timers as (task id, occurrence)."""

    tasks: dict[UUID, str] = field(default_factory=dict)
    timers: Set[tuple[UUID, int]] = frozenset()


def take_snapshot(process: Process) -> Snapshot:
    """Return what is open and armed now."""
    tasks, timers = {}, set()
    for token in process.every():
        if token.task_spec.opens and token._state == READY:
            tasks[token.id] = token.task_spec.element_id
        elif "due" in token.memory and token._state == WAITING:
            timers.add((token.id, token.memory["occurrence"]))
    return Snapshot(tasks, timers)


def report(
    process: Process, before: Snapshot, after: Snapshot, *, completed: Set[UUID], fired: Set[tuple[UUID, int]],
    written: bytes,
) -> Progress:
    """Return the change from `before` to `after`."""
    tokens = process.tokens
    return Progress(
        state=written, ended=bool(process.completed), end=process.end,
        opened=tuple(_opened(tokens[task_id]) for task_id in after.tasks if task_id not in before.tasks),
        closed=tuple(
            ClosedTask(task_id, element_id, task_id in completed)
            for task_id, element_id in before.tasks.items() if task_id not in after.tasks
        ),
        armed=tuple(_armed(tokens[task_id]) for task_id, _ in sorted(after.timers - before.timers)),
        disarmed=tuple(sorted(before.timers - after.timers - fired)),
        waits=tuple(_waits(process)), thrown=tuple(process.thrown), flows=tuple(process.flows),
        entered=tuple(process.entered), current=_current(process), variables=dict(process.variables),
        warnings=tuple(process.engine.warnings),
    )


def _opened(token: Token) -> OpenedTask:
    node = token.task_spec
    return OpenedTask(token.id, node.element_id, node.info.process_key, dict(token.data))


def _armed(token: Token) -> ArmedTimer:
    node = token.task_spec
    definition: TimerDefinition = node.event_definition
    due = datetime.fromisoformat(token.memory["due"])
    interrupting = bool(node.cancel_activity) if isinstance(node, BoundaryEvent) else None
    return ArmedTimer(token.id, node.element_id, token.memory["occurrence"], due, definition.text, interrupting)


def _waits(process: Process) -> list[MessageWait]:
    return [
        MessageWait(token.id, token.task_spec.element_id, message)
        for token in process.every()
        if token._state == WAITING and (message := listens_to(token.task_spec))
    ]


def _current(process: Process) -> tuple[str, ...]:
    resting = (
        token.task_spec.element_id for token in process.every()
        if not isinstance(token.task_spec, BoundaryEvent | EventGateway)
    )
    return tuple(dict.fromkeys(resting))
