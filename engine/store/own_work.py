"""Who works on a case themselves, rather than by their office."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import sqlalchemy as sa

from engine.store.tables.people import absences
from engine.store.tables.record import case_members, lead_professionals


def works_on(connection: sa.Connection, case_id: UUID, practitioner_id: UUID, *, today: date) -> bool:
    """Tell whether somebody leads a case, assesses it or is of its team now, or stands in for who does."""
    covered = sa.select(absences.c.practitioner_id).where(
        absences.c.covered_by == practitioner_id,
        absences.c.from_on <= today,
        absences.c.to_on.is_(None),
        sa.or_(absences.c.expected_to_on.is_(None), absences.c.expected_to_on >= today),
    )
    ways = [
        sa.select(held.c.case_id).where(
            held.c.case_id == case_id,
            held.c.to_on.is_(None),
            sa.or_(held.c.practitioner_id == practitioner_id, held.c.practitioner_id.in_(covered)),
        )
        for held in (lead_professionals, case_members)
    ]
    return connection.execute(sa.union_all(*ways).limit(1)).first() is not None
