"""Giving open work to somebody by name: who may, to whom, and why not; the same for one task and for a thousand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.permissions import Actor, Relation
from engine.casework.standing import Standing
from engine.errors import Invalid, NotPermitted
from engine.open_tasks import NOT_YOURS, refuse
from engine.operations.consent_cover import require_covered
from engine.operations.handing_on import keeper
from engine.store import consent_cover, own_closures, own_work, people, relations, resting
from engine.store.locking import TaskLine
from engine.work import Work

CHOOSE: Final = "Choose a person from the list"
NOT_YOURSELF: Final = "You see this task and not its case, so it cannot be yours. Choose somebody else"
COMES_TO_YOU: Final = (
    "You see this task and not its case. You stand in for them, so it would come to you. Choose somebody else"
)
NOT_NEAR: Final = (
    "You see this task and not its case. Choose somebody who works on the case, or of the agency of who has the task"
)
WHOSE: Final = "The line manager of who had it did so. The case says whose it is now."
RESTS: Final = (
    "Nothing of this case may be shared now. Choose who leads or assesses, their line manager, a coordinator, or "
    "somebody who stands in for one of these"
)
UNASKED: Final = (
    "The family has not been asked yet, so nothing goes to another agency. Choose somebody of the agency of who "
    "assesses, or record the family’s answer first"
)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody to whom work is given, as they stand on a day; `roles` are those they can sign in with."""

    id: UUID
    standing: Standing
    roles: frozenset[str]


def recipient(connection: sa.Connection, authority_id: UUID, who: UUID, *, today: date) -> Recipient:
    """Return somebody of an authority who can be given work. Raises `Invalid` for who has left or cannot sign in."""
    standing = people.standings(connection, authority_id, [who], today=today).get(who)
    if standing is None:
        raise Invalid(CHOOSE, field="to")
    if refusal := standing.refusal(today):
        raise Invalid(refusal, field="to")
    return Recipient(who, standing, people.roles_of(connection, who))


def require_may_pass_on(work: Work, task: TaskLine, actor: Actor, to: UUID, relation: Relation | None = None) -> None:
    """Let on only who may give this task to another: its holder, their manager or cover, a coordinator.

    Who is let know of the task and not of its case, as the holder's line manager, gives it to nobody but who works on
    the case or is of the holder's agency, and never to themselves or whom they cover: with it comes the case. Who leads
    is told.
    `relation` is how they stand to the case, where that is known. Raises `NotPermitted`, and `Invalid` for who gets it.
    """
    if relation is None:
        relation = relations.of(work.connection, actor, work.case.id)
    known = permissions.may_know_of_task(
        actor, relation, assignee=task.assignee_id, groups=task.groups, personal=task.personal
    )
    if not known:
        raise NotPermitted(NOT_YOURS, task_id=task.id)
    if not permissions.may_reassign(actor, assignee=task.assignee_id, personal=task.personal):
        refuse(work, task)
    seen = permissions.may_see_task(
        actor, relation, assignee=task.assignee_id, groups=task.groups, personal=task.personal
    )
    if seen:
        return
    if said := not_near(work.connection, actor, work.case.id, to, task.assignee_id):
        raise Invalid(said, field="to")
    lead = keeper(work)
    if lead not in (None, to):
        work.send(lead, subject="A task of your case has been given to somebody else", body=WHOSE)


def not_near(connection: sa.Connection, actor: Actor, case_id: UUID, to: UUID, holder: UUID | None) -> str:
    """Say why whoever sees a task and not its case cannot give it to somebody; empty when they can."""
    if to == actor.practitioner_id:
        return NOT_YOURSELF
    if to in actor.covers:
        return COMES_TO_YOU
    return "" if own_work.near(connection, case_id, [to], holder=holder) else NOT_NEAR


def require_may_have(work: Work, task: TaskLine, to: Recipient, *, limited: bool = True) -> None:
    """Let on only to somebody who may be given this task, with which they see the case; raises `Invalid`.

    Not to who has no role of `permissions.task_takers`, whom the family's consent leaves out, unless they oversee the
    work, or who wrote the closure that is to be signed off; nor, while sharing rests and before the family is asked,
    to whom `resting.shut_out` names.
    `limited` is False where the consent leaves nobody out.
    """
    if not to.roles & permissions.task_takers(task.groups):
        raise Invalid(not_a_case_worker(to.standing.name), field="to")
    if limited and not to.roles & permissions.OVERSIGHT:
        require_covered(work, [to.id], "to")
    asked = {to.id: to.roles} if limited else {}
    if resting.shut_out(work.connection, work.case.id, task.id, task.groups, asked, today=work.today):
        raise Invalid(not_shared(work.connection, work.case.id), field="to")
    if own_closures.is_own(work.connection, to.id, element_id=task.element_id, case_id=work.case.id):
        raise Invalid(own_closure(to.standing.name), field="to")


def not_shared(connection: sa.Connection, case_id: UUID) -> str:
    """Say why work goes to nobody of those whom `resting.shut_out` names, and to whom it may."""
    return RESTS if consent_cover.resting(connection, case_id) else UNASKED


def not_a_case_worker(name: str) -> str:
    """Say that somebody's role does not include such tasks."""
    return f"{name} does not work with cases like this one. Choose somebody else"


def not_a_lead(name: str) -> str:
    """Say that somebody's role does not include leading a plan."""
    return f"{name} is no case worker, so leads no plan. Choose somebody else"


def own_closure(name: str) -> str:
    """Say that nobody signs off what they wrote."""
    return f"{name} wrote this closure. Choose somebody else to sign it off"
