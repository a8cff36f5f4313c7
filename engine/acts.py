"""Carry a step of a process through: answer its decisions, apply its effects, save what it changed.

`engine.bpmn` moves tokens and stops at each decision and operation; everything here happens inside the one
transaction of the act that set it going.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from engine.assignment import assign
from engine.bpmn import Instance, PendingWork, ProcessDefinition, StepEnvironment, one_at_a_time
from engine.decisions import decide, warn_of_expressions
from engine.errors import BudgetExceeded, Invalid, NotFound
from engine.forms import jsonable
from engine.open_tasks import TaskChanged, require_open
from engine.operations import RECORD, SERVICE
from engine.progress import OpenedTask, Progress, ThrownMessage
from engine.stopping import in_words_of
from engine.store import locking, running
from engine.store.escalations import running as running_process
from engine.store.incidents import resolve_for
from engine.store.locking import InstanceLine, TaskLine
from engine.work import Work, write_gathered

MOST_HOPS = 10
"""How many instances one act may set going one after another by messages."""


def start_process(work: Work, process_key: str, variables: Mapping[str, Any]) -> UUID:
    """Start the newest version of `process_key` on the case of `work` and return the instance's id.

    `variables` are routing values (scalars, or lists of them). Raises `NotFound` when it was never deployed.
    """
    definition_id = work.authority.latest.get(("process", process_key))
    if definition_id is None:
        raise NotFound(f"The process '{process_key}' is not deployed", process=process_key)
    return _start(work, definition_id, variables, hops=0)


def advance(work: Work, line: InstanceLine, step: Callable[[Instance], Any]) -> Progress:
    """Restore an instance, let `step` move it, carry it to its next wait and save it."""
    return _advance(work, line, step, hops=0)


def change_version(work: Work, line: InstanceLine, definition_id: UUID, instance: Instance) -> Progress:
    """Save an instance that was carried over to another version of its diagram, at its next wait there."""
    definition = work.engine.library.process(work.connection, definition_id)
    with in_words_of(definition, line.id):
        running.change_definition(work.connection, line.id, definition_id)
        return _save_moved(work, definition, replace(line, definition_id=definition_id), instance, hops=0)


def send_message(work: Work, name: str, variables: Mapping[str, Any]) -> None:
    """Give a message to every instance of the case that waits for it, or start the process that it starts."""
    _deliver(work, (ThrownMessage(name, variables),), hops=0)


def routed(definition: ProcessDefinition, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers that some expression of the diagram names: the only ones a process is given."""
    return {key: value for key, value in answers.items() if key in definition.names_used and _is_routable(value)}


def keep_answers(work: Work, task: TaskLine, line: InstanceLine, clean: Mapping[str, Any]) -> dict[str, Any]:
    """Close an open user task with its clean answers and record what they say; return what its diagram is to get.

    Raises `TaskChanged`, now or before the commit, when it is no longer as it was read.
    """
    changed = TaskChanged("Somebody changed this task a moment ago. Look again.", version=task.version)
    by = work.actor.practitioner_id if work.actor else None
    running.close_task(work.connection, task, at=work.at, by=by, otherwise=changed)
    work.record(
        "task_completed",
        subject=task.id,
        detail={"element": task.element_id},
        payload=jsonable(clean),
        form_id=task.form_id,
    )
    definition = work.engine.library.process(work.connection, line.definition_id)
    info = definition.element(task.process_key, task.element_id)
    variables = routed(definition, clean)
    if info.operation:
        variables |= RECORD[info.operation].apply(work, _bound(work, task, clean), task.variables)
    return variables


