"""Claim, hand back, reassign, draft and complete user tasks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.acts import advance, routed, settle
from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.decisions import warn_of_form
from engine.errors import Conflict, EngineError, Invalid, NotPermitted
from engine.feel import Environment
from engine.forms import jsonable, validate
from engine.open_tasks import TaskChanged, TaskClosed, refuse, require_may_do, require_may_know, require_open
from engine.operations import RECORD
from engine.operations.consent_cover import require_covered
from engine.options import options_for
from engine.process_engine import ProcessEngine
from engine.store import locking, own_closures, people, relations, requests, running
from engine.store.incidents import open_incident
from engine.store.locking import InstanceLine, TaskLine
from engine.store.tables.running import task_drafts
from engine.work import Work, open_work

__all__ = [
    "Completed", "DraftSaved", "TaskChanged", "TaskClosed", "claim", "complete", "reassign", "release", "save_draft",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Completed:
    """What completing a task led to: the case, and the tasks that opened in the same process."""

    case_id: UUID
    opened: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class DraftSaved:
    """A draft as kept: its revision counts from 1."""

    revision: int
    saved_at: datetime


def complete(
    engine: ProcessEngine,
    *,
    actor: Actor,
    task_id: UUID,
    answers: Mapping[str, Any],
    expected_version: int | None = None,
    request_key: str | None = None,
) -> Completed:
    """Complete an open task with its form's answers and move the process on, all in one transaction.

    `expected_version` is the version the person saw; `request_key` makes a repeated request give the first
    answer again. Raises `NotFound`, `NotPermitted`, `InvalidAnswers` (each field's sentence), `TaskClosed`,
    `TaskChanged`, `KeyUsed`, or `Invalid` when the process cannot go on: then an incident is opened, the task stays
    open and the answers are kept as its draft.
    """
    now = engine.clock.now()
    request = requests.asked(actor, request_key, "complete a task", about=task_id, content=answers)

    def act(first: tuple[UUID, ...]) -> Completed:
        with engine.sessions.act() as connection:
            if first:
                locking.cases_of(connection, first)
            task, line, case = locking.task(connection, task_id)
            work = open_work(engine, connection, case, actor=actor, at=now, request=request)
            repeated = _same_request(work, task, line)
            if repeated is not None:
                return repeated
            require_may_know(work, task)
            require_open(work, task, expected_version)
            require_may_do(work, task)
            return _complete(work, task, line, answers)

    try:
        return locking.in_order(act)
    except _StepFailed as failed:
        _report(engine, failed, answers, actor=actor, at=now)
        raise failed.cause from failed
    except Conflict:
        # Asked only now: that a key is new is not worth a statement of every completion.
        with engine.sessions.read() as connection:
            requests.answered(connection, request)
        raise


def claim(engine: ProcessEngine, *, actor: Actor, task_id: UUID, expected_version: int | None = None) -> None:
    """Take an unclaimed task offered to one of one's groups; one's own stays as it is. Raises as `complete` does."""
    with _task_act(engine, actor, task_id, expected_version) as (work, task):
        if task.assignee_id == actor.practitioner_id:
            return
        if not permissions.may_claim(actor, assignee=task.assignee_id, groups=task.groups):
            refuse(task)
        if own_closures.is_own(
            work.connection, actor.practitioner_id, element_id=task.element_id, case_id=work.case.id
        ):
            raise NotPermitted("You wrote this closure: somebody else signs it off", task_id=task.id)
        _give(work, task, to=actor.practitioner_id, kind="task_claimed")


def release(engine: ProcessEngine, *, actor: Actor, task_id: UUID, expected_version: int | None = None) -> None:
    """Hand a task back to the group it was offered to. Raises `Invalid` when there is no group."""
    with _task_act(engine, actor, task_id, expected_version) as (work, task):
        if task.assignee_id != actor.practitioner_id:
            refuse(task)
        if not task.groups:
            raise Invalid("This task was given to you by name: reassign it instead of handing it back")
        _give(work, task, to=None, kind="task_released")


def reassign(
    engine: ProcessEngine,
    *,
    actor: Actor,
    task_id: UUID,
    to: UUID,
    why: str = "",
    expected_version: int | None = None,
) -> str:
    """Give a task to another practitioner of the same authority, who is told. Raises as `complete` does.

    Returns what the giver should know of them, as that they are away; empty when there is nothing. Raises `Invalid`
    for somebody who has left, cannot sign in, has no role of `permissions.task_takers`, or whom the family's consent
    leaves out: with a task they see the case. Who oversees the work may be asked all the same.
    """
    with _task_act(engine, actor, task_id, expected_version) as (work, task):
        relation = relations.of(work.connection, actor, work.case.id)
        seen = permissions.may_see_task(actor, relation, assignee=task.assignee_id, groups=task.groups)
        if not (seen and permissions.may_reassign(actor, assignee=task.assignee_id)):
            refuse(task)
        standing = people.standings(work.connection, actor.authority_id, [to], today=work.today).get(to)
        if standing is None:
            raise Invalid("Choose a person from the list", field="to")
        if refusal := standing.refusal(work.today):
            raise Invalid(refusal, field="to")
        if not people.has_role(work.connection, to, permissions.task_takers(task.groups)):
            said = f"{standing.name} does not work with cases like this one. Choose somebody else"
            raise Invalid(said, field="to")
        if not people.has_role(work.connection, to, permissions.OVERSIGHT):
            require_covered(work, [to], "to")
        if own_closures.is_own(work.connection, to, element_id=task.element_id, case_id=work.case.id):
            raise Invalid(f"{standing.name} wrote this closure. Choose somebody else to sign it off", field="to")
        _give(work, task, to=to, kind="task_reassigned", why=why)
        if to != actor.practitioner_id:
            work.send(to, subject="A task has been given to you", body="Sign in to see the task and the case.")
        return standing.warning(work.today)


def save_draft(engine: ProcessEngine, *, actor: Actor, task_id: UUID, answers: Mapping[str, Any]) -> DraftSaved:
    """Keep answers as typed, valid or not, as the task's next revision; earlier ones stay.

    History says once that a task was begun: every revision is kept with who and when, and drafts save themselves.
    `answers` must be JSON values. Raises `NotFound`, `NotPermitted`, `TaskClosed`.
    """
    now = engine.clock.now()
    with engine.sessions.act() as connection:
        task, _, case = locking.task(connection, task_id)
        work = open_work(engine, connection, case, actor=actor, at=now)
        require_may_know(work, task)
        require_open(work, task, None)
        require_may_do(work, task)
        saved = _keep_draft(engine, connection, task_id, answers, actor=actor, at=now)
        if saved.revision == 1:
            work.record("draft_begun", subject=task_id)
            work.finish()
        return saved


class _StepFailed(Exception):
    """Carries what stopped a process out of its transaction, so that an incident can be kept."""

    def __init__(self, cause: EngineError, task: TaskLine, line: InstanceLine, work: Work) -> None:
        super().__init__(str(cause))
        self.cause, self.task, self.line = cause, task, line
        self.case_id, self.authority_id = work.case.id, work.authority.id


def _complete(work: Work, task: TaskLine, line: InstanceLine, answers: Mapping[str, Any]) -> Completed:
    clean = _validated(work, task, answers)
    actor = work.actor.practitioner_id if work.actor else None
    changed = TaskChanged("Somebody changed this task a moment ago. Look again.", version=task.version)
    running.close_task(work.connection, task, at=work.at, by=actor, otherwise=changed)
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
    try:
        progress = advance(work, line, lambda instance: instance.complete(task.id, variables))
        settle(work)
    except Conflict:
        raise
    except EngineError as error:
        raise _StepFailed(error, task, line, work) from error
    return Completed(work.case.id, tuple(opened.task_id for opened in progress.opened))


def _bound(work: Work, task: TaskLine, clean: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the answers under the names of the record's properties that their questions are bound to."""
    if task.form_id is None:
        return clean
    bindings = work.engine.library.form(work.connection, task.form_id).bindings
    return {**clean, **{name: clean[path] for name, path in bindings.items() if path in clean}}


def _validated(work: Work, task: TaskLine, answers: Mapping[str, Any]) -> Mapping[str, Any]:
    """Judge the answers by the task's own form; a task without a form takes scalars as they are."""
    if task.form_id is None:
        return dict(answers)
    form = work.engine.library.form(work.connection, task.form_id, term=work.authority.term)
    environment = Environment(now=work.at, zone=work.authority.zone, warnings=[], host=work.host)
    options = options_for(work.connection, form, authority_id=work.authority.id, case_id=work.case.id)
    clean = validate(form, answers, environment=environment, options=options, variables=task.variables)
    warn_of_form(work, form.key, task.element_id, environment.warnings)
    return clean


@contextmanager
def _task_act(
    engine: ProcessEngine, actor: Actor, task_id: UUID, expected_version: int | None
) -> Iterator[tuple[Work, TaskLine]]:
    """Carry a small change to an open task: lock, check, let the block change it, write the history."""
    with engine.sessions.act() as connection:
        task, _, case = locking.task(connection, task_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now())
        require_may_know(work, task)
        require_open(work, task, expected_version)
        yield work, task
        work.finish()


def _give(work: Work, task: TaskLine, *, to: UUID | None, kind: str, why: str = "") -> None:
    queue = None if to is not None else min(task.groups, default=None)
    if not running.reassign(work.connection, task.id, was=task.version, to=to, queue=queue):
        raise TaskChanged("Somebody changed this task a moment ago. Look again.", version=task.version)
    was = None if task.assignee_id is None else str(task.assignee_id)
    detail = {"from": was, "to": None if to is None else str(to)}
    work.record(kind, subject=task.id, detail=detail, payload={"why": why} if why else None)


def _same_request(work: Work, task: TaskLine, line: InstanceLine) -> Completed | None:
    """Return the first answer when this very request has already completed the task."""
    first = requests.answered(work.connection, work.request) if task.state != "open" else None
    if first is None:
        return None
    step = requests.next_event(work.connection, first, "process_moved", about=line.id)
    return Completed(work.case.id, tuple(UUID(id_) for id_ in step.detail.get("opened", ())))


def _report(
    engine: ProcessEngine, failed: _StepFailed, answers: Mapping[str, Any], *, actor: Actor, at: datetime
) -> None:
    with engine.sessions.act() as connection:
        open_incident(
            connection,
            id_=engine.ids.new(),
            authority_id=failed.authority_id,
            case_id=failed.case_id,
            instance_id=failed.line.id,
            kind="step",
            element_id=failed.task.element_id,
            message=str(failed.cause),
            at=at,
        )
        _keep_draft(engine, connection, failed.task.id, jsonable(answers), actor=actor, at=at)


def _keep_draft(
    engine: ProcessEngine,
    connection: sa.Connection,
    task_id: UUID,
    answers: Mapping[str, Any],
    *,
    actor: Actor,
    at: datetime,
) -> DraftSaved:
    last = connection.execute(
        sa.select(sa.func.max(task_drafts.c.revision)).where(task_drafts.c.task_id == task_id)
    ).scalar()
    saved = DraftSaved((last or 0) + 1, at)
    connection.execute(
        sa.insert(task_drafts).values(
            id=engine.ids.new(),
            authority_id=actor.authority_id,
            task_id=task_id,
            practitioner_id=actor.practitioner_id,
            revision=saved.revision,
            answers=dict(answers),
            saved_at=at,
        )
    )
    return saved
