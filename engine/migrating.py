"""Move running cases to another version of their diagram, each wholly or not at all, with all that waits on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.acts import change_version, environment_of
from engine.assignment import assign
from engine.bpmn import (
    NO_TARGETS,
    Carried,
    ElementInfo,
    ProcessDefinition,
    Remark,
    StepEnvironment,
    Targets,
    Touched,
    carry_over,
    is_asked_otherwise,
    verdict_of,
)
from engine.errors import Conflict
from engine.forms import Field, Form, level
from engine.library import Library
from engine.store import definitions, rehearsals, running
from engine.store.locking import InstanceLine
from engine.work import Work

FormOf = Callable[[ElementInfo], Form | None]


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a diagram, in force or not yet, and the form that it asks with at each of its tasks."""

    definition: ProcessDefinition
    form_of: FormOf


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open task: its form, whether somebody has claimed or begun it, and what they have typed."""

    id: UUID
    element_id: str
    form: Form | None
    started: bool
    answers: Mapping[str, Any] = field(default_factory=dict)
    row: Any = field(default=None, repr=False, compare=False)


def waiting(connection: sa.Connection, library: Library, instance_ids: Sequence[UUID]) -> dict[UUID, list[Waiting]]:
    """Return the open tasks of instances, by instance."""
    found: dict[UUID, list[Waiting]] = {instance_id: [] for instance_id in instance_ids}
    rows = rehearsals.open_tasks(connection, instance_ids)
    typed = rehearsals.drafted(connection, [row.id for row in rows])
    for row in rows:
        form = None if row.form_id is None else library.form(connection, row.form_id)
        claimed = bool(row.assignee_id and row.candidate_groups and row.version > 1)
        begun = claimed or row.id in typed
        found[row.instance_id].append(Waiting(row.id, row.element_id, form, begun, typed.get(row.id, {}), row))
    return found


def tried(
    old: ProcessDefinition, new: Version, state: bytes, environment: StepEnvironment, tasks: Sequence[Waiting],
    *, targets: Targets = NO_TARGETS,
) -> Carried:  # fmt: skip
    """Carry an instance over to a version as `engine.bpmn.carry_over` does, minding what its open tasks hold.

    Raises `Invalid` when a timer that is new cannot be reckoned.
    """
    started = {task.id for task in tasks if task.started}
    carried = carry_over(old, new.definition, state, environment, targets=targets, started=started)
    about = {task.id: _of_form(task, info, new.form_of(info)) for task in tasks if (info := carried.tasks.get(task.id))}
    remarks = tuple(dict.fromkeys((*carried.remarks, *(each for each in about.values() if each is not None))))
    verdict = verdict_of(remarks)
    instance = None if verdict in ("stays", "decide") else carried.instance
    return replace(carried, verdict=verdict, remarks=remarks, instance=instance)


def _of_form(task: Waiting, info: ElementInfo, form: Form | None) -> Remark | None:
    """Remark on a task's form when its text is another now; what was typed into it has to find its question again."""
    if (task.form and task.form.hash) == (form and form.hash):
        return None
    name = f"“{info.name or info.id}”"
    if any(_question(task.form, key) != _question(form, key) for key in task.answers):
        return Remark("stays", task.element_id, f"{name} has been begun, and asks otherwise now what was answered")
    return Remark("changes", task.element_id, f"{name} asks with a form that has changed")


def _question(form: Form | None, key: str) -> object:
    """Return what makes a question the same one: its kind and what may be answered."""
    asked = () if form is None else level(form.fields)
    return next((_shape(each) for each in asked if each.key == key), None)


def _shape(asked: Field) -> tuple[Any, ...]:
    options = tuple(option.value for option in asked.options)
    return asked.kind, asked.binds, options, asked.source, tuple((each.key, _shape(each)) for each in asked.children)


def deployed(connection: sa.Connection, library: Library, definition_id: UUID) -> Version:
    """Return a deployed version. Raises `NotFound`."""

    def form_of(info: ElementInfo) -> Form | None:
        form_id = library.form_of(connection, definition_id, info.process_key, info.form)
        return None if form_id is None else library.form(connection, form_id)

    return Version(library.process(connection, definition_id), form_of)


def touched(old: Version, new: Version, *, targets: Targets = NO_TARGETS) -> Touched:
    """Return which steps another version changes for cases on `old`, with the forms that both ask with."""

    def form_hash(version: Version) -> Callable[[ElementInfo], str | None]:
        return lambda info: None if (form := version.form_of(info)) is None else form.hash

    return Touched(
        old.definition, new.definition, targets=targets, old_form=form_hash(old), new_form=form_hash(new)
    )  # fmt: skip


def migrate(work: Work, line: InstanceLine, definition_id: UUID, *, targets: Targets = NO_TARGETS) -> Carried:
    """Move an instance of the case to another version of its diagram, inside an act.

    Timers keep the time that was promised, open tasks their ids, drafts and days; who has begun one keeps it. Raises
    `Conflict` with the reason when it has to stay or somebody has to decide; then nothing is written.
    """
    library, connection = work.engine.library, work.connection
    old, new = library.process(connection, line.definition_id), deployed(connection, library, definition_id)
    tasks = waiting(connection, library, [line.id])[line.id]
    carried = tried(old, new, line.state, environment_of(work), tasks, targets=targets)
    if carried.instance is None:
        raise Conflict(_why_not(carried))
    running.rename_timers(connection, line.id, carried.timers)
    change_version(work, line, definition_id, carried.instance)
    for task in tasks:
        if (info := carried.tasks.get(task.id)) is not None:
            _change_task(work, old, definition_id, task, info)
    before, after = (definitions.load(connection, id_) for id_ in (line.definition_id, definition_id))
    detail = {"process": old.key, "from": before.version, "to": after.version}
    work.record("version_changed", subject=line.id, detail=detail)
    return carried


def _why_not(carried: Carried) -> str:
    return "; ".join(remark.said for remark in carried.remarks if remark.kind in ("stays", "decide"))


def _change_task(work: Work, old: ProcessDefinition, definition_id: UUID, task: Waiting, info: ElementInfo) -> None:
    """Let an open task stand as the new version draws it; whoever has begun it keeps it, and its days stay."""
    row, library = task.row, work.engine.library
    form_id = library.form_of(work.connection, definition_id, info.process_key, info.form)
    now: dict[str, Any] = {
        "process_key": info.process_key, "element_id": info.id, "name": info.name or info.id, "form_id": form_id,
        "personal": info.personal,
    }  # fmt: skip
    if is_asked_otherwise(old.element(row.process_key, row.element_id), info) and not task.started:
        given = assign(work, info, row.variables)
        now |= {
            "assignee_id": given.assignee, "candidate_groups": sorted(given.groups), "queue": given.queue,
            "meant_for_id": given.meant_for, "asked_because": given.because, "delegated_by": None, "delegated_on": None,
        }  # fmt: skip
    if form_id != row.form_id or "queue" in now:
        now["version"] = row.version + 1
    rehearsals.change_task(work.connection, task.id, now)
