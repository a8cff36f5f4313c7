"""How a person stands to a case, in one query."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor, Relation
from engine.store.tables.people import line_managers
from engine.store.tables.record import case_members, cases, concerns, lead_professionals, mag_referrals
from engine.store.tables.running import user_tasks


def of(connection: sa.Connection, actor: Actor, case_id: UUID) -> Relation:
    """Return how `actor` stands to the case; a stranger's relation when it belongs to another authority."""
    row = connection.execute(
        _QUERY,
        {
            "case": case_id,
            "me": actor.practitioner_id,
            "authority": actor.authority_id,
            "groups": sorted(actor.groups) or [""],
        },
    ).first()
    if row is None:
        return Relation()
    return Relation(**{name: bool(value) for name, value in row._mapping.items()})


def _exists(table: sa.Table, *conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.exists().where(table.c.case_id == _CASE, *conditions)


_CASE: sa.BindParameter[UUID] = sa.bindparam("case", type_=sa.Uuid)
_ME: sa.BindParameter[UUID] = sa.bindparam("me", type_=sa.Uuid)
_MANAGED = sa.select(line_managers.c.practitioner_id).where(
    line_managers.c.manager_id == _ME, line_managers.c.to_on.is_(None)
)
_LEAD, _MEMBER = lead_professionals, case_members
_QUERY = sa.select(
    _exists(_LEAD, _LEAD.c.practitioner_id == _ME, _LEAD.c.to_on.is_(None)).label("leads"),
    _exists(_MEMBER, _MEMBER.c.practitioner_id == _ME, _MEMBER.c.role == "assessor", _MEMBER.c.to_on.is_(None)).label(
        "assesses"
    ),
    _exists(_MEMBER, _MEMBER.c.practitioner_id == _ME, _MEMBER.c.role == "member", _MEMBER.c.to_on.is_(None)).label(
        "member"
    ),
    sa.or_(
        _exists(_LEAD, _LEAD.c.practitioner_id.in_(_MANAGED), _LEAD.c.to_on.is_(None)),
        _exists(
            _MEMBER, _MEMBER.c.practitioner_id.in_(_MANAGED), _MEMBER.c.role == "assessor", _MEMBER.c.to_on.is_(None)
        ),
    ).label("manages_someone"),
    _exists(
        user_tasks,
        user_tasks.c.state == "open",
        sa.or_(
            user_tasks.c.assignee_id == _ME,
            user_tasks.c.assignee_id.is_(None) & user_tasks.c.queue.in_(sa.bindparam("groups", expanding=True)),
        ),
    ).label("holds_task"),
    _exists(mag_referrals, mag_referrals.c.decided_on.is_(None)).label("mag_open"),
    _exists(concerns, concerns.c.ended_on.is_(None)).label("concern_open"),
).where(sa.exists().where(cases.c.id == _CASE, cases.c.authority_id == sa.bindparam("authority", type_=sa.Uuid)))
