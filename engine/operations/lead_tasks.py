"""The open tasks of who led a plan go to who leads it now, with the dates that were promised."""

from __future__ import annotations

import re
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.errors import Conflict
from engine.routing import pass_on
from engine.store import absences, people, running
from engine.store.tables.running import instances, user_tasks
from engine.work import Work

_AS_LEAD: Final = re.compile(r"\blead_professional\b")


def move_tasks(work: Work, before: UUID | None, to: UUID) -> None:
    """Give the open tasks that somebody has as lead professional to whoever leads now; due dates stay."""
    if before is None or before == to:
        return
    rows = work.connection.execute(
        sa.select(user_tasks, instances.c.definition_id)
        .join(instances, instances.c.id == user_tasks.c.instance_id)
        .where(
            user_tasks.c.case_id == work.case.id,
            user_tasks.c.assignee_id == before,
            user_tasks.c.state == "open",
        )
    ).all()
    for row in rows:
        definition = work.engine.library.process(work.connection, row.definition_id)
        if _AS_LEAD.search(definition.element(row.process_key, row.element_id).assignee or ""):
            if not running.reassign(work.connection, row.id, was=row.version, to=to, queue=None):
                raise Conflict("Somebody changed a task of this case a moment ago. Try again.", task_id=row.id)
            work.record("task_reassigned", subject=row.id, detail={"from": str(before), "to": str(to)})
    _pass_on_if_away(work, to)


def take_over_tasks(work: Work, before: UUID, to: UUID) -> int:
    """Give every open task of who led, and those others are asked to do for them, to `to`; return how many."""
    waiting = absences.tasks_meant_for(work.connection, work.case.id, before)
    tasks = [
        *absences.held_tasks(work.connection, work.case.id, before),
        *(task for task in waiting if task.holder != to and not absences.is_begun(work.connection, task)),
    ]
    for task in tasks:
        absences.give_task(work.connection, task, to=to, groups=task.groups)
        work.record("task_reassigned", subject=task.id, detail={"from": _text(task.holder), "to": str(to)})
    _pass_on_if_away(work, to)
    return len(tasks)


def _pass_on_if_away(work: Work, who: UUID) -> None:
    """Give what somebody who is away has now to whom the rules name, as when their absence began."""
    if people.standings(work.connection, work.authority.id, [who], today=work.today)[who].is_away(work.today):
        for task in absences.held_tasks(work.connection, work.case.id, who):
            pass_on(work, task, kind="task_passed_on")


def _text(holder: UUID | None) -> str | None:
    return None if holder is None else str(holder)
