"""Who leads a plan in between, and until when."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.store.tables.record import cases, lead_professionals

_run, _for_good = lead_professionals.alias("run"), lead_professionals.alias("for_good")
_IN_BETWEEN = _run.c.interim.is_(True) & ~sa.exists().where(
    _for_good.c.case_id == _run.c.case_id,
    _for_good.c.interim.is_(False),
    sa.or_(
        _for_good.c.from_on > _run.c.from_on,
        # On the day on which both began, whoever did not lead on came first.
        (_for_good.c.from_on == _run.c.from_on)
        & sa.or_(_for_good.c.to_on.is_(None), _for_good.c.to_on > _run.c.from_on),
    ),
)
"""The interim leads of a case since somebody last led it for good."""


def first_until_on() -> sa.Label[Any]:
    """Select the earliest day until which an interim lead was named since somebody last led the case for good."""
    earliest = sa.select(sa.func.min(_run.c.planned_end_on)).where(_run.c.case_id == cases.c.id, _IN_BETWEEN)
    return earliest.correlate(cases).scalar_subquery().label("interim_first_until_on")


def since(connection: sa.Connection, case_id: UUID) -> dict[UUID, date]:
    """Return the interim leads of a case since somebody last led it for good, each with their first day."""
    return {row.practitioner_id: row.first for row in connection.execute(_SINCE, {"case": case_id})}


_SINCE = (
    sa.select(_run.c.practitioner_id, sa.func.min(_run.c.from_on).label("first"))
    .where(_run.c.case_id == sa.bindparam("case"), _IN_BETWEEN)
    .group_by(_run.c.practitioner_id)
)
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
