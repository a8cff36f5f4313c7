"""Who may do what with a user task, and whether it still can be done: checked inside every act on one."""

from __future__ import annotations

from typing import Final, NoReturn

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import Conflict, NotFound, NotPermitted
from engine.store import earlier_holders, relations
from engine.store.locking import NO_TASK, TaskLine
from engine.store.tables.people import practitioners
from engine.work import Work


class TaskClosed(Conflict):
    """The task is no longer open; details say `state`, `by` (a name) and `at` (aware UTC)."""


class TaskChanged(Conflict):
    """Somebody changed the task since it was shown; details say `version`."""


def require_may_know(work: Work, task: TaskLine, *, to_give: bool = False) -> None:
    """Let on only somebody to whom the task's page is open; to others there is none.

    `to_give` lets on the line manager of who has it too, who gives it to another and sees no more of the case. Raises
    `NotFound`, as of a task that does not exist, for whose it was before too: only the page that they may be typing
    into still asks that (`is_theirs`, `task_asked.asked`). Whoever it showed the case until it was done or called off
    is told that alone: raises `TaskClosed` without a name.
    """
    if work.actor is None or _is_plainly_theirs(work, task, work.actor):
        return
    relation = relations.of(work.connection, work.actor, work.case.id)
    known = permissions.may_know_of_task if to_give else permissions.may_see_task
    if not known(
        work.actor, relation, assignee=task.assignee_id, groups=task.groups, personal=task.personal
    ):
        raise NotFound(NO_TASK, task_id=task.id)
    if task.state != "open" and not permissions.may_see_case(work.actor, relation):
        raise _closed(task)


def is_theirs(work: Work, task: TaskLine, *, else_beside: bool) -> bool:
    """Tell whether the actor may do a task; False, where that will do, for one that went from them to somebody else.

    Raises `NotFound` or `NotPermitted` for who never had it.
    """
    try:
        require_may_know(work, task)
        require_may_do(work, task)
    except (NotFound, NotPermitted):
        if not (else_beside and work.actor and earlier_holders.had(work.connection, work.actor, task.id)):
            raise
        return False
    return True


def _is_plainly_theirs(work: Work, task: TaskLine, actor: Actor) -> bool:
    """Tell, without asking how they stand to the case, that nothing keeps a task from who has it or is offered it."""
    if task.state != "open" or task.may_be_kept or work.case.restricted or task.assignee_id in actor.covers:
        return False
    groups = task.groups - permissions.NARROWED
    return permissions.may_do_task(actor, assignee=task.assignee_id, groups=groups, personal=task.personal)


def require_open(work: Work, task: TaskLine, expected_version: int | None, *, named: bool = True) -> None:
    """Let on only while the task is open, and as it was shown; not `named`, nobody is told who completed it.

    Raises `TaskClosed`, `TaskChanged`.
    """
    if task.state != "open" and not named:
        raise _closed(task)
    if task.state != "open":
        who = work.connection.execute(
            sa.select(practitioners.c.name).where(practitioners.c.id == task.closed_by)
        ).scalar()
        said = f"{who} completed this task" if task.state == "completed" and who else "This task is no longer needed"
        raise TaskClosed(f"{said}.", state=task.state, by=who, at=task.closed_at, task_id=task.id, case_id=work.case.id)
    if expected_version is not None and expected_version != task.version:
        raise TaskChanged(
            "Somebody changed this task since you opened it. Look again.", version=task.version, task_id=task.id
        )


def _closed(task: TaskLine) -> TaskClosed:
    return TaskClosed("This task is not open any more.", task_id=task.id)


def require_may_do(work: Work, task: TaskLine) -> None:
    """Let on only somebody who may do the task. Raises `NotPermitted`."""
    if work.actor is None or permissions.may_do_task(
        work.actor, assignee=task.assignee_id, groups=task.groups, personal=task.personal
    ):
        return
    refuse(work, task)


def refuse(work: Work, task: TaskLine, does: str = "has this task now, so it is not yours to do") -> NoReturn:
    """Say that the person, who may know of the task, may not do this, and who has it. Raises `NotPermitted`.

    Of a question to one person it says what else there is to do than to take it from them.
    """
    who = None
    if work.actor is not None and task.assignee_id != work.actor.practitioner_id:
        who = work.connection.execute(
            sa.select(practitioners.c.name).where(practitioners.c.id == task.assignee_id)
        ).scalar()
    said = f"Only {who} can answer this. {ASK_THEM}" if who and task.personal else f"{who} {does}" if who else NOT_YOURS
    raise NotPermitted(said, task_id=task.id)


ASK_THEM: Final = (
    "Ask them to. If they cannot or will not, a CAF coordinator records that they decline, and somebody else is asked"
)


NOT_YOURS: Final = "This task is not yours to do"
