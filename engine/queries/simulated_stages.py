"""At which stage of its episode each case of a simulated caseload is, as a manager counts them. Never used by pages."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from engine.casework.stages import CLOSED, ELSEWHERE, ORDER, PAUSED, STEPS, WITH_GROUP, stage_of
from engine.store.tables.changes import case_pauses
from engine.store.tables.record import mag_referrals

__all__ = ["CLOSED", "ELSEWHERE", "ORDER", "STEPS", "set_aside", "stage_of"]


def set_aside(connection: sa.Connection) -> dict[UUID, str]:
    """Return the stage of the cases of which something else says more: those paused, then those with the group."""
    group = sa.select(mag_referrals.c.case_id).where(mag_referrals.c.ended_on.is_(None))
    resting = sa.select(case_pauses.c.case_id).where(case_pauses.c.ended_on.is_(None))
    return {
        **dict.fromkeys(connection.execute(group).scalars(), WITH_GROUP),
        **dict.fromkeys(connection.execute(resting).scalars(), PAUSED),
    }
