"""Plans that have ended, for those who worked on them: long enough to say how it went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.clock import local_day
from engine.store.tables.access import case_restrictions
from engine.store.tables.people import authorities, practitioners
from engine.store.tables.record import action_plans, case_members, cases, lead_professionals

ASKED_FOR: Final = timedelta(days=60)
"""How long after a plan has ended somebody may say how it went."""


@dataclass(frozen=True, slots=True)
class ClosedPlan:
    """A plan that ended on a day; `lead` led it last, "" for nobody; `led` tells that the actor did."""

    case_id: UUID
    reference: str
    closed_on: date
    lead: str
    led: bool
    today: date


_AUTHORITY = sa.select(authorities.c.zone).where(authorities.c.id == sa.bindparam("authority", type_=sa.Uuid))


def of_person(connection: sa.Connection, actor: Actor, *, now: datetime) -> tuple[ClosedPlan, ...]:
    """Return the plans on which the actor worked to the end, the latest first; never the child's name.

    Restricted ones are left out.
    """
    zone = ZoneInfo(connection.execute(_AUTHORITY, {"authority": actor.authority_id}).scalar_one())
    today = local_day(now, zone)
    rows = connection.execute(
        sa.select(cases.c.id, cases.c.reference, cases.c.closed_on)
        .where(
            cases.c.authority_id == actor.authority_id,
            cases.c.closed_on >= today - ASKED_FOR,
            ~sa.exists().where(case_restrictions.c.case_id == cases.c.id, case_restrictions.c.lifted_at.is_(None)),
            sa.exists().where(action_plans.c.case_id == cases.c.id),
            sa.or_(_worked(lead_professionals, actor), _worked(case_members, actor)),
        )
        .order_by(cases.c.closed_on.desc(), cases.c.id)
    ).all()
    leads = _leads(connection, [row.id for row in rows])
    found = []
    for row in rows:
        who, name = leads.get(row.id, (None, ""))
        found.append(ClosedPlan(row.id, row.reference, row.closed_on, name, who == actor.practitioner_id, today))
    return tuple(found)


def _worked(table: sa.Table, actor: Actor) -> sa.ColumnElement[bool]:
    theirs = (table.c.case_id == cases.c.id) & (table.c.practitioner_id == actor.practitioner_id)
    to_the_end = sa.or_(table.c.to_on.is_(None), table.c.to_on >= cases.c.closed_on)
    return sa.exists().where(theirs, to_the_end)


def _leads(connection: sa.Connection, case_ids: list[UUID]) -> dict[UUID, tuple[UUID, str]]:
    """Return who led each plan last."""
    rows = connection.execute(
        sa.select(lead_professionals.c.case_id, practitioners.c.id, practitioners.c.name)
        .join(practitioners, practitioners.c.id == lead_professionals.c.practitioner_id)
        .where(lead_professionals.c.case_id.in_(case_ids))
        .order_by(lead_professionals.c.from_on, lead_professionals.c.id)
    )
    return {row.case_id: (row.id, row.name) for row in rows}
