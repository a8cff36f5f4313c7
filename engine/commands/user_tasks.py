"""Claim, hand back, reassign, draft and complete user tasks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from engine.acts import advance, keep_answers, settle
from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.decisions import warn_of_form
from engine.errors import Conflict, EngineError, Invalid, NotPermitted
from engine.feel import Environment
from engine.forms import jsonable, validate
from engine.giving import recipient, require_may_have, require_may_pass_on
from engine.open_tasks import (
    TaskChanged,
    TaskClosed,
    is_theirs,
    refuse,
    require_may_do,
    require_may_know,
    require_open,
)
from engine.options import facts_for, options_for
from engine.process_engine import ProcessEngine
from engine.protecting import Step
from engine.store import locking, own_closures, requests, running, standing_in, task_drafts
from engine.store.incidents import open_incident
from engine.store.locking import InstanceLine, TaskLine
from engine.store.task_drafts import Draft
from engine.work import Work, open_work

__all__ = [
    "Completed", "DraftSaved", "TaskChanged", "TaskClosed", "claim", "complete", "reassign", "release", "save_draft",
    "take_back",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Completed:
    """What completing a task led to: the case, and the tasks that opened in the same process."""

    case_id: UUID
    opened: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class DraftSaved:
    """A draft as kept: its revision counts from 1, `base` names it for what is typed next.

    `aside` tells that somebody else saved other answers meanwhile, so that it is not the draft. `theirs` is False where
    the task went to somebody else from who typed it: then it waits beside the draft for who has the task.
    """

    revision: int
    saved_at: datetime
    base: str
    aside: bool
    theirs: bool = True


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
    open, the answers are kept as its draft, and what protects a child is kept all the same (`engine.protecting`).
    """
    now = engine.clock.now()
    request = requests.asked(actor, request_key, "complete a task", about=task_id, content=answers)

    def act(step: Step, first: tuple[UUID, ...]) -> Completed:
        with engine.sessions.act() as connection:
            if first:
                locking.cases_of(connection, first)
            task, line, case = locking.task(connection, task_id)
            work = open_work(engine, connection, case, actor=actor, at=now, request=request)
            step.begin(work)
            if (repeated := _same_request(work, task, line)) is not None:
                return repeated
            require_may_know(work, task)
            require_open(work, task, expected_version)
            require_may_do(work, task)
            return _complete(work, task, line, answers)

    try:
        with Step(engine, actor, f"task {task_id}") as step:
            try:
                return locking.in_order(partial(act, step))
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
            refuse(work, task, "has taken this task")
        if own_closures.is_own(
            work.connection, actor.practitioner_id, element_id=task.element_id, case_id=work.case.id
        ):
            raise NotPermitted("You wrote this closure: somebody else signs it off", task_id=task.id)
        _give(work, task, to=actor.practitioner_id, kind="task_claimed")


def release(engine: ProcessEngine, *, actor: Actor, task_id: UUID, expected_version: int | None = None) -> None:
    """Hand a task back to who delegated it, else to the group it was offered to. Raises `Invalid` without a group."""
    with _task_act(engine, actor, task_id, expected_version) as (work, task):
        if task.assignee_id != actor.practitioner_id:
            refuse(work, task)
        if task.delegated_by is not None:
            _give(work, task, to=task.delegated_by, kind="task_reassigned")
            work.send(task.delegated_by, subject=BACK, body=ON_MY_WORK)
            return
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
    delegate: bool = False,
    expected_version: int | None = None,
) -> str:
    """Give a task to another practitioner of the same authority, who is told. Raises as `complete` does.

    With `delegate` they do it for the actor, who has it, still answers for it and may take it back.

    Returns what the giver should know of them, as that they are away; empty when there is nothing. Raises `Invalid`
    for somebody who has left, cannot sign in, has no role of `permissions.task_takers`, or whom the family's consent
    leaves out: with a task they see the case. Who oversees the work may be asked all the same.
    """
    with _task_act(engine, actor, task_id, expected_version, to_give=True) as (work, task):
        require_may_pass_on(work, task, actor, to)
        given = recipient(work.connection, actor.authority_id, to, today=work.today)
        require_may_have(work, task, given)
        if delegate and task.assignee_id != actor.practitioner_id:
            raise Invalid("Only who has a task can ask somebody to do it for them", field="to")
        if delegate:
            _give(work, task, to=to, kind="task_delegated", why=why, delegate=True)
        else:
            _give(work, task, to=to, kind="task_reassigned", why=why)
        if to != actor.practitioner_id:
            work.send(to, subject="A task has been given to you", body=ON_MY_WORK)
        stands = standing_in.on_case(work.connection, work.case.id, to, given.standing, today=work.today)
        return stands.warning(work.today)


def take_back(engine: ProcessEngine, *, actor: Actor, task_id: UUID, expected_version: int | None = None) -> None:
    """Have a task again that one delegated; who had it is told. Raises as `complete` does."""
    with _task_act(engine, actor, task_id, expected_version) as (work, task):
        if task.delegated_by != actor.practitioner_id:
            refuse(work, task)
        _give(work, task, to=actor.practitioner_id, kind="task_taken_back")
        if task.assignee_id not in (None, actor.practitioner_id):
            work.send(task.assignee_id, subject=TAKEN_BACK, body="You need not do it any more. Thank you.")


ON_MY_WORK: Final = "It is on My work."
BACK: Final = "A task you delegated is with you again"
TAKEN_BACK: Final = "A task has been taken back"


