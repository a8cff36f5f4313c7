"""Ask somebody how a task or an action gets on: a message to them, once a day at most, and a line in the history."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.open_tasks import require_may_know, require_open
from engine.process_engine import ProcessEngine
from engine.store import locking, relations, resting
from engine.store.tables.record import plan_actions
from engine.store.tables.worklists import chases
from engine.work import Work, open_work, require_on_case

ASKED = "Somebody has asked how this gets on today already"
NOT_SHARED = "Nothing of this case may be shared now, so they are not asked how it gets on"


def ask_about_task(engine: ProcessEngine, *, actor: Actor, task_id: UUID) -> None:
    """Ask who has a task how it gets on: of a case that one leads, assesses or oversees, or a task one delegated.

    Raises `NotFound`, `NotPermitted`, `TaskClosed`, `Invalid` when nobody has it or the case is none of theirs while
    sharing rests, `Conflict` when it was asked today.
    """
    with engine.sessions.act() as connection:
        task, _, case = locking.task(connection, task_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now())
        require_may_know(work, task)
        require_open(work, task, None)
        if task.delegated_by != actor.practitioner_id:
            _require_may_ask(work, actor)
        if task.assignee_id is None:
            raise Invalid("Nobody has this task yet: give it to somebody")
        if resting.is_kept_from(connection, case.id, task.assignee_id, today=work.today, groups=task.groups):
            raise Invalid(NOT_SHARED)
        _ask(work, actor, task_id, task.assignee_id, kind="task_chased", what="a task")


def ask_about_action(engine: ProcessEngine, *, actor: Actor, action_id: UUID) -> None:
    """Ask the owner of an open action how it gets on, as `ask_about_task` does. Raises the same."""
    with engine.sessions.act() as connection:
        found = connection.execute(sa.select(plan_actions).where(plan_actions.c.id == action_id)).first()
        if found is None:
            raise NotFound("There is no such action", action_id=action_id)
        case = locking.case(connection, found.case_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now())
        require_on_case(work)
        _require_may_ask(work, actor)
        found = connection.execute(sa.select(plan_actions).where(plan_actions.c.id == action_id)).one()
        if found.closed_on is not None:
            raise Conflict("This action is already closed", action_id=action_id)
        if resting.is_kept_from(connection, case.id, found.owner_id, today=work.today):
            raise Invalid(NOT_SHARED)
        _ask(work, actor, action_id, found.owner_id, kind="action_chased", what="an action of a plan")


def _require_may_ask(work: Work, actor: Actor) -> None:
    """Let on only who leads, assesses, manages or coordinates. Raises `NotPermitted`."""
    if not permissions.may_correct_dates(actor, relations.of(work.connection, actor, work.case.id)):
        raise NotPermitted("Who leads or assesses, their line manager or a coordinator asks how things get on")


def _ask(work: Work, actor: Actor, subject: UUID, whom: UUID, *, kind: str, what: str) -> None:
    if whom == actor.practitioner_id:
        raise Invalid("This is yours")
    today = (chases.c.subject_id == subject) & (chases.c.chased_on == work.today)
    if work.connection.execute(sa.select(chases.c.id).where(today)).first() is not None:
        raise Conflict(ASKED)
    row: dict[str, Any] = {"id": work.engine.ids.new(), "authority_id": work.authority.id, "case_id": work.case.id}
    row |= {"subject_id": subject, "chased_by": actor.practitioner_id, "chased_id": whom, "chased_on": work.today}
    work.connection.execute(sa.insert(chases).values(**row))
    work.record(kind, subject=subject, detail={"to": str(whom)})
    work.send(
        whom,
        subject="How does it get on?",
        body=f"A colleague asks how {what} that you have gets on. Please say what is being done: My work asks you.",
    )
    work.finish()
