"""Tell the people an escalation names; once for as long as its reason holds, so that nobody is nagged."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from engine.casework.case_mails import named
from engine.casework.escalation import Reason
from engine.operations.consent_cover import may_hear
from engine.store import people
from engine.store.tables.people import line_managers, practitioners
from engine.store.tables.record import invitations, plan_actions, tac_meetings
from engine.work import Work

_PEOPLE = frozenset({"lead_professional", "assessor", "line_manager"})
_BODY = "Something on the case needs you: it says what. Say there what is being done."
_LATE = (
    "An action of a plan is late, of {names}. Please ask how it gets on, and what would help. If it cannot be done, "
    "see that whoever leads the plan hears of it."
)
_OF_THEIRS = {
    "action_owner": _LATE,
    "owners_manager": _LATE,
    "agency_manager": "To the last meeting of a team neither a report came nor {names}. Please see that they, or "
    "somebody in their place, come to the next one, or send what it should know.",
}
"""What the manager of who owes something reads, who may be unable to open the case: who it is, and what helps."""


def remind(work: Work, reason: Reason) -> None:
    """Send the addressee of `reason` one message for this time that it holds.

    Who is meant by two words at once, as who leads and owns a late action, gets the same message once.
    """
    theirs = _owing_by_manager(work, reason.addressee)
    told = {letter.practitioner_id for letter in work.letters if letter.body.startswith(_BODY)}
    for practitioner in addressees(work, reason.addressee):
        names = theirs.get(practitioner)
        if practitioner in told and not names:
            continue
        work.send(
            practitioner,
            subject="A case needs you",
            body=_OF_THEIRS[reason.addressee].format(names=named(names)) if names else _BODY,
            key=f"{work.case.id}:{reason.reason}:{work.today}:{practitioner}",
        )


def tell_unsure(work: Work, incident_id: UUID) -> None:
    """Tell the line manager, or the coordinators where there is none, that a plan could not be judged."""
    for practitioner in addressees(work, "line_manager"):
        work.send(
            practitioner,
            subject="A plan could not be judged",
            body="The rules lack something they need to tell whether a plan has stalled. Look at the case.",
            key=f"unsure:{incident_id}:{practitioner}",
        )


def addressees(work: Work, addressee: str) -> list[UUID]:
    """Return the practitioners whom an addressee word of the rules means; the line manager when it means nobody.

    While nobody leads, the assessor is meant by `lead_professional`, as they hold the role until somebody does.
    `plan_coordinator` is who coordinates the other plan that leads for a child. They work in another service and the
    case only knows their name, so the CAF coordinators are told, who keep in touch with the other services. Of a
    restricted case nobody's manager is told, but the coordinators. Nobody is told from whom consent keeps the case, or
    keeps all while sharing rests: in place of who owes an action whoever leads is, else the line manager.
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
        owners = _in_service(work, _late_owners(work))
        found = may_hear(work, owners)
        if len(found) < len(owners) and (keeper := facts["lead_professional"] or facts["assessor"]):
            found = list(dict.fromkeys([*found, UUID(keeper)]))
    elif addressee == "owners_manager":
        found = may_hear(work, list(_managers(work, _late_owners(work))))
    elif addressee == "agency_manager":
        found = may_hear(work, list(_managers(work, _absent_without_report(work))))
    elif addressee == "plan_coordinator":
        found = people.with_role(work.connection, work.authority.id, "coordinator")
    if not found and addressee != "coordinator" and facts["line_manager"] and not work.case.restricted:
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
    gone = _gone(work, whom)
    here = [each for each in whom if each not in gone]
    return list(dict.fromkeys([*here, *(_managers(work, gone) if gone and not work.case.restricted else ())]))


def _gone(work: Work, whom: list[UUID]) -> list[UUID]:
    left = practitioners.c.id.in_(whom) & practitioners.c.left_on.is_not(None)
    return list(work.connection.execute(sa.select(practitioners.c.id).where(left)).scalars())


def _owing_by_manager(work: Work, addressee: str) -> dict[UUID, list[str]]:
    """Return whom an addressee word means as the manager of others, with the names of these; nobody of restricted."""
    if work.case.restricted:
        return {}
    if addressee == "action_owner":
        late = _late_owners(work)
        gone = _gone(work, late)
        return {who: names for who, names in _managers(work, gone).items() if who not in late} if gone else {}
    owing = {"owners_manager": _late_owners, "agency_manager": _absent_without_report}.get(addressee)
    return {} if owing is None else _managers(work, owing(work))


def _managers(work: Work, whom: list[UUID]) -> dict[UUID, list[str]]:
    """Return who manages these, with the names of whom."""
    managers = practitioners.alias("managers")
    rows = work.connection.execute(
        sa.select(line_managers.c.manager_id, practitioners.c.name)
        .join(practitioners, practitioners.c.id == line_managers.c.practitioner_id)
        .join(managers, managers.c.id == line_managers.c.manager_id)
        .where(
            line_managers.c.practitioner_id.in_(whom),
            line_managers.c.to_on.is_(None),
            managers.c.left_on.is_(None),
        )
        .order_by(practitioners.c.name)
    )
    found: dict[UUID, list[str]] = {}
    for manager, name in rows:
        found.setdefault(manager, []).append(name)
    return found
