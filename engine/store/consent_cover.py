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
from engine.store.tables.access import case_restrictions
from engine.store.tables.changes import family_searches
from engine.store.tables.consents import consent_parties, consents
from engine.store.tables.people import absences, account_roles, accounts, agencies, line_managers, practitioners
from engine.store.tables.record import case_members, cases, lead_professionals
from engine.store.tables.running import user_tasks

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
    mine, keeper = practitioners.alias("asked_whether_elsewhere"), practitioners.alias("keeper")
    lead, assessor = lead_professionals.alias("keeping_lead"), case_members.alias("keeping_assessor")
    leads = sa.select(lead.c.practitioner_id).where(lead.c.case_id == case_id, lead.c.to_on.is_(None))
    assesses = sa.select(assessor.c.practitioner_id).where(
        assessor.c.case_id == case_id, assessor.c.role == "assessor", assessor.c.to_on.is_(None)
    )
    keepers = sa.or_(
        keeper.c.id.in_(leads.correlate_except(lead)), keeper.c.id.in_(assesses.correlate_except(assessor))
    )
    same = (mine.c.id == who) & mine.c.agency_id.is_not_distinct_from(keeper.c.agency_id)
    return unasked(case_id) & ~sa.exists().where(keepers, same).correlate_except(mine, keeper)


def may_stand_in(
    case_id: OfCase, who: sa.ColumnElement[Any], absent: sa.ColumnElement[Any]
) -> sa.ColumnElement[bool]:
    """Return the condition that `who` stands in on a case for `absent`, who named or managed them or not.

    Covering somebody opens no case that could not be given to `who` today. Of the same agency as who is away they may;
    of another, as far as the family shares with it: not while sharing rests, before it is asked, or when its limited
    consent leaves them out. Nobody stands in on a restricted case but who works on it themselves, from whom it is not
    kept: a manager who names themselves opens none. A coordinator stands in everywhere, as they see every case. On a
    case that this keeps from who covers, nobody does.
    """
    mine, theirs = practitioners.alias("stands_in"), practitioners.alias("is_away")
    own = (mine.c.id == who) & (theirs.c.id == absent) & mine.c.agency_id.is_not_distinct_from(theirs.c.agency_id)
    same = sa.exists().where(own).correlate_except(mine, theirs)
    kept = sa.or_(rests(case_id), outside(case_id, who), elsewhere(case_id, who))
    return sa.or_(
        sa.or_(same, ~kept) & sa.or_(~_restricted(case_id), _works_on(case_id, who)), _coordinates(who)
    )


def _restricted(case_id: OfCase) -> sa.ColumnElement[bool]:
    own = case_restrictions.alias("kept_case")
    return sa.exists().where(own.c.case_id == case_id, own.c.lifted_at.is_(None)).correlate_except(own)


