"""What somebody of the team had on a case goes to who leads it, as the case is theirs no longer."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import GROUP_ROLES, OVERSIGHT
from engine.errors import Conflict
from engine.operations.invitations import call_off_invitations
from engine.store import absences, people, running
from engine.store.absences import HeldTask
from engine.store.tables.record import invitations, plan_actions, tac_meetings
from engine.store.tables.running import user_tasks
from engine.work import Work

_KEEPERS: Final = re.compile(r"\b(lead_professional|assessor)\b")
_MANAGER: Final = re.compile(r"\bline_manager\b")


def keeper(work: Work) -> UUID | None:
    """Return who leads the case, or assesses it while nobody does; None when both have left."""
    facts = work.facts()
    found = facts["lead_professional"] or facts["assessor"]
    return UUID(found) if found else None


def not_held(work: Work) -> sa.Select[tuple[UUID]]:
    """Select the meetings that are not held: one that was called off may be booked again, with the same people."""
    return sa.select(tac_meetings.c.id).where(tac_meetings.c.case_id == work.case.id, tac_meetings.c.held_on.is_(None))


def uninvite(work: Work, practitioner: UUID, *, why: str) -> None:
    """Ask somebody to no meeting any more: neither the coming one, nor one that was called off and is booked again."""
    call_off_invitations(work, [practitioner], why=why)
    mine = (
        invitations.c.meeting_id.in_(not_held(work))
        & (invitations.c.practitioner_id == practitioner)
        & invitations.c.called_off_on.is_(None)
    )
    work.connection.execute(sa.update(invitations).where(mine).values(called_off_on=work.today))


def pass_on(work: Work, practitioner: UUID, *, to: UUID) -> dict[str, int]:
    """Give the open actions and tasks of somebody to another, due as before; return how many `actions` and `tasks`.

    So do the tasks that are done for them while they are away, but for those that end with the act. What they are asked
    by their office stays theirs: as line manager of who leads, or offered to a group of a role of theirs that oversees
    the work.
    """
    theirs = (
        (plan_actions.c.case_id == work.case.id)
        & (plan_actions.c.owner_id == practitioner)
        & plan_actions.c.closed_on.is_(None)
    )
    actions = work.connection.execute(sa.update(plan_actions).where(theirs).values(owner_id=to)).rowcount
    work.changed()
    roles = people.roles_of(work.connection, practitioner) & OVERSIGHT
    held = [task for task in _tasks(work, practitioner, to) if task.id not in work.released]
    tasks = [task for task in held if not _is_of_office(work, task, practitioner, roles)]
    give(work, tasks, to=to)
    return {"actions": actions, "tasks": len(tasks)}


def give(work: Work, tasks: Iterable[HeldTask], *, to: UUID) -> None:
    """Give open, locked tasks to somebody, due as before. Raises `Conflict` for one that somebody changed meanwhile."""
    for task in tasks:
        if not running.reassign(work.connection, task.id, was=task.version, to=to, queue=None):
            raise Conflict("Somebody changed a task of this case a moment ago. Try again.", task_id=task.id)
        was = str(task.holder) if task.holder else None
        work.record("task_reassigned", subject=task.id, detail={"from": was, "to": str(to)})


def _tasks(work: Work, practitioner: UUID, to: UUID) -> list[HeldTask]:
    """Return the open tasks that somebody has, and those that others but `to` do for them."""
    waiting = absences.tasks_meant_for(work.connection, work.case.id, practitioner)
    others = [task for task in waiting if task.holder not in (practitioner, to)]
    return [*absences.held_tasks(work.connection, work.case.id, practitioner), *others]


def end_delegating(work: Work, practitioner: UUID) -> None:
    """Let who does a task that somebody delegated answer for it alone: it does not go back to who delegated it."""
    mine = (
        (user_tasks.c.case_id == work.case.id)
        & (user_tasks.c.delegated_by == practitioner)
        & (user_tasks.c.state == "open")
    )
    work.connection.execute(sa.update(user_tasks).where(mine).values(delegated_by=None, delegated_on=None))


def is_for_lead(work: Work, task: HeldTask) -> bool:
    """Tell whether the diagram asks a task of who leads, or assesses until somebody does."""
    return bool(_KEEPERS.search(_asked(work, task)))


def _is_of_office(work: Work, task: HeldTask, practitioner: UUID, roles: frozenset[str]) -> bool:
    if _MANAGER.search(_asked(work, task)) and work.facts()["line_manager"] == str(practitioner):
        return True
    offices = {GROUP_ROLES[group] for group in task.groups if group in GROUP_ROLES}
    return bool(offices & roles) and not is_for_lead(work, task)


def _asked(work: Work, task: HeldTask) -> str:
    """Return the expression by which the diagram says whom a task is for; empty for a group's alone."""
    definition = work.engine.library.process(work.connection, task.definition_id)
    return definition.element(task.process_key, task.element_id).assignee or ""
