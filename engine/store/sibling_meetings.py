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


_own, _mine = cases.alias("own"), children.alias("mine")
_CASE: sa.BindParameter[UUID] = sa.bindparam("case", type_=sa.Uuid)
_COMING = (
    sa.select(
        tac_meetings.c.id, tac_meetings.c.planned_on, tac_meetings.c.starts_at, tac_meetings.c.venue,
        children.c.given_name,
    )
    .join(cases, cases.c.id == tac_meetings.c.case_id)
    .join(children, children.c.id == cases.c.child_id)
    .join(consents, in_force(cases.c.id))
    .where(
        children.c.family_id
        == sa.select(_mine.c.family_id)
        .join(_own, _own.c.child_id == _mine.c.id)
        .where(_own.c.id == _CASE)
        .scalar_subquery(),
        cases.c.id != _CASE, cases.c.closed_on.is_(None), consents.c.answer.in_(SHARED),
        tac_meetings.c.held_on.is_(None), tac_meetings.c.called_off_on.is_(None), tac_meetings.c.joined_id.is_(None),
    )
    .order_by(tac_meetings.c.planned_on, tac_meetings.c.id)
)  # fmt: skip
_FROM_TODAY = _COMING.where(tac_meetings.c.planned_on >= sa.bindparam("today"))
_ONE = _FROM_TODAY.where(tac_meetings.c.id == sa.bindparam("meeting"))


def sibling_meetings(connection: sa.Connection, case_id: UUID, today: date | None = None) -> list[Any]:
    """Return the coming meetings of the child's brothers and sisters: id, planned_on, starts_at, venue, given_name.

    Only of open cases whose family agreed to sharing; from `today` on, when it is given. The earliest comes first.
    """
    if today is None:
        return list(connection.execute(_COMING, {"case": case_id}))
    return list(connection.execute(_FROM_TODAY, {"case": case_id, "today": today}))


def sibling_meeting(connection: sa.Connection, case_id: UUID, meeting_id: UUID | None, today: date) -> Any:
    """Return one of `sibling_meetings`, or None when it cannot be joined."""
    return connection.execute(_ONE, {"case": case_id, "today": today, "meeting": meeting_id}).first()
