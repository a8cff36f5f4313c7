"""Who works on a case themselves, rather than by their office."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from engine.store.tables.record import case_members, lead_professionals


def works_on(connection: sa.Connection, case_id: UUID, practitioner_id: UUID) -> bool:
    """Tell whether somebody leads a case, assesses it or is of its team now: covering who does is no work on it."""
    ways = [
        sa.select(held.c.case_id).where(
            held.c.case_id == case_id, held.c.to_on.is_(None), held.c.practitioner_id == practitioner_id
        )
        for held in (lead_professionals, case_members)
    ]
    return connection.execute(sa.union_all(*ways).limit(1)).first() is not None
