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
    """Return what the meeting agreed that was held for the coming review of a case; None without such a meeting."""
    asked_on = connection.execute(
        sa.select(reviews.c.asked_on).where(reviews.c.case_id == case_id, reviews.c.held_on.is_(None))
    ).scalar()
    meeting = latest_held(connection, case_id)
    if meeting is None or asked_on is None or meeting.held_on < asked_on:
        return None
    step = meeting.ends_with
    if step and step not in ("close", "step_up"):
        step = "replan" if actions_of(connection, meeting.id) else "continue"
    return AgreedTogether(meeting.held_on, meeting.notes, step, meeting.next_on)
