"""What successors read of a case before they agreed to lead: the versions of each summary."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.store.tables.changes import handover_summaries
from engine.store.tables.people import practitioners


def newest(connection: sa.Connection, handover_id: UUID) -> Any:
    """Return the newest version of a proposal's summary with its writer's `name`, or None."""
    return connection.execute(
        sa.select(handover_summaries, practitioners.c.name)
        .outerjoin(practitioners, practitioners.c.id == handover_summaries.c.written_by)
        .where(handover_summaries.c.handover_id == handover_id)
        .order_by(handover_summaries.c.version.desc())
        .limit(1)
    ).first()
