"""Where somebody stands in for a colleague who is away: covering them opens no case that could not be given them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.casework.standing import Standing
from engine.store.consent_cover import OfCase, elsewhere, outside, rests
from engine.store.sets import among
from engine.store.tables.access import case_restrictions
from engine.store.tables.people import account_roles, accounts, line_managers, practitioners
from engine.store.tables.record import case_members, cases, lead_professionals
from engine.store.tables.running import user_tasks


def may_stand_in(
    case_id: OfCase, who: sa.ColumnElement[Any], absent: sa.ColumnElement[Any]
) -> sa.ColumnElement[bool]:
    """Return the condition that `who` stands in on a case for `absent`, who named or managed them or not.

    Covering somebody opens no case that could not be given to `who` today. Of the same agency as who is away they may;
    of another, as far as the family shares with it: not while sharing rests, before it is asked, or when its limited
    consent leaves them out. Nobody stands in on a restricted case but who works on it themselves, from whom it is not
    kept: a manager who names themselves opens none. Nor does the line manager of who merely has a task on one: they may
    put that right without it (`sees_task_alone`). A coordinator stands in everywhere, as they see every case. On a case
    that this keeps from who covers, nobody does.
    """
    mine, theirs = practitioners.alias("stands_in"), practitioners.alias("is_away")
    own = (mine.c.id == who) & (theirs.c.id == absent) & mine.c.agency_id.is_not_distinct_from(theirs.c.agency_id)
    same = sa.exists().where(own).correlate_except(mine, theirs)
    kept = sa.or_(rests(case_id), outside(case_id, who), elsewhere(case_id, who))
    open_to = sa.or_(same, ~kept) & sa.or_(~_restricted(case_id), _works_on(case_id, who))
    return sa.or_(open_to & ~_sees_task_alone(case_id, who, absent), _coordinates(who))


def _sees_task_alone(
    case_id: OfCase, who: sa.ColumnElement[Any], holder: sa.ColumnElement[Any]
) -> sa.ColumnElement[bool]:
    """Return the condition that `who` is the line manager of who merely has a task, on a case that is not theirs."""
    managed = line_managers.alias("merely_managed")
    manages = (managed.c.manager_id == who) & (managed.c.practitioner_id == holder) & managed.c.to_on.is_(None)
    return (
        sa.exists().where(manages).correlate_except(managed)
        & ~_answers_for(case_id, holder)
        & ~_answers_for(case_id, who)
        & ~_works_on(case_id, who)
    )


def _answers_for(case_id: OfCase, who: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Return the condition that somebody leads or assesses a case, or is line manager of who does."""
    lead, member = lead_professionals.alias("led"), case_members.alias("assessed")
    found = []
    for held, also in ((lead, sa.true()), (member, member.c.role == "assessor")):
        managed = line_managers.alias("of_manager")
        mine = sa.select(managed.c.practitioner_id).where(managed.c.manager_id == who, managed.c.to_on.is_(None))
        whose = sa.or_(held.c.practitioner_id == who, held.c.practitioner_id.in_(mine.correlate_except(managed)))
        own = (held.c.case_id == case_id, held.c.to_on.is_(None), also, whose)
        found.append(sa.exists().where(*own).correlate_except(held))
    return sa.or_(*found)


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


def stands_in(connection: sa.Connection, case_id: UUID, who: UUID, absent: UUID) -> bool:
    """Tell whether `who` stands in on a case for `absent`, whom they cover: see `may_stand_in`."""
    return not not_covered(connection, who, absent, [case_id])


def sees_task_alone(connection: sa.Connection, case_id: UUID, who: UUID, holder: UUID) -> bool:
    """Tell whether `who`, the line manager of somebody with a task on a case, sees that and not the case."""
    asked = {"case": case_id, "who": who, "holder": holder}
    return bool(connection.execute(_TASK_ALONE, asked).scalar())


_CASE, _WHO, _HOLDER = (sa.bindparam(name, type_=sa.Uuid) for name in ("case", "who", "holder"))
_TASK_ALONE = sa.select(_sees_task_alone(_CASE, _WHO, _HOLDER) & ~_coordinates(_WHO))


def on_case(connection: sa.Connection, case_id: UUID, who: UUID, standing: Standing, *, today: date) -> Standing:
    """Return how somebody stands, saying of who covers whether the case is kept from them."""
    cover = standing.cover
    if cover.id is None or not standing.is_away(today) or stands_in(connection, case_id, cover.id, who):
        return standing
    return replace(standing, cover=replace(cover, kept_out=True))


def not_covered(connection: sa.Connection, who: UUID, absent: UUID, case_ids: Sequence[UUID]) -> frozenset[UUID]:
    """Return those of `case_ids` on which nobody stands in for `absent`, though `who` covers for them."""
    given = {"ids": list(case_ids), "who": who, "absent": absent}
    return frozenset(connection.execute(_NOT_COVERED, given).scalars())


_NOT_COVERED = sa.select(cases.c.id).where(
    among(cases.c.id),
    ~may_stand_in(cases.c.id, sa.bindparam("who", type_=sa.Uuid), sa.bindparam("absent", type_=sa.Uuid)),
)
