"""Who leads a plan in between, and until when."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import sqlalchemy as sa

from engine.store.tables.record import cases, lead_professionals

_OVER = (
    sa.select(lead_professionals.c.case_id)
    .join(cases, cases.c.id == lead_professionals.c.case_id)
    .where(
        lead_professionals.c.authority_id == sa.bindparam("authority"),
        lead_professionals.c.to_on.is_(None),
        lead_professionals.c.interim.is_(True),
        lead_professionals.c.planned_end_on <= sa.bindparam("today"),
        cases.c.closed_on.is_(None),
    )
    .order_by(lead_professionals.c.planned_end_on, lead_professionals.c.id)
)


def over(connection: sa.Connection, authority_id: UUID, *, today: date) -> list[UUID]:
    """Return the open cases of an authority whose interim lead was named until `today` or a day before it."""
    return list(connection.execute(_OVER, {"authority": authority_id, "today": today}).scalars())


def is_over(connection: sa.Connection, case_id: UUID, *, today: date) -> bool:
    """Tell whether the time of a case's interim lead is over, as `over` does."""
    return connection.execute(_IS_OVER, {"case": case_id, "today": today}).first() is not None


_IS_OVER = sa.select(lead_professionals.c.id).where(
    lead_professionals.c.case_id == sa.bindparam("case"),
    lead_professionals.c.to_on.is_(None),
    lead_professionals.c.interim.is_(True),
    lead_professionals.c.planned_end_on <= sa.bindparam("today"),
)
