"""Tell the people an escalation names; once for as long as its reason holds, so that nobody is nagged."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from engine.casework.escalation import Reason
from engine.store import people
from engine.store.tables.people import line_managers
from engine.store.tables.record import plan_actions
from engine.work import Work

_PEOPLE = frozenset({"lead_professional", "assessor", "line_manager"})
_BODY = (
    "Something on a plan needs you. Sign in to see which case and why, and say what is being done. "
    "This message holds no details on purpose."
)


def remind(work: Work, reason: Reason) -> None:
    """Send the addressee of `reason` one message for this time that it holds."""
    for practitioner in addressees(work, reason.addressee):
        work.send(
            practitioner,
            subject="A plan needs you",
            body=_BODY,
            key=f"{work.case.id}:{reason.reason}:{work.today}:{practitioner}",
        )


def addressees(work: Work, addressee: str) -> list[UUID]:
    """Return the practitioners whom an addressee word of the rules means; the line manager when it means nobody."""
    facts = work.some_facts(_PEOPLE)
    found: list[UUID] = []
    if addressee in ("lead_professional", "assessor", "line_manager"):
        found = [UUID(facts[addressee])] if facts[addressee] else []
    elif addressee == "action_owner":
        found = _late_owners(work)
    elif addressee == "owners_manager":
        found = _managers(work, _late_owners(work))
    if not found and addressee != "coordinator" and facts["line_manager"]:
        found = [UUID(facts["line_manager"])]
    return found or people.with_role(work.connection, work.authority.id, "coordinator")


def _late_owners(work: Work) -> list[UUID]:
    late = (plan_actions.c.case_id == work.case.id) & plan_actions.c.closed_on.is_(None)
    rows = work.connection.execute(
        sa.select(plan_actions.c.owner_id).where(late, plan_actions.c.first_due_on < work.today).distinct()
    )
    return list(rows.scalars())


def _managers(work: Work, practitioners: list[UUID]) -> list[UUID]:
    rows = work.connection.execute(
        sa.select(line_managers.c.manager_id)
        .where(line_managers.c.practitioner_id.in_(practitioners), line_managers.c.to_on.is_(None))
        .distinct()
    )
    return list(rows.scalars())
