"""Sharing comes to rest: work that others were given goes back to who keeps the record, and nobody new is to lead."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from engine.operations import handing_on, handovers
from engine.operations.messages import tell_line_manager
from engine.store import absences, people, resting
from engine.store.escalations import running as running_process
from engine.work import Work

BACK: Final = "A task is with you again, as nothing of its case may be shared"
GONE: Final = "A task you were given is not with you any more"
NOT_HANDED_OVER: Final = "A handover has stopped: nothing of the case may be shared, so nobody new is asked to lead it"


def let_rest(work: Work) -> None:
    """Take back the tasks of whom the case is none of any more, and the question to a successor, with a word to each.

    What one person alone is asked, as whether they come to a meeting, shows them nothing meanwhile.
    """
    _take_tasks_back(work)
    _end_handover(work)


def _take_tasks_back(work: Work) -> None:
    """Give each task back to who asked for it or who leads, else to the group that it was offered to."""
    facts = work.facts()
    keeper = facts["lead_professional"] or facts["assessor"]
    given = resting.given(work.connection, work.case.id)
    roles = people.roles_of_many(work.connection, sorted({each.assignee_id for each in given}))
    for holder in sorted(roles):
        for task in absences.held_tasks(work.connection, work.case.id, holder):
            about = (work.connection, work.case.id, task.id, task.groups)
            mine = next((each for each in given if each.id == task.id), None)
            if mine is None or not resting.shut_out(*about, {holder: roles[holder]}, today=work.today):
                continue
            to = mine.delegated_by or (UUID(keeper) if keeper and handing_on.is_for_lead(work, task) else None)
            absences.give_task(work.connection, task, to=to, groups=task.groups)
            work.record("task_reassigned", subject=task.id, detail={"from": str(holder), "to": str(to) if to else None})
            work.send(holder, subject=GONE, body="You need not do it any more. Thank you.")
            if to is not None:
                work.send(to, subject=BACK)


def _end_handover(work: Work) -> None:
    """Ask no successor any more; who leads goes on, and their manager may name somebody to lead in between."""
    proposed = handovers.current(work)
    running = running_process(work.connection, work.case.id, handovers.PROCESS)
    if proposed is None or running is None or proposed.cause == "first":
        return
    handovers.withdraw(work, handovers.AT_REST)
    work.ends.append(running)
    lead = work.facts()["lead_professional"]
    if lead is not None:
        work.send(UUID(lead), subject=NOT_HANDED_OVER)
    tell_line_manager(work, {"subject": NOT_HANDED_OVER}, {})
