"""What the team agreed when it met for the review that is under way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from engine.store.meeting_options import actions_of, latest_held
from engine.store.tables.record import reviews


@dataclass(frozen=True, slots=True)
class AgreedTogether:
    """A meeting's day and notes, its next step ("" when it was not said) and the next date, None without one."""

    held_on: date
    notes: str
    next_step: str
    next_on: date | None


def agreed_for_review(connection: sa.Connection, case_id: UUID) -> AgreedTogether | None:
    """Return what the meeting agreed that was held for the coming review of a case; None without such a meeting.

    A review by updates has none, and a meeting that an earlier review was written up from is not taken again.
    """
    coming = connection.execute(_BY_MEETING, {"case": case_id}).first()
    meeting = latest_held(connection, case_id)
    if coming is None or meeting is None or meeting.held_on < coming.asked_on:
        return None
    if connection.execute(_WRITTEN_UP, {"case": case_id, "day": meeting.held_on}).first() is not None:
        return None
    step = meeting.ends_with
    if step and step not in ("close", "step_up"):
        step = "replan" if actions_of(connection, meeting.id) else "continue"
    return AgreedTogether(meeting.held_on, meeting.notes, step, meeting.next_on)


_MEETS = (reviews.c.case_id == sa.bindparam("case", type_=sa.Uuid)) & (reviews.c.way == "meeting")
_BY_MEETING = sa.select(reviews.c.asked_on).where(_MEETS, reviews.c.held_on.is_(None), reviews.c.asked_on.is_not(None))
_WRITTEN_UP = sa.select(reviews.c.id).where(_MEETS, reviews.c.held_on >= sa.bindparam("day", type_=sa.Date)).limit(1)