def _works_on(case_id: OfCase, who: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Return the condition that somebody sees a restricted case by their own work on it."""
    lead, member = lead_professionals.alias("own_lead"), case_members.alias("own_place")
    task = user_tasks.alias("held_task")
    ways = (
        (lead.c.case_id == case_id, lead.c.practitioner_id == who, lead.c.to_on.is_(None)),
        (member.c.case_id == case_id, member.c.practitioner_id == who, member.c.to_on.is_(None)),
        (task.c.case_id == case_id, task.c.assignee_id == who, task.c.state == sa.literal_column("'open'")),
    )
    return sa.or_(*(sa.exists().where(*way).correlate_except(lead, member, task) for way in ways))


def _coordinates(who: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    account, role = accounts.alias("own_account"), account_roles.alias("own_role")
    own = (account.c.practitioner_id == who) & account.c.disabled_at.is_(None) & (role.c.account_id == account.c.id)
    coordinator = (role.c.role == "coordinator") & role.c.to_on.is_(None)
    return sa.exists().where(own, coordinator).correlate_except(account, role)


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


def has_strangers(connection: sa.Connection, case_id: UUID) -> bool:
    """Tell whether a case has `strangers`: sharing rests, or its family has not been asked."""
    return bool(connection.execute(_HAS_STRANGERS, {"case": case_id}).scalar())


def strangers(connection: sa.Connection, case_id: UUID, people: Sequence[UUID], *, today: date) -> list[LeftOut]:
    """Return those of `people` who may have no part in a case now, as sharing rests; otherwise nobody.

    Before the family is asked, those of another agency than who leads or assesses. Who keeps the record may, and who
    stands in today for who leads or assesses it, or for their line manager, of whose agency they are (`may_stand_in`).
    """
    if not people:
        return []
    rows = connection.execute(_STRANGERS, {"ids": list(people), "case": case_id, "today": today})
    return [LeftOut(row.id, row.name, row.agency or "") for row in rows]


def stands_in(connection: sa.Connection, case_id: UUID, who: UUID, absent: UUID) -> bool:
    """Tell whether `who` stands in on a case for `absent`, whom they cover: see `may_stand_in`."""
    return not not_covered(connection, who, absent, [case_id])


def not_covered(connection: sa.Connection, who: UUID, absent: UUID, case_ids: Sequence[UUID]) -> frozenset[UUID]:
    """Return those of `case_ids` on which nobody stands in for `absent`, though `who` covers for them."""
    given = {"ids": list(case_ids), "who": who, "absent": absent}
    return frozenset(connection.execute(_NOT_COVERED, given).scalars())


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
_NOT_COVERED = sa.select(cases.c.id).where(
    among(cases.c.id),
    ~may_stand_in(cases.c.id, sa.bindparam("who", type_=sa.Uuid), sa.bindparam("absent", type_=sa.Uuid)),
)
_UNCOVERED = (
    sa.select(practitioners.c.id, practitioners.c.name, agencies.c.name.label("agency"))
    .outerjoin(agencies, agencies.c.id == practitioners.c.agency_id)
    .where(outside(_CASE, practitioners.c.id), ~keeps_record(_CASE))
    .order_by(practitioners.c.name, practitioners.c.id)
)
_LEFT_OUT = _UNCOVERED.where(among(practitioners.c.id))
_TODAY: sa.BindParameter[date] = sa.bindparam("today", type_=sa.Date)
_STANDS_IN = (
    sa.exists()
    .where(
        absences.c.covered_by == practitioners.c.id,
        absences.c.from_on <= _TODAY,
        absences.c.to_on.is_(None),
        sa.func.coalesce(absences.c.expected_to_on, _TODAY) >= _TODAY,
        keeps_record(_CASE, absences.c.practitioner_id),
        may_stand_in(_CASE, practitioners.c.id, absences.c.practitioner_id),
    )
    .correlate_except(absences)
)
_RESTS = sa.select(rests(_CASE))
_WHY_NOT = sa.select(
    sa.select(consents.c.answer).where(in_force(_CASE)).scalar_subquery().label("answer"),
    sa.exists().where(family_searches.c.case_id == _CASE, family_searches.c.ended_on.is_(None)).label("not_found"),
)
_HAS_STRANGERS = sa.select(sa.or_(rests(_CASE), unasked(_CASE)))
_STRANGERS = (
    sa.select(practitioners.c.id, practitioners.c.name, agencies.c.name.label("agency"))
    .outerjoin(agencies, agencies.c.id == practitioners.c.agency_id)
    .where(among(practitioners.c.id), is_new(_CASE, practitioners.c.id), ~_STANDS_IN)
    .order_by(practitioners.c.name, practitioners.c.id)
)
_TEAM = sa.select(case_members.c.practitioner_id).where(case_members.c.case_id == _CASE)
_LEFT_OUT_OF_TEAM = _UNCOVERED.where(practitioners.c.id.in_(_TEAM))
BY_CASE: Final = (_LEFT_OUT_OF_TEAM,)
