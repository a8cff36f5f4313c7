"""The open tasks of who led a plan go to who leads it now, with the dates that were promised."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from engine.operations import handing_on
from engine.operations.handing_on import is_for_lead
from engine.routing import pass_on
from engine.store import absences, people
from engine.store.absences import HeldTask
from engine.work import Work


def move_tasks(work: Work, before: UUID | None, to: UUID) -> None:
    """Give the open tasks that are asked of somebody as lead professional to whoever leads now; due dates stay.

    Those too which others were asked to do for them and have not begun, as their line manager while they were missing.
    """
    if before is not None and before != to:
        _give(work, [task for task in _theirs(work, before, to) if is_for_lead(work, task)], to)


def take_over_tasks(work: Work, before: UUID, to: UUID) -> int:
    """Give every open task of who led, and those others are asked to do for them, to `to`; return how many."""
    tasks = _theirs(work, before, to)
    _give(work, tasks, to)
    return len(tasks)


def _theirs(work: Work, before: UUID, to: UUID) -> list[HeldTask]:
    """Return the tasks of who led, and what others are asked in their place or, as nobody led, in a lead's."""
    meant = absences.tasks_meant_for(work.connection, work.case.id, before)
    for_nobody = absences.tasks_for_nobody(work.connection, work.case.id)
    waiting = [*meant, *(task for task in for_nobody if is_for_lead(work, task) and task.holder != before)]
    others = (task for task in waiting if task.holder != to and not absences.is_begun(work.connection, task))
    return [*absences.held_tasks(work.connection, work.case.id, before), *others]


def _give(work: Work, tasks: Sequence[HeldTask], to: UUID) -> None:
    """Give tasks to who leads now, and on to whom the rules name if they are away, as when their absence began."""
    handing_on.give(work, tasks, to=to)
    if people.standings(work.connection, work.authority.id, [to], today=work.today)[to].is_away(work.today):
        for task in absences.held_tasks(work.connection, work.case.id, to):
            pass_on(work, task, kind="task_passed_on")