def _bound(work: Work, task: TaskLine, clean: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the answers under the names of the record's properties that their questions are bound to."""
    if task.form_id is None:
        return clean
    bindings = work.engine.library.form(work.connection, task.form_id).bindings
    return {**clean, **{name: clean[path] for name, path in bindings.items() if path in clean}}


def settle(work: Work, *, left: list[Work] | None = None) -> None:
    """End the act: finish the tasks it answered with its own, start what it asked to start; when it closed the case,
    end all that runs on it; write the history.

    An act on another case that this one carried with it ends with it. What acts of one transaction can write together
    (`engine.work.write_gathered`) is left to the caller, who gives the list `left` to add them to.
    """
    done: list[Work] = [] if left is None else left
    for other in work.also:
        settle(other, left=done)
    for instance_id in work.ends:
        _advance(work, locking.instance(work.connection, instance_id), lambda instance: instance.cancel(), hops=0)
    for task_id in work.released:
        release(work, task_id)
    for task_id, answers in work.answered:
        _finish(work, task_id, answers)
    for process_key, variables in work.starts:
        start_process(work, process_key, variables)
    if work.closes:
        for line in _running(work):
            _advance(work, line, lambda instance: instance.cancel(), hops=MOST_HOPS)
    work.write_history()
    done.append(work)
    if left is None:
        write_gathered(done)


def release(work: Work, task_id: UUID) -> None:
    """End an open task that asks nobody any more; its diagram goes on as if it had been answered with nothing."""
    task, line, _ = locking.task(work.connection, task_id)
    if task.state == "open":
        running.cancel_tasks(work.connection, [task_id], at=work.at)
        advance(work, line, lambda instance: instance.complete(task_id, {}))


def _finish(work: Work, task_id: UUID, answers: Mapping[str, Any]) -> None:
    """Finish a task with the answers of another, unless somebody has finished it meanwhile: then look again."""
    task, line, _ = locking.task(work.connection, task_id)
    require_open(work, task, None)
    variables = keep_answers(work, task, line, answers)
    advance(work, line, lambda instance: instance.complete(task_id, variables))


def _start(work: Work, definition_id: UUID, variables: Mapping[str, Any], *, hops: int, message: str = "") -> UUID:
    definition = work.engine.library.process(work.connection, definition_id)
    with in_words_of(definition):
        start_at = definition.message_starts.get(message) if message else None
        instance = Instance.start(definition, variables, environment_of(work), start_at=start_at)
        progress = _carry(work, definition, instance, definition_id)
        instance_id = work.engine.ids.new()
        row = {
            "id": instance_id,
            "authority_id": work.authority.id,
            "definition_id": definition_id,
            "case_id": work.case.id,
            "process_key": definition.key,
        }
        running.insert_instance(work.connection, row, progress, at=work.at)
        entered = {"process": definition.key, "entered": progress.entered}
        work.record("process_started", subject=instance_id, detail=entered)
        _save_step(work, definition, definition_id, instance_id, progress)
        _deliver(work, progress.thrown, hops=hops)
    return instance_id


def _advance(work: Work, line: InstanceLine, step: Callable[[Instance], Any], *, hops: int) -> Progress:
    definition = work.engine.library.process(work.connection, line.definition_id)
    with in_words_of(definition, line.id):
        instance = Instance.restore(definition, line.state, environment_of(work))
        step(instance)
        return _save_moved(work, definition, line, instance, hops=hops)


def _save_moved(
    work: Work, definition: ProcessDefinition, line: InstanceLine, instance: Instance, *, hops: int
) -> Progress:
    """Carry an instance to its next wait and save it with all that this changed."""
    progress = _carry(work, definition, instance, line.definition_id)
    running.save_instance(work.connection, line, progress, at=work.at)
    if line.status == "incident":
        resolve_for(work.connection, at=work.at, instance_id=line.id)
    work.record(
        "process_moved",
        subject=line.id,
        detail={
            "flows": progress.flows,
            "current": progress.current,
            "end": progress.end,
            "opened": [str(opened.task_id) for opened in progress.opened],
        },
    )
    _save_step(work, definition, line.definition_id, line.id, progress)
    _deliver(work, progress.thrown, hops=hops)
    return progress


def _carry(work: Work, definition: ProcessDefinition, instance: Instance, definition_id: UUID) -> Progress:
    """Answer decisions and operations until the instance waits for a person, a time or a message."""
    answered = 0
    while pending := instance.pending():
        for item in pending:
            answered += 1
            if answered > work.engine.limits.operations:
                raise BudgetExceeded(
                    f"{item.element_id}: this step asked for more than {work.engine.limits.operations} decisions and "
                    "operations; draw a task, a timer or another way out into the circle",
                    element=item.element_id,
                )
            instance.answer(item.task_id, _answer(work, definition_id, item))
    return instance.progress()


def _answer(work: Work, definition_id: UUID, item: PendingWork) -> Mapping[str, Any]:
    if item.kind == "decision":
        return decide(work, definition_id, item)
    operation = SERVICE.get(item.info.operation or "")
    if operation is None:
        raise Invalid(f"{item.element_id}: there is no operation '{item.info.operation}'", element=item.element_id)
    inputs = {**item.info.properties, **{name: item.variables.get(name) for name in item.info.inputs}}
    return operation(work, inputs, item.variables)


def _save_step(
    work: Work, definition: ProcessDefinition, definition_id: UUID, instance_id: UUID, progress: Progress
) -> None:
    cancelled = [closed.task_id for closed in progress.closed if not closed.completed]
    running.cancel_tasks(work.connection, cancelled, at=work.at)
    running.insert_tasks(
        work.connection,
        [_task_row(work, definition, definition_id, instance_id, opened) for opened in progress.opened],
    )
    fresh = [work.engine.ids.new() for _ in progress.armed]
    running.move_timers(work.connection, instance_id, progress, ids=fresh, zone=work.authority.zone.key, at=work.at)
    warn_of_expressions(work, progress.warnings)


def _task_row(
    work: Work, definition: ProcessDefinition, definition_id: UUID, instance_id: UUID, opened: OpenedTask
) -> dict[str, Any]:
    info = definition.element(opened.process_key, opened.element_id)
    given = assign(work, info, opened.variables)
    return {
        "id": opened.task_id,
        "authority_id": work.authority.id,
        "instance_id": instance_id,
        "case_id": work.case.id,
        "process_key": opened.process_key,
        "element_id": opened.element_id,
        "name": info.name or opened.element_id,
        "state": "open",
        "form_id": work.engine.library.form_of(work.connection, definition_id, opened.process_key, info.form),
        "assignee_id": given.assignee,
        "candidate_groups": sorted(given.groups),
        "queue": given.queue,
        "meant_for_id": given.meant_for,
        "asked_because": given.because,
        "personal": info.personal,
        "variables": dict(opened.variables),
        "due_on": given.due_on,
        "follow_up_on": given.follow_up_on,
        "opened_at": work.at,
        "version": 1,
    }


def _deliver(work: Work, thrown: tuple[ThrownMessage, ...], *, hops: int) -> None:
    """Give messages that left an instance to the other instances of the case, or start what they start."""
    if thrown and hops >= MOST_HOPS:
        said = f"more than {MOST_HOPS} processes set each other going by the message “{thrown[0].name}”"
        raise BudgetExceeded(f"{said}; let one of them end without sending it")
    for message in thrown:
        for line in _running(work):
            if message.name in line.messages:
                _advance(work, line, _sender(message), hops=hops + 1)
        starts = work.authority.latest.get(("message", message.name))
        if starts is not None and not _joined(work, starts):
            _start(work, starts, message.variables, hops=hops + 1, message=message.name)


def _joined(work: Work, definition_id: UUID) -> bool:
    """Tell whether a diagram that runs one at a time runs on the case: a message that would start it again joins it."""
    definition = work.engine.library.process(work.connection, definition_id)
    return one_at_a_time(definition) and running_process(work.connection, work.case.id, definition.key) is not None


def _sender(message: ThrownMessage) -> Callable[[Instance], Any]:
    return lambda instance: instance.send(message.name, message.variables)


def _running(work: Work) -> Iterator[InstanceLine]:
    for instance_id in running.on_case(work.connection, work.case.id):
        line = locking.instance(work.connection, instance_id)
        if line.status != "ended":
            yield line


def environment_of(work: Work) -> StepEnvironment:
    """Return the world in which a step of a diagram happens in this act."""
    return StepEnvironment(now=work.at, zone=work.authority.zone, host=work.host, ids=work.engine.ids)


def _is_routable(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(_is_scalar(item) for item in value)
    return _is_scalar(value)


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, str | bool | int | float | Decimal | date)
