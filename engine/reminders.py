"""Tell the people an escalation names; once for as long as its reason holds, so that nobody is nagged."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from engine.casework.escalation import Reason
from engine.store import people
from engine.store.tables.people import line_managers, practitioners
from engine.store.tables.record import invitations, plan_actions, tac_meetings
from engine.work import Work

_PEOPLE = frozenset({"lead_professional", "assessor", "line_manager"})
_BODY = (
    "Something on a case needs you. Sign in to see which case and why, and say what is being done. "
    "This message holds no details on purpose."
)


def remind(work: Work, reason: Reason) -> None:
    """Send the addressee of `reason` one message for this time that it holds."""
    for practitioner in addressees(work, reason.addressee):
        work.send(
            practitioner,
            subject="A case needs you",
            body=_BODY,
            key=f"{work.case.id}:{reason.reason}:{work.today}:{practitioner}",
        )


def tell_unsure(work: Work, incident_id: UUID) -> None:
    """Tell the line manager, or the coordinators where there is none, that a plan could not be judged."""
    for practitioner in addressees(work, "line_manager"):
        work.send(
            practitioner,
            subject="A plan could not be judged",
            body="The rules lack something they need to tell whether a plan has stalled. Sign in and look at the case.",
            key=f"unsure:{incident_id}:{practitioner}",
        )


def addressees(work: Work, addressee: str) -> list[UUID]:
    """Return the practitioners whom an addressee word of the rules means; the line manager when it means nobody.

    While nobody leads, the assessor is meant by `lead_professional`, as they hold the role until somebody does.
    `plan_coordinator` is who coordinates the other plan that leads for a child. They work in another service and the
    case only knows their name, so the CAF coordinators are told, who keep in touch with the other services. Of a
    restricted case nobody's manager is told, but the coordinators.
    """
    if work.case.restricted and addressee in ("line_manager", "owners_manager", "agency_manager"):
        return people.with_role(work.connection, work.authority.id, "coordinator")
    facts = work.some_facts(_PEOPLE)
    found: list[UUID] = []
    if addressee in ("lead_professional", "assessor", "line_manager"):
        # Until a lead professional is appointed the assessor holds the role (CWDC, lead professional guidance).
        held = facts[addressee] or (facts["assessor"] if addressee == "lead_professional" else None)
        found = [UUID(held)] if held else []
    elif addressee == "action_owner":
        found = _in_service(work, _late_owners(work))
    elif addressee == "owners_manager":
        found = _managers(work, _late_owners(work))
    elif addressee == "agency_manager":
        found = _managers(work, _absent_without_report(work))
    elif addressee == "plan_coordinator":
        found = people.with_role(work.connection, work.authority.id, "coordinator")
    if not found and addressee != "coordinator" and facts["line_manager"]:
        found = [UUID(facts["line_manager"])]
    return found or people.with_role(work.connection, work.authority.id, "coordinator")


def _late_owners(work: Work) -> list[UUID]:
    late = (plan_actions.c.case_id == work.case.id) & plan_actions.c.closed_on.is_(None)
    rows = work.connection.execute(
        sa.select(plan_actions.c.owner_id).where(late, plan_actions.c.first_due_on < work.today).distinct()
    )
    return list(rows.scalars())


def _absent_without_report(work: Work) -> list[UUID]:
    """Return who was asked to the last meeting held, did not come and sent no report."""
    asked = invitations.join(tac_meetings, tac_meetings.c.id == invitations.c.meeting_id)
    mine = invitations.c.case_id == work.case.id
    last = sa.select(sa.func.max(tac_meetings.c.held_on)).select_from(asked).where(mine).scalar_subquery()
    missing = invitations.c.attended.is_not(True) & (invitations.c.report == "")
    query = sa.select(invitations.c.practitioner_id).select_from(asked)
    return list(work.connection.execute(query.where(mine, missing, tac_meetings.c.held_on == last)).scalars())


def _in_service(work: Work, whom: list[UUID]) -> list[UUID]:
    """Replace those who have left by their line managers, who answer for what was left undone."""
    left = practitioners.c.id.in_(whom) & practitioners.c.left_on.is_not(None)
    gone = set(work.connection.execute(sa.select(practitioners.c.id).where(left)).scalars())
    here = [each for each in whom if each not in gone]
    return list(dict.fromkeys([*here, *(_managers(work, sorted(gone)) if gone else ())]))


def _managers(work: Work, whom: list[UUID]) -> list[UUID]:
    rows = work.connection.execute(
        sa.select(line_managers.c.manager_id)
        .join(practitioners, practitioners.c.id == line_managers.c.manager_id)
        .where(
            line_managers.c.practitioner_id.in_(whom),
            line_managers.c.to_on.is_(None),
            practitioners.c.left_on.is_(None),
        )
        .distinct()
    )
    return list(rows.scalars())
