"""Practitioners who are asked to a meeting, and those who are not wanted there any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.operations import calendar_entries
from engine.store.tables.meetings import invitations, tac_meetings
from engine.store.tables.running import user_tasks
from engine.store.writes import Insertion
from engine.work import Work

LATER: Final = "invite_to_meeting"
"""The diagram by which somebody is asked to a meeting whose invitations have gone out."""
_REPLY: Final = "reply_to_invitation"
_UNANSWERED: Final[Mapping[str, Any]] = MappingProxyType({"reply": "none", "substitute": ""})


def coming_meeting(work: Work) -> UUID | None:
    """Return the id of the meeting that is arranged and not yet held."""
    return work.connection.execute(_COMING, {"case": work.case.id}).scalar()


_COMING = (
    sa.select(tac_meetings.c.id)
    .where(
        tac_meetings.c.case_id == sa.bindparam("case"),
        tac_meetings.c.held_on.is_(None),
        tac_meetings.c.called_off_on.is_(None),
    )
    .order_by(tac_meetings.c.planned_on.desc())
    .limit(1)
)
_INSERT = Insertion(invitations)


def invite_practitioners(
    work: Work,
    meeting: UUID,
    invited: Sequence[UUID],
    known: Mapping[UUID, Mapping[str, Any]] = MappingProxyType({}),
) -> None:
    """Invite practitioners to a meeting: the one place where their invitations are written.

    Of some the reply is `known` already, as they are asked to a sibling's meeting.
    """
    rows = [
        {
            "id": work.engine.ids.new(),
            "meeting_id": meeting,
            "authority_id": work.authority.id,
            "case_id": work.case.id,
            "practitioner_id": practitioner,
            "invited_on": work.today,
            **known.get(practitioner, _UNANSWERED),
        }
        for practitioner in invited
    ]
    _INSERT.each(work.connection, rows)


def call_off_invitations(work: Work, practitioners: Sequence[UUID], *, why: str) -> tuple[UUID, ...]:
    """Ask practitioners to the coming meeting no more, and take its entry out of their calendars; return whom that was.

    For somebody who has left, or whom the family's consent covers no longer: their place in the team is kept, for a
    wider consent lets them in again. Their open tasks to reply end by `engine.calling_off.call_off_invitations`.
    """
    meeting = coming_meeting(work)
    if meeting is None:
        return ()
    mine = (
        (invitations.c.meeting_id == meeting)
        & invitations.c.practitioner_id.in_(practitioners)
        & invitations.c.called_off_on.is_(None)
    )
    gone = tuple(work.connection.execute(sa.select(invitations.c.practitioner_id).where(mine)).scalars())
    if not gone:
        return ()
    calendar_entries.take_back_sent(work, meeting, gone)
    work.connection.execute(sa.update(invitations).where(mine).values(called_off_on=work.today))
    for practitioner in gone:
        work.record("invitation_called_off", subject=practitioner, payload={"why": why})
    work.changed()
    return gone


def end_later_replies(work: Work) -> None:
    """End the open tasks that ask who was invited after the others: the meeting has no day any more.

    What the others are asked ends by their own diagram; once it is held all hear of that.
    """
    asked = sa.select(user_tasks.c.id).where(
        user_tasks.c.case_id == work.case.id, user_tasks.c.process_key == LATER, user_tasks.c.state == "open"
    )
    work.released.extend(work.connection.execute(asked.order_by(user_tasks.c.id)).scalars())


def open_replies(work: Work, practitioner: UUID) -> list[UUID]:
    """Return the open tasks in which a practitioner is asked to reply, whoever has them."""
    asked = work.connection.execute(
        sa.select(user_tasks.c.id, user_tasks.c.variables)
        .where(user_tasks.c.case_id == work.case.id, user_tasks.c.element_id == _REPLY, user_tasks.c.state == "open")
        .order_by(user_tasks.c.id)
    )
    return [row.id for row in asked if row.variables.get("practitioner") == str(practitioner)]
