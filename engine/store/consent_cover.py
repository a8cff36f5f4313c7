"""Whom a family's consent leaves out: a limited one, or all who do not keep the record while sharing rests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.consent_cover import NOT_ASKED, NOT_FOUND, STOPPED
from engine.store.sets import among
from engine.store.tables.changes import family_searches
from engine.store.tables.consents import consent_parties, consents
from engine.store.tables.people import account_roles, accounts, agencies, line_managers, practitioners
from engine.store.tables.record import case_members, cases, lead_professionals

OfCase = sa.ColumnElement[UUID] | sa.ColumnElement[UUID | None]
"""A case's id within a query."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A practitioner whom the consent in force does not cover, with their agency in words (empty: none)."""

    id: UUID
    name: str
    agency: str

    @property
    def words(self) -> str:
        """Name the person, and whose they are."""
        return f"{self.name} ({self.agency})" if self.agency else self.name


def said_now(purpose: str = "sharing") -> sa.ColumnElement[bool]:
    """Return the condition on `consents` that a family's answer is the one in force, on sharing unless told else."""
    return (consents.c.purpose == purpose) & consents.c.to_on.is_(None)


def in_force(case_id: UUID | OfCase, purpose: str = "sharing") -> sa.ColumnElement[bool]:
    """Return the condition on `consents` that it is the answer in force on one case: there is at most one."""
    return (consents.c.case_id == case_id) & said_now(purpose)


def outside(case_id: OfCase, who: sa.ColumnElement[UUID]) -> sa.ColumnElement[bool]:
    """Return the condition that the limited consent in force on a case leaves the practitioner `who` out.

    False while consent is not limited: then it covers everybody, or nothing is shared at all.
    """
    mine = practitioners.alias("asked_about")
    # Each part names what it reads itself: whatever else is meant comes from the query around it.
    own_agency = sa.select(mine.c.agency_id).where(mine.c.id == who).correlate_except(mine).scalar_subquery()
    named = (
        sa.exists()
        .where(
            consent_parties.c.consent_id == consents.c.id,
            sa.or_(consent_parties.c.practitioner_id == who, consent_parties.c.agency_id == own_agency),
        )
        .correlate_except(consent_parties)
    )
    limited = in_force(case_id) & (consents.c.answer == "limited")
    return sa.exists().where(limited, ~named).correlate_except(consents)


def is_limited(case_id: OfCase) -> sa.ColumnElement[bool]:
    """Return the condition that the consent in force on a case is for some people or agencies only."""
    return sa.exists().where(in_force(case_id), consents.c.answer == "limited").correlate_except(consents)


def rests(case_id: UUID | OfCase) -> sa.ColumnElement[bool]:
    """Return the condition that nothing is shared on a case: its family said no, or nobody can reach it.

    Before it is asked for the first time sharing does not rest.
    """
    stopped = in_force(case_id) & sa.or_(*(consents.c.answer == each for each in STOPPED))
    sought = (family_searches.c.case_id == case_id) & family_searches.c.ended_on.is_(None)
    return sa.or_(
        sa.exists().where(stopped).correlate_except(consents),
        sa.exists().where(sought).correlate_except(family_searches),
    )


def unasked(case_id: UUID | OfCase) -> sa.ColumnElement[bool]:
    """Return the condition that the family of a case has not said yet whether anything may be shared."""
    return ~sa.exists().where(in_force(case_id)).correlate_except(consents)


