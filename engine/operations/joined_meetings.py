"""Meetings that go with a brother's or sister's: when that one falls or moves, each is booked by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.operations import family_invitations, other_cases
from engine.operations.invitations import end_later_replies
from engine.operations.messages import remind_lead
from engine.store.tables.meetings import invitations, tac_meetings
from engine.work import Work

LET_GO: Final = "joined_meeting_let_go"
"""What the case of a joined meeting is told; `meeting` is that meeting's id."""
CALLED_OFF: Final = "meeting_called_off"
"""The message to a meeting's diagram that there is no meeting any more: the lead arranges another one, or none."""
_first, _joined = tac_meetings.alias("first"), tac_meetings.alias("joined")


def let_go(work: Work) -> None:
    """Queue word for each case whose coming meeting goes with the one that this case does not hold on its day."""
    found = work.connection.execute(_GO_WITH, {"case": work.case.id, "today": work.today}).all()
    other_cases.tell(work, LET_GO, {row.case_id: {"meeting": str(row.id)} for row in found})


def book_anew(work: Work) -> None:
    """Queue word for the diagram of this case's meeting, which was called off: it asks for another day."""
    other_cases.tell(work, CALLED_OFF, {work.case.id: to_rebook(work)})


def to_rebook(work: Work) -> Mapping[str, Any]:
    """Return what a meeting's diagram hears when there is none: from which day another one is to be found."""
    return {"family_came": "no", "rebook_from": work.facts()["paused_until"] or work.today}


# One whose day has passed may have been held, and waits to be written up: its lead says so.
_GO_WITH = (
    sa.select(_joined.c.id, _joined.c.case_id)
    .join(_first, _first.c.id == _joined.c.joined_id)
    .where(
        _first.c.case_id == sa.bindparam("case", type_=sa.Uuid), _first.c.held_on.is_(None),
        _joined.c.held_on.is_(None), _joined.c.called_off_on.is_(None), _joined.c.planned_on >= sa.bindparam("today"),
    )
    .order_by(_joined.c.id)
)  # fmt: skip


def stand_alone(work: Work, meeting: UUID) -> bool:
    """Make a meeting of this case its own, and tell who leads, guests and family; whether it still went with another.

    Nobody learns here why the other child's is not held.
    """
    own = (tac_meetings.c.id == meeting) & (tac_meetings.c.case_id == work.case.id)
    coming = tac_meetings.c.held_on.is_(None) & tac_meetings.c.called_off_on.is_(None)
    joined = sa.update(tac_meetings).where(own, coming, tac_meetings.c.joined_id.is_not(None))
    if not work.connection.execute(joined.values(joined_id=None)).rowcount:
        return False
    end_later_replies(work)
    work.changed()
    work.record("tac_meeting_let_go", subject=meeting)
    remind_lead(work, {"subject": "A meeting that went with a brother’s or sister’s is to be booked by itself"}, {})
    asked = work.connection.execute(
        sa.select(invitations.c.practitioner_id)
        .where(invitations.c.meeting_id == meeting, invitations.c.called_off_on.is_(None))
        .order_by(invitations.c.id)
    ).scalars()
    for practitioner in asked:
        work.send(practitioner, subject="A meeting you are asked to is booked anew: you will be asked again")
    family_invitations.tell_anew(work, meeting)
    return True
