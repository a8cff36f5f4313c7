"""Whom a form may offer: the practitioners of an authority, with how each stands to one case. One query."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import LEADS_CASES, ROLES, WORK_WITH_CASES
from engine.store.consent_cover import in_force, is_colleague, is_new, keeps_record, outside, rests, unasked
from engine.store.tables.people import account_roles, accounts, agencies, practitioners
from engine.store.tables.record import (
    case_members,
    consents,
    invitations,
    lead_professionals,
    plan_actions,
    tac_meetings,
)


@dataclass(frozen=True, slots=True)
class Offered:
    """Somebody who works in the authority and has not left.

    `leads_cases` and `works` tell by role who may lead a case and who sits round tables; somebody without an account
    may be asked to a meeting all the same. `near` is on the child's team or has an action, `leads` leads the case now,
    `invited` is asked to its coming meeting, `outside` is left out by the family's limited consent; `new` does not keep
    the record of a case of which nothing is shared, `colleague` is of the agency of who does. `keeps_service` has an
    account for designing or administering the service, and for nothing else.
    """

    id: UUID
    name: str
    job_title: str
    agency: str | None
    has_account: bool
    leads_cases: bool
    works: bool
    near: bool
    leads: bool
    interim: bool
    invited: bool
    outside: bool
    keeps_service: bool = False
    new: bool = False
    colleague: bool = False

    @property
    def words(self) -> str:
        """How a form names them: "Hana Osei, health visitor, Health"."""
        return ", ".join(part for part in (self.name, self.job_title, self.agency) if part)


def people_offered(connection: sa.Connection, authority_id: UUID, case_id: UUID | None) -> list[Offered]:
    """Return everybody who has not left, by name; without a case nobody is near it."""
    return [Offered(*row) for row in connection.execute(_QUERY, {"authority": authority_id, "case": case_id})]


_AUTHORITY: sa.BindParameter[UUID] = sa.bindparam("authority", type_=sa.Uuid)
_CASE: sa.BindParameter[UUID | None] = sa.bindparam("case", type_=sa.Uuid)
_MEETING = (
    sa.select(tac_meetings.c.id)
    .where(tac_meetings.c.case_id == _CASE, tac_meetings.c.held_on.is_(None), tac_meetings.c.called_off_on.is_(None))
    .order_by(tac_meetings.c.planned_on.desc())
    .limit(1)
    .scalar_subquery()
)


# Each list is read once and every person looked for in it, not read anew for every person.
def _on_case(table: sa.Table, who: sa.Column[UUID], *more: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return practitioners.c.id.in_(sa.select(who).where(table.c.case_id == _CASE, *more))


def _account(*roles: str) -> sa.ColumnElement[bool]:
    query = sa.select(accounts.c.practitioner_id).where(
        accounts.c.authority_id == _AUTHORITY, accounts.c.disabled_at.is_(None)
    )
    if roles:
        held = sa.or_(*(account_roles.c.role == role for role in roles)) & account_roles.c.to_on.is_(None)
        query = query.join(account_roles, account_roles.c.account_id == accounts.c.id).where(held)
    return practitioners.c.id.in_(query)


_KEEPING = ("designer", "administrator")
_LIMITED = sa.exists().where(in_force(_CASE), consents.c.answer == "limited")
_NOT_SHARED = sa.or_(rests(_CASE), unasked(_CASE))
_LEADS = _on_case(lead_professionals, lead_professionals.c.practitioner_id, lead_professionals.c.to_on.is_(None))
_QUERY = (
    sa.select(
        practitioners.c.id,
        practitioners.c.name,
        practitioners.c.job_title,
        agencies.c.name.label("agency"),
        _account().label("has_account"),
        _account(*LEADS_CASES).label("leads_cases"),
        _account(*WORK_WITH_CASES).label("works"),
        sa.or_(
            _LEADS,
            _on_case(
                case_members,
                case_members.c.practitioner_id,
                case_members.c.to_on.is_(None),
                sa.or_(case_members.c.role == "assessor", case_members.c.role == "member"),
            ),
            _on_case(plan_actions, plan_actions.c.owner_id, plan_actions.c.closed_on.is_(None)),
        ).label("near"),
        _LEADS.label("leads"),
        _on_case(
            lead_professionals,
            lead_professionals.c.practitioner_id,
            lead_professionals.c.to_on.is_(None),
            lead_professionals.c.interim,
        ).label("interim"),
        _on_case(
            invitations,
            invitations.c.practitioner_id,
            invitations.c.meeting_id == _MEETING,
            invitations.c.called_off_on.is_(None),
        ).label("invited"),
        sa.case(
            # Asked once, and of each person only where it is so: it takes longer than all the rest.
            (_LIMITED, outside(_CASE, practitioners.c.id) & ~keeps_record(_CASE)),
            else_=sa.false(),
        ).label("outside"),
        (_account(*_KEEPING) & ~_account(*(role for role in ROLES if role not in _KEEPING))).label("keeps_service"),
        sa.case((_CASE.is_not(None) & _NOT_SHARED, is_new(_CASE, practitioners.c.id)), else_=sa.false()).label("new"),
        sa.case((_NOT_SHARED, is_colleague(_CASE, practitioners.c.id)), else_=sa.false()).label("colleague"),
    )
    .outerjoin(agencies, agencies.c.id == practitioners.c.agency_id)
    .where(
        practitioners.c.authority_id == _AUTHORITY,
        practitioners.c.left_on.is_(None),
    )
    .order_by(practitioners.c.name, practitioners.c.id)
)
