"""How a person stands to cases: the one place that asks the record, for one case or for many in one query."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import (
    MAG_GROUP,
    MANAGERS,
    NARROWED,
    OVERSIGHT,
    Actor,
    Relation,
    confined,
    may_see_case,
)
from engine.store import mag_seats
from engine.store.consent_cover import elsewhere, outside, rests
from engine.store.sets import among, few
from engine.store.spells import held_until_now
from engine.store.standing_in import may_stand_in
from engine.store.tables.access import case_restrictions
from engine.store.tables.people import account_roles, accounts, line_managers, practitioners
from engine.store.tables.record import case_members, cases, concerns, lead_professionals, mag_referrals
from engine.store.tables.running import offered_groups, user_tasks
from engine.store.writes import Question

BATCH: Final = 500
"""How many cases one query asks about at most: PostgreSQL and SQLite both take that many parameters."""


def of(connection: sa.Connection, actor: Actor, case_id: UUID) -> Relation:
    """Return how `actor` stands to a child's case; a stranger's relation to anything else."""
    row = (_ONE_COVERING if actor.covers else _ONE).first(connection, {"case_id": case_id, **_who(actor)})
    return (None if row is None else _relation(actor, case_id, row)) or Relation()


def of_many(connection: sa.Connection, actor: Actor, case_ids: Sequence[UUID]) -> dict[UUID, Relation]:
    """Return how `actor` stands to each of `case_ids` that is a child's case of their own authority, by id.

    Cases of other authorities and an authority's own chain are left out. So is a restricted case that is not theirs
    to see: it is as if it were not there.
    """
    wanted = list(dict.fromkeys(case_ids))
    who, found, query = _who(actor), {}, _MANY_COVERING if actor.covers else _MANY
    for start in range(0, len(wanted), BATCH):
        for case_id, *row in connection.execute(query, {"ids": wanted[start : start + BATCH], **who}):
            if (relation := _relation(actor, case_id, row)) is not None:
                found[case_id] = relation
    return found


def asks_manager(manager: sa.ColumnElement[UUID]) -> sa.ColumnElement[bool]:
    """Return the condition on `user_tasks` that one offered to the line managers asks this one of them.

    A value, not EXISTS: of that PostgreSQL makes a join, over the whole queue in place of the first page's tasks.
    """
    asks = sa.select(_asks_manager(_managed_by(manager))).where(cases.c.id == user_tasks.c.case_id)
    return asks.correlate(user_tasks).scalar_subquery()


def asks_group(member: UUID, authority_id: UUID) -> sa.ColumnElement[bool]:
    """Return the condition on `user_tasks` that one offered to the multi-agency groups asks this member."""
    who, authority = sa.literal(member, sa.Uuid), sa.literal(authority_id, sa.Uuid)
    case_id = user_tasks.c.case_id
    return ~mag_seats.elsewhere(case_id, who, authority) & ~rests(case_id)


def is_asked(connection: sa.Connection, task_id: UUID, practitioner_id: UUID) -> bool:
    """Tell whether a task offered to the line managers asks this one of them."""
    mine = sa.select(user_tasks.c.id).where(
        user_tasks.c.id == task_id, asks_manager(sa.literal(practitioner_id, sa.Uuid))
    )
    return connection.execute(mine).first() is not None


def _who(actor: Actor) -> dict[str, Any]:
    return {
        "me": actor.practitioner_id,
        "authority": actor.authority_id,
        "groups": sorted(actor.groups - NARROWED),
        "mag_groups": sorted(actor.groups & {MAG_GROUP}),
        "manager_groups": sorted(actor.groups & {MANAGERS}),
        "covered": sorted(actor.covers),
    }


def _relation(actor: Actor, case_id: UUID, row: Sequence[Any]) -> Relation | None:
    """Read a row of `_STANDS`; None for a restricted case that is not the actor's to see."""
    found = dict(zip(_NAMES, map(bool, row), strict=False))
    in_team, shared = found.pop("in_team"), not found["rests"]
    # Members and the Multi-Agency Group see what the family agreed to share, and nothing once it says no. While nobody
    # can reach the family sharing rests too: it agreed to something else than this, and cannot be asked.
    found["member"] = in_team and shared
    found["mag_open"] = found["mag_open"] and shared
    # A question to somebody of the team is part of the sharing: it shows them nothing once the family says no.
    found["holds_task"] = found["holds_task"] and (shared or not in_team)
    # While sharing rests a group decides nothing: what waits for it waits until the family is found, or agrees again.
    found["mag_elsewhere"] = found["mag_elsewhere"] or not shared
    found["managed_elsewhere"] = found.pop("managed") and not found["manages_someone"]
    relation = Relation(same_authority=True, emergency=case_id in actor.opened, **found)
    if not relation.restricted:
        return relation
    relation = confined(relation)
    return relation if may_see_case(actor, relation) else None


