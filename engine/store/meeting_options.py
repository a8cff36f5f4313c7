"""What forms about meetings offer from the record, and what it already knows of their answers."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.store.tables.meetings import family_invitations, invitations, letters, meeting_actions, tac_meetings


def letters_to_hand(connection: sa.Connection, case_id: UUID) -> list[Any]:
    """Return the letters to the family that were neither e-mailed nor posted nor handed over, the oldest first.

    Of several copies of the same to one person it is the newest that they are given; one that another was written
    instead of is given to nobody.
    """
    newest = {(row.kind, row.member_id, row.meeting_id): row for row in connection.execute(_TO_HAND, {"case": case_id})}
    return list(newest.values())


_NEWER = letters.alias("newer")
_TO_HAND = (
    sa.select(letters)
    .where(
        letters.c.case_id == sa.bindparam("case"),
        letters.c.sent_on.is_(None),
        letters.c.practitioner_id.is_(None),
        ~sa.exists().where(_NEWER.c.instead_of_id == letters.c.id),
    )
    .order_by(letters.c.written_on, letters.c.id)
)


def coming(connection: sa.Connection, case_id: UUID) -> Any:
    """Return the row of the meeting that is arranged and not yet held, or None."""
    return connection.execute(_COMING, {"case": case_id}).first()


_COMING = (
    sa.select(tac_meetings)
    .where(
        tac_meetings.c.case_id == sa.bindparam("case"),
        tac_meetings.c.held_on.is_(None),
        tac_meetings.c.called_off_on.is_(None),
    )
    .order_by(tac_meetings.c.planned_on.desc())
    .limit(1)
)


def substitutes(connection: sa.Connection, case_id: UUID) -> dict[str, str]:
    """Return who comes to the coming meeting instead of whom, by the id of who was asked; only those who are named."""
    meeting = coming(connection, case_id)
    if meeting is None:
        return {}
    rows = connection.execute(_SUBSTITUTES, {"meeting": meeting.id})
    return {str(row.practitioner_id): row.substitute for row in rows}


_SUBSTITUTES = sa.select(invitations.c.practitioner_id, invitations.c.substitute).where(
    invitations.c.meeting_id == sa.bindparam("meeting"),
    invitations.c.reply == "substitute",
    invitations.c.substitute != "",
)


def latest_held(connection: sa.Connection, case_id: UUID) -> Any:
    """Return the row of the meeting that was held last, or None."""
    return connection.execute(_LATEST_HELD, {"case": case_id}).first()


_LATEST_HELD = (
    sa.select(tac_meetings)
    .where(tac_meetings.c.case_id == sa.bindparam("case"), tac_meetings.c.held_on.is_not(None))
    .order_by(tac_meetings.c.held_on.desc(), tac_meetings.c.id.desc())
    .limit(1)
)


def family_of(connection: sa.Connection, meeting_id: UUID) -> list[Any]:
    """Return the rows of the family's invitations to a meeting, the child's first."""
    return list(connection.execute(_FAMILY, {"meeting": meeting_id}))


def family_of_all(connection: sa.Connection, case_id: UUID) -> list[Any]:
    """Return the rows of the family's invitations to every meeting of a case, in the same order."""
    return list(connection.execute(_FAMILY_OF_ALL, {"case": case_id}))


_IN_ORDER = (family_invitations.c.member_id.is_not(None), family_invitations.c.member_id)
_FAMILY = (
    sa.select(family_invitations)
    .where(family_invitations.c.meeting_id == sa.bindparam("meeting"))
    .order_by(*_IN_ORDER)
)
_FAMILY_OF_ALL = (
    sa.select(family_invitations)
    .join(tac_meetings, tac_meetings.c.id == family_invitations.c.meeting_id)
    .where(tac_meetings.c.case_id == sa.bindparam("case"))
    .order_by(*_IN_ORDER)
)
BY_CASE: Final = (_FAMILY_OF_ALL,)


def actions_of(connection: sa.Connection, meeting_id: UUID) -> list[Any]:
    """Return the rows of what a meeting agreed, the first due first."""
    return list(connection.execute(_ACTIONS, {"meeting": meeting_id}))


_ACTIONS = (
    sa.select(meeting_actions)
    .where(meeting_actions.c.meeting_id == sa.bindparam("meeting"))
    .order_by(meeting_actions.c.due_on, meeting_actions.c.id)
)
