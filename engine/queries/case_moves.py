"""A family's move to another area while it is under way: who there is to be heard from, and by when."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.queries.view import View
from engine.store.tables.changes import transfers


def under_way(view: View, case_id: UUID) -> Any:
    """Return the row of the move that a case's family is on, None when there is none."""
    return view.connection.execute(_UNDER_WAY, {"case": case_id}).first()


_UNDER_WAY = sa.select(transfers).where(transfers.c.case_id == sa.bindparam("case"), transfers.c.ended_on.is_(None))
BY_CASE: Final = (_UNDER_WAY,)


def to_hear(view: View, case_id: UUID) -> tuple[str, date] | None:
    """Return who is to be heard from about papers that were sent, in words, and by when; None once that day is over."""
    move = under_way(view, case_id)
    if move is None or move.sent_on is None:
        return None
    by = look_by(view, move.sent_on)
    return None if by < view.today else (f"Moves to {move.area}: to hear from {move.sent_to}", by)


def look_by(view: View, sent_on: date) -> date:
    """Return the day by which another area that got papers on `sent_on` is asked to have looked at the plan."""
    weeks = int(view.engine.library.host(view.connection, view.authority).time_limit("transfer_review_weeks"))
    return view.authority.calendar.next_working_day(sent_on + timedelta(weeks=weeks))