def _exists(table: sa.Table, *conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.exists().where(table.c.case_id == cases.c.id, *conditions).correlate_except(table)


_ME: sa.BindParameter[UUID] = sa.bindparam("me", type_=sa.Uuid)


def _managed_by(manager: sa.ColumnElement[UUID]) -> sa.Select[tuple[UUID]]:
    """Select whom somebody is line manager of."""
    return sa.select(line_managers.c.practitioner_id).where(
        line_managers.c.manager_id == manager, line_managers.c.to_on.is_(None)
    )


_MANAGED = _managed_by(_ME)
_LEAD, _MEMBER, _TASK = lead_professionals, case_members, user_tasks
# Closing a case ends who leads and assesses it; they still answer for it, so they may read it afterwards.
_LEADS = held_until_now(_LEAD, cases.c.closed_on)
_ASSESSES = (_MEMBER.c.role == "assessor") & held_until_now(_MEMBER, cases.c.closed_on)
_IN_TEAM = (_MEMBER.c.role == "member") & _MEMBER.c.to_on.is_(None)
_RESTS = rests(cases.c.id)
# Written out, as SQLite uses a partial index only where it sees the index's own constant.
_OPEN = _TASK.c.state == sa.literal_column("'open'")


def _offered_to(groups: str) -> sa.ColumnElement[bool]:
    also = sa.exists().where(offered_groups.c.task_id == _TASK.c.id, few(offered_groups.c.queue, groups))
    return sa.or_(few(_TASK.c.queue, groups), also.correlate_except(offered_groups))


_ON_MY_GROUP = mag_seats.theirs(_ME, cases.c.authority_id)
_ELSEWHERE = mag_seats.elsewhere(cases.c.id, _ME, cases.c.authority_id)


def _is_managed(whose: sa.ColumnElement[UUID]) -> sa.ColumnElement[bool]:
    """Return the condition that somebody has a line manager who has not left."""
    of = (line_managers.c.practitioner_id == whose) & line_managers.c.to_on.is_(None)
    here = (practitioners.c.id == line_managers.c.manager_id) & practitioners.c.left_on.is_(None)
    return sa.exists().where(of, here).correlate_except(line_managers, practitioners)


def _manages(managed: sa.Select[tuple[UUID]]) -> sa.ColumnElement[bool]:
    """Return the condition that one of these leads or assesses the case."""
    return sa.or_(
        _exists(_LEAD, _LEAD.c.practitioner_id.in_(managed), _LEADS),
        _exists(_MEMBER, _MEMBER.c.practitioner_id.in_(managed), _ASSESSES),
    )


_IS_MANAGED = sa.or_(
    _exists(_LEAD, _LEADS, _is_managed(_LEAD.c.practitioner_id)),
    _exists(_MEMBER, _ASSESSES, _is_managed(_MEMBER.c.practitioner_id)),
)


def _asks_manager(managed: sa.Select[tuple[UUID]]) -> sa.ColumnElement[bool]:
    """Return the condition that a task offered to the line managers asks the one of these: see `NARROWED`.

    The rules' word stands beside what they gave to a group because they found nobody else.
    """
    return sa.or_(_manages(managed), ~_IS_MANAGED, _TASK.c.asked_because != "")


_OFFERED = _TASK.c.assignee_id.is_(None) & sa.or_(
    _offered_to("groups"),
    _offered_to("mag_groups") & ~_ELSEWHERE & ~_RESTS,
    _offered_to("manager_groups") & _asks_manager(_MANAGED),
)
# Whose question is the service's own, by a role of theirs.
_OF_OFFICE = (
    sa.exists()
    .where(
        accounts.c.practitioner_id == _TASK.c.assignee_id,
        account_roles.c.account_id == accounts.c.id,
        account_roles.c.to_on.is_(None),
        sa.or_(*(account_roles.c.role == role for role in sorted(OVERSIGHT))),
    )
    .correlate_except(accounts, account_roles)
)
_HOLDER = case_members.alias("holder")
_OF_TEAM = (
    sa.exists()
    .where(
        _HOLDER.c.case_id == cases.c.id,
        _HOLDER.c.practitioner_id == _TASK.c.assignee_id,
        _HOLDER.c.role == "member",
        _HOLDER.c.to_on.is_(None),
    )
    .correlate_except(_HOLDER)
)


def _held_by(holder: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Return the condition that such a holder has an open task which still shows them the case.

    A question to somebody of the team, or of no office, is part of the sharing: it shows nothing once that rests.
    """
    return _exists(_TASK, _OPEN, holder, sa.or_(~_RESTS, ~_OF_TEAM & _OF_OFFICE))


def _covers(held: sa.Table, *which: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Return the condition that such a row is of somebody away for whom one stands in on this case."""
    whose = held.c.practitioner_id
    return _exists(held, few(whose, "covered"), held.c.to_on.is_(None), *which, may_stand_in(cases.c.id, _ME, whose))


# While it is open: a closed case asks nothing of who stands in, and opens to them as to others, with a reason.
_COVERS_CLOSE = sa.or_(_covers(_LEAD), _covers(_MEMBER, _MEMBER.c.role == "assessor"))
_COVERED_TASK = (
    few(_TASK.c.assignee_id, "covered") & ~_TASK.c.personal & may_stand_in(cases.c.id, _ME, _TASK.c.assignee_id)
)
_STANDS: Final = (
    _exists(_LEAD, _LEAD.c.practitioner_id == _ME, _LEADS).label("leads"),
    _exists(_MEMBER, _MEMBER.c.practitioner_id == _ME, _ASSESSES).label("assesses"),
    _exists(_MEMBER, _MEMBER.c.practitioner_id == _ME, _IN_TEAM).label("in_team"),
    _manages(_MANAGED).label("manages_someone"),
    _held_by(_TASK.c.assignee_id.in_(_MANAGED)).label("manages_holder"),
    outside(cases.c.id, _ME).label("outside"),
    _RESTS.label("rests"),
    elsewhere(cases.c.id, _ME).label("elsewhere"),
    _exists(_TASK, _OPEN, sa.or_(_TASK.c.assignee_id == _ME, _OFFERED)).label("holds_task"),
    _exists(mag_referrals, mag_referrals.c.ended_on.is_(None), _ON_MY_GROUP).label("mag_open"),
    _exists(concerns, concerns.c.ended_on.is_(None)).label("concern_open"),
    _ELSEWHERE.label("mag_elsewhere"),
    _IS_MANAGED.label("managed"),
    _exists(case_restrictions, case_restrictions.c.lifted_at.is_(None)).label("restricted"),
)
"""What is asked of the record once, each by itself; what follows of several is `_relation`'s to say."""
_COVERING: Final = (
    *_STANDS,
    sa.or_(_COVERS_CLOSE, _held_by(_COVERED_TASK)).label("covers_someone"),
    _COVERS_CLOSE.label("covers_close"),
)
"""The same of somebody who covers others: whoever covers nobody is not asked about it."""
_OF_CHILD = (
    cases.c.authority_id == sa.bindparam("authority", type_=sa.Uuid),
    # An authority's own chain has no child, and is nobody's case.
    cases.c.child_id.is_not(None),
)
_MANY, _MANY_COVERING = (
    sa.select(cases.c.id, *asked).where(*_OF_CHILD, among(cases.c.id)) for asked in (_STANDS, _COVERING)
)
_ONE, _ONE_COVERING = (
    Question(sa.select(*asked).where(*_OF_CHILD, cases.c.id == sa.bindparam("case_id", type_=sa.Uuid)))
    for asked in (_STANDS, _COVERING)
)
_NAMES = tuple(column.name for column in _COVERING)
