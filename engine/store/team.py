"""Who of a case's team the family's consent covers now."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from engine.store.consent_cover import outside
from engine.store.tables.record import case_members, lead_professionals


def covered(connection: sa.Connection, case_id: UUID) -> list[UUID]:
    """Return the practitioners round a child whom the consent covers: who leads, who assesses, who is of the team."""
    leads = sa.select(lead_professionals.c.practitioner_id).where(
        lead_professionals.c.case_id == case_id, lead_professionals.c.to_on.is_(None)
    )
    of_team = sa.select(case_members.c.practitioner_id).where(
        case_members.c.case_id == case_id,
        case_members.c.to_on.is_(None),
        case_members.c.role != "mag",
        # Who assesses keeps the record, whatever the family lets be shared with others.
        sa.or_(case_members.c.role == "assessor", ~outside(case_members.c.case_id, case_members.c.practitioner_id)),
    )
    return list(connection.execute(sa.union(leads, of_team)).scalars())
