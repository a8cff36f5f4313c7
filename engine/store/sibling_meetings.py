"""Meetings arranged for a brother or sister, which a child's own may go with: same family, consent in force."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.casework.consent_cover import SHARED
from engine.store.consent_cover import in_force
from engine.store.tables.record import cases, children, consents, tac_meetings


def as_choice(value: Any) -> UUID | None:
    """Return a chosen meeting's id; None for what is no id."""
    try:
        return UUID(str(value))
    except ValueError:
        return None


def sibling_meetings(connection: sa.Connection, case_id: UUID, today: date | None = None) -> list[Any]:
    """Return the coming meetings of the child's brothers and sisters: id, planned_on, starts_at, venue, given_name.

    Only of open cases whose family agreed to sharing; from `today` on, when it is given. The earliest comes first.
    """
    return list(connection.execute(_coming(case_id, today).order_by(tac_meetings.c.planned_on, tac_meetings.c.id)))


def sibling_meeting(connection: sa.Connection, case_id: UUID, meeting_id: UUID | None, today: date) -> Any:
    """Return one of `sibling_meetings`, or None when it cannot be joined."""
    return connection.execute(_coming(case_id, today).where(tac_meetings.c.id == meeting_id)).first()


def _coming(case_id: UUID, today: date | None) -> sa.Select[Any]:
    own, mine = cases.alias("own"), children.alias("mine")
    family = (
        sa.select(mine.c.family_id).join(own, own.c.child_id == mine.c.id).where(own.c.id == case_id).scalar_subquery()
    )
    query = (
        sa.select(
            tac_meetings.c.id, tac_meetings.c.planned_on, tac_meetings.c.starts_at, tac_meetings.c.venue,
            children.c.given_name,
        )
        .join(cases, cases.c.id == tac_meetings.c.case_id)
        .join(children, children.c.id == cases.c.child_id)
        .join(consents, in_force(cases.c.id))
        .where(
            children.c.family_id == family, cases.c.id != case_id, cases.c.closed_on.is_(None),
            consents.c.answer.in_(SHARED), tac_meetings.c.held_on.is_(None),
            tac_meetings.c.called_off_on.is_(None),
            tac_meetings.c.joined_id.is_(None),
        )
    )  # fmt: skip
    return query if today is None else query.where(tac_meetings.c.planned_on >= today)
