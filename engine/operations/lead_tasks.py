"""The open tasks of who led a plan go to who leads it now, with the dates that were promised."""

from __future__ import annotations

from uuid import UUID

from engine.operations.handing_on import give, is_for_lead
from engine.routing import pass_on
from engine.store import absences, people
from engine.work import Work


def move_tasks(work: Work, before: UUID | None, to: UUID) -> None:
    """Give the open tasks that somebody has as lead professional to whoever leads now; due dates stay."""
    if before is None or before == to:
        return
    held = absences.held_tasks(work.connection, work.case.id, before)
    give(work, [task for task in held if is_for_lead(work, task)], to=to)
    _pass_on_if_away(work, to)


def take_over_tasks(work: Work, before: UUID, to: UUID) -> int:
    """Give every open task of who led, and those others are asked to do for them, to `to`; return how many."""
    waiting = absences.tasks_meant_for(work.connection, work.case.id, before)
    tasks = [
        *absences.held_tasks(work.connection, work.case.id, before),
        *(task for task in waiting if task.holder != to and not absences.is_begun(work.connection, task)),
    ]
    give(work, tasks, to=to)
    _pass_on_if_away(work, to)
    return len(tasks)


def _pass_on_if_away(work: Work, who: UUID) -> None:
    """Give what somebody who is away has now to whom the rules name, as when their absence began."""
    if people.standings(work.connection, work.authority.id, [who], today=work.today)[who].is_away(work.today):
        for task in absences.held_tasks(work.connection, work.case.id, who):
            pass_on(work, task, kind="task_passed_on")
