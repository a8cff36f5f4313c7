"""Whether a case is paused, until when, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.queries.view import View
from engine.store.tables.changes import case_pauses
from engine.store.tables.people import practitioners


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause under way. `agreed_by` is the name of who agreed to it."""

    since: date
    until: date
    reason: str
    agreed_by: str | None


def of_case(view: View, case_id: UUID) -> Pause | None:
    """Return the pause of a case, None when it is not paused."""
    row = view.connection.execute(_PAUSE, {"case": case_id}).first()
    return Pause(row.paused_on, row.until_on, row.reason, row.name) if row else None


_PAUSE = (
    sa.select(case_pauses.c.paused_on, case_pauses.c.until_on, case_pauses.c.reason, practitioners.c.name)
    .outerjoin(practitioners, practitioners.c.id == case_pauses.c.agreed_by)
    .where(case_pauses.c.case_id == sa.bindparam("case"), case_pauses.c.ended_on.is_(None))
)
BY_CASE: Final = (_PAUSE,)