def elsewhere(case_id: OfCase, who: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Return the condition that the family has not been asked and `who` is of no agency of those who keep the record.

    Nothing goes to another agency before the family is asked. Those who keep it are who leads, or assesses.
    """
    lead = lead_professionals.alias("keeping_lead")
    leads = sa.select(lead.c.practitioner_id).where(lead.c.case_id == case_id, lead.c.to_on.is_(None))
    return unasked(case_id) & ~_of_agency(case_id, who, leads.correlate_except(lead))


def is_colleague(case_id: OfCase, who: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Return the condition that `who` is of the agency of who leads a case or, once nobody does, led it last.

    Or of who assesses it.
    """
    lead = lead_professionals.alias("last_lead")
    last = (
        sa.select(lead.c.practitioner_id)
        .where(lead.c.case_id == case_id)
        .order_by(lead.c.to_on.is_(None).desc(), lead.c.from_on.desc(), lead.c.id.desc())
        .limit(1)
    )
    return _of_agency(case_id, who, last.correlate_except(lead))


def _of_agency(
    case_id: OfCase, who: sa.ColumnElement[Any], leads: sa.Select[tuple[UUID]]
) -> sa.ColumnElement[bool]:
    """Return the condition that `who` is of the agency of who assesses a case, or of one of `leads`."""
    mine, keeper = practitioners.alias("asked_whether_elsewhere"), practitioners.alias("keeper")
    assessor = case_members.alias("keeping_assessor")
    assesses = sa.select(assessor.c.practitioner_id).where(
        assessor.c.case_id == case_id, assessor.c.role == "assessor", assessor.c.to_on.is_(None)
    )
    same = (mine.c.id == who) & mine.c.agency_id.is_not_distinct_from(keeper.c.agency_id)
    # Two questions, each of one row: of one about either, SQLite makes an index of everybody for every case.
    either = (
        sa.exists().where(keeper.c.id.in_(each), same).correlate_except(mine, keeper)
        for each in (leads, assesses.correlate_except(assessor))
    )
    return sa.or_(*either)


def may_be_kept_from(case_id: OfCase, who: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Return the condition that consent may keep a case from `who`, who has a task on it; it surely does not otherwise.

    It may while the family limits the sharing, while that rests, and before it is asked from who is elsewhere.
    """
    return sa.or_(is_limited(case_id), rests(case_id), elsewhere(case_id, who))


def resting(connection: sa.Connection, case_id: UUID) -> bool:
    """Tell whether sharing rests on a case: see `rests`."""
    return bool(connection.execute(_RESTS, {"case": case_id}).scalar())


def why_not_shared(connection: sa.Connection, case_id: UUID) -> str:
    """Say why nothing of a case is shared: one of `STOPPED`, `NOT_FOUND`, `NOT_ASKED`; empty while it is shared."""
    row = connection.execute(_WHY_NOT, {"case": case_id}).one()
    if row.answer in STOPPED:
        return str(row.answer)
    return NOT_FOUND if row.not_found else NOT_ASKED if row.answer is None else ""


def left_out(connection: sa.Connection, case_id: UUID, people: Sequence[UUID]) -> list[LeftOut]:
    """Return those of `people` whom the consent in force does not cover, by name.

    Who works with the record in any case is never among them: who leads or assesses, their line manager, a coordinator.
    """
    if not people:
        return []
    rows = connection.execute(_LEFT_OUT, {"ids": list(people), "case": case_id})
    return [LeftOut(row.id, row.name, row.agency or "") for row in rows]


def left_out_of_team(connection: sa.Connection, case_id: UUID) -> list[LeftOut]:
    """Return the same of everybody who works on a case, or did."""
    rows = connection.execute(_LEFT_OUT_OF_TEAM, {"case": case_id})
    return [LeftOut(row.id, row.name, row.agency or "") for row in rows]


@dataclass(frozen=True, slots=True)
class Ending:
    """A consent to sharing for a time, on an open case; `until_on` is the last day the family set."""

    id: UUID
    case_id: UUID
    until_on: date


def ending(connection: sa.Connection, authority_id: UUID, *, before: date) -> list[Ending]:
    """Return the consents of an authority whose last day is before `before`, the soonest first."""
    given = {"authority": authority_id, "before": before}
    return [Ending(*row) for row in connection.execute(_ENDING, given)]


_ENDING = (
    sa.select(consents.c.id, consents.c.case_id, consents.c.until_on)
    .join(cases, cases.c.id == consents.c.case_id)
    .where(
        consents.c.authority_id == sa.bindparam("authority"),
        consents.c.to_on.is_(None),
        consents.c.until_on < sa.bindparam("before"),
        cases.c.closed_on.is_(None),
    )
    .order_by(consents.c.until_on, consents.c.id)
)


def keeps_record(case_id: OfCase, who: sa.ColumnElement[UUID] = practitioners.c.id) -> sa.ColumnElement[bool]:
    """Return the condition on `practitioners`, or on `who`, that somebody works with a record whatever is shared."""
    current_lead = (lead_professionals.c.case_id == case_id) & lead_professionals.c.to_on.is_(None)
    current_assessor = (
        (case_members.c.case_id == case_id) & (case_members.c.role == "assessor") & case_members.c.to_on.is_(None)
    )
    managed = (
        sa.select(line_managers.c.practitioner_id)
        .where(line_managers.c.manager_id == who, line_managers.c.to_on.is_(None))
        .correlate_except(line_managers)
    )
    return sa.or_(
        sa.exists().where(current_lead, lead_professionals.c.practitioner_id == who),
        sa.exists().where(current_assessor, case_members.c.practitioner_id == who),
        sa.exists().where(current_lead, lead_professionals.c.practitioner_id.in_(managed)),
        sa.exists().where(current_assessor, case_members.c.practitioner_id.in_(managed)),
        sa.exists().where(
            accounts.c.practitioner_id == who,
            accounts.c.disabled_at.is_(None),
            account_roles.c.account_id == accounts.c.id,
            account_roles.c.role == "coordinator",
            account_roles.c.to_on.is_(None),
        ),
    )


def is_new(case_id: OfCase, who: sa.ColumnElement[UUID]) -> sa.ColumnElement[bool]:
    """Return the condition that nothing of a case is shared with `who`, who does not keep its record."""
    return sa.or_(rests(case_id), elsewhere(case_id, who)) & ~keeps_record(case_id, who)


_CASE: sa.BindParameter[UUID] = sa.bindparam("case", type_=sa.Uuid)
_UNCOVERED = (
    sa.select(practitioners.c.id, practitioners.c.name, agencies.c.name.label("agency"))
    .outerjoin(agencies, agencies.c.id == practitioners.c.agency_id)
    .where(outside(_CASE, practitioners.c.id), ~keeps_record(_CASE))
    .order_by(practitioners.c.name, practitioners.c.id)
)
_LEFT_OUT = _UNCOVERED.where(among(practitioners.c.id))
_RESTS = sa.select(rests(_CASE))
_WHY_NOT = sa.select(
    sa.select(consents.c.answer).where(in_force(_CASE)).scalar_subquery().label("answer"),
    sa.exists().where(family_searches.c.case_id == _CASE, family_searches.c.ended_on.is_(None)).label("not_found"),
)
_TEAM = sa.select(case_members.c.practitioner_id).where(case_members.c.case_id == _CASE)
_LEFT_OUT_OF_TEAM = _UNCOVERED.where(practitioners.c.id.in_(_TEAM))
BY_CASE: Final = (_LEFT_OUT_OF_TEAM,)