def save_draft(
    engine: ProcessEngine,
    *,
    actor: Actor,
    task_id: UUID,
    answers: Mapping[str, Any],
    base: str | None = None,
    by_itself: bool = False,
    settles: UUID | None = None,
    beside: bool = False,
) -> DraftSaved:
    """Keep answers as typed, valid or not, as the task's next revision; earlier ones stay.

    `base` is that of the draft they were typed on top of (None: not asked). When somebody else, or the same person on
    another page, has saved other answers since, these are kept aside and do not become the draft. One that saves
    `by_itself` is written again while it is young. `settles` names whose typing aside is in `answers`.
    With `beside`, what somebody typed into a task that went from them to somebody else is kept aside under their name.
    History says once that a task was begun: every revision is kept with who and when, and drafts save themselves.
    `answers` must be JSON values. Raises `NotFound`, `NotPermitted`, `TaskClosed`.
    """
    now = engine.clock.now()
    with engine.sessions.act() as connection:
        task, _, case = locking.task(connection, task_id)
        work = open_work(engine, connection, case, actor=actor, at=now)
        theirs = is_theirs(work, task, else_beside=beside)
        require_open(work, task, None, named=theirs)
        kept, first = _keep_draft(work, actor, task_id, answers, base=base, by_itself=by_itself, theirs=theirs)
        if settles and not kept.aside:
            task_drafts.settle(connection, task_id, settles)
        if first and theirs:
            work.record("draft_begun", subject=task_id)
            work.finish()
        return DraftSaved(kept.revision, kept.saved_at, kept.base, kept.aside, theirs)


class _StepFailed(Exception):
    """Carries what stopped a process out of its transaction, so that an incident can be kept."""

    def __init__(self, cause: EngineError, task: TaskLine, line: InstanceLine, work: Work) -> None:
        super().__init__(str(cause))
        self.cause, self.task, self.line = cause, task, line
        self.case_id, self.authority_id = work.case.id, work.authority.id


def _complete(work: Work, task: TaskLine, line: InstanceLine, answers: Mapping[str, Any]) -> Completed:
    variables = keep_answers(work, task, line, _validated(work, task, answers))
    try:
        progress = advance(work, line, lambda instance: instance.complete(task.id, variables))
        settle(work)
    except Conflict:
        raise
    except EngineError as error:
        raise _StepFailed(error, task, line, work) from error
    return Completed(work.case.id, tuple(opened.task_id for opened in progress.opened))


def _validated(work: Work, task: TaskLine, answers: Mapping[str, Any]) -> Mapping[str, Any]:
    """Judge the answers by the task's own form; a task without a form takes scalars as they are."""
    if task.form_id is None:
        return dict(answers)
    form = work.engine.library.form(work.connection, task.form_id, term=work.authority.term)
    environment = Environment(now=work.at, zone=work.authority.zone, warnings=[], host=work.host)
    own = {"authority_id": work.authority.id, "case_id": work.case.id}
    options = options_for(work.connection, form, **own, actor=work.actor, suggestions=False)
    known = {**task.variables, **facts_for(work.connection, form, case_id=work.case.id, host=work.host)}
    clean = validate(form, answers, environment=environment, options=options, variables=known)
    warn_of_form(work, form.key, task.element_id, environment.warnings)
    return clean


@contextmanager
def _task_act(
    engine: ProcessEngine, actor: Actor, task_id: UUID, expected_version: int | None, *, to_give: bool = False
) -> Iterator[tuple[Work, TaskLine]]:
    """Carry a small change to an open task: lock, check, let the block change it, write the history."""
    with engine.sessions.act() as connection:
        task, _, case = locking.task(connection, task_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now())
        require_may_know(work, task, to_give=to_give)
        require_open(work, task, expected_version)
        yield work, task
        work.finish()


def _give(work: Work, task: TaskLine, *, to: UUID | None, kind: str, why: str = "", delegate: bool = False) -> None:
    queue = None if to is not None else min(task.groups, default=None)
    by = (task.assignee_id, work.today) if delegate and task.assignee_id is not None else None
    if not running.reassign(work.connection, task.id, was=task.version, to=to, queue=queue, delegated=by):
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
        kept: dict[str, Any] = {"id_": engine.ids.new(), "authority_id": actor.authority_id, "task_id": failed.task.id}
        task_drafts.add(connection, **kept, by=actor.practitioner_id, answers=jsonable(answers), at=at)


def _keep_draft(
    work: Work,
    actor: Actor,
    task_id: UUID,
    answers: Mapping[str, Any],
    *,
    base: str | None,
    by_itself: bool,
    theirs: bool,
) -> tuple[Draft, bool]:
    """Return what was kept, and whether it is the task's first draft; nothing new is kept of what the draft says.

    Nothing passes over a draft that was saved since the page was made, whoever saved it and on whichever page.
    """
    last = task_drafts.newest(work.connection, task_id)
    if (base is not None or not theirs) and last is not None and last.answers == answers:
        return last, False
    moved = not theirs or (base is not None and task_drafts.is_past(base, last))
    over = task_drafts.aside_of(work.connection, task_id, actor.practitioner_id) if moved else last
    again = over is not None and (
        moved or (by_itself and task_drafts.may_be_written_again(over, by=actor.practitioner_id, at=work.at))
    )
    if over is not None and again:
        return task_drafts.write_again(work.connection, over, answers, at=work.at), False
    kept: dict[str, Any] = {"id_": work.engine.ids.new(), "authority_id": actor.authority_id, "task_id": task_id}
    kept |= {"by": actor.practitioner_id, "answers": answers, "at": work.at, "by_itself": by_itself, "aside": moved}
    return task_drafts.add(work.connection, **kept), last is None
