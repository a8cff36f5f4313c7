"""Entries for people's calendars: sent with an invitation, changed when its meeting moves, else taken back."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import calendar_invitations, letter_mails
from engine.casework.family_letters import Letter
from engine.casework.letter_mails import Meeting
from engine.casework.terms import localised
from engine.operations.wordings import worded
from engine.store import meeting_places
from engine.store.relatives import relatives
from engine.store.sibling_meetings import names_a_child
from engine.store.tables.meetings import family_invitations, invitations, letter_sendings, letters, tac_meetings
from engine.store.tables.people import practitioners
from engine.store.tables.record import cases, lead_professionals
from engine.work import Work


def as_mailed(work: Work, meeting: UUID) -> Meeting:
    """Return a meeting as an e-mail tells it."""
    return _mailed(work, _held(work, meeting))


def entry(work: Work, meeting: UUID, to: str, *, off: bool = False) -> str:
    """Return the calendar entry that asks the address `to` to a meeting, or takes it back when it is `off`.

    It says nothing of the child, however the letter that goes with it is worded.
    """
    held = _held(work, meeting)
    return calendar_invitations.invitation(
        calendar_invitations.Entry(
            meeting_id=held.id,
            title=localised("TAC meeting", work.authority.term),
            place=_place(work, held),
            on=held.planned_on,
            at=held.starts_at,
            zone=work.authority.zone,
            organiser=str(work.connection.execute(_LEAD_ADDRESS, {"case": work.case.id}).scalar() or ""),
            to=to,
            moved=held.rebooked,
            off=off,
            written_at=work.at,
        )
    )


def change_sent(work: Work, meeting: UUID) -> Set[UUID]:
    """Change the entry of everybody to whom it was sent and who is still asked: the meeting was moved.

    Returns the practitioners among them.
    """
    said = worded(work, "mail_moved", letter_mails.meeting(as_mailed(work, meeting)))
    guests = _practitioners(work, meeting)
    for to in (*guests, *_family(work, meeting)):
        _write(work, to, said, entry(work, meeting, to))
    return frozenset(guests.values())


def take_back_sent(work: Work, meeting: UUID, of: Sequence[UUID] | None = None) -> Set[UUID]:
    """Take back the entry of the practitioners to whom it was sent, or of some, and return them: they need not come."""
    said = worded(work, "mail_called_off", letter_mails.meeting(as_mailed(work, meeting)))
    guests = _practitioners(work, meeting, of)
    for to in guests:
        _write(work, to, said, entry(work, meeting, to, off=True))
    return frozenset(guests.values())


def taken_back(work: Work, meeting: UUID, to: str) -> str:
    """Return what takes back the entry that one of the family was sent; empty when none was."""
    return entry(work, meeting, to, off=True) if to in _family(work, meeting) else ""


def _write(work: Work, to: str, said: Letter, calendar: str) -> None:
    term = work.authority.term
    work.write_to(to, subject=localised(said.subject, term), body=localised(said.body, term), calendar=calendar)


def _held(work: Work, meeting: UUID) -> Any:
    return work.connection.execute(_MEETING, {"meeting": meeting}).one()


def _mailed(work: Work, held: Any) -> Meeting:
    return Meeting(reference=held.reference, on=held.planned_on, at=held.starts_at, place=_place(work, held))


def _place(work: Work, held: Any) -> str:
    """Return where a meeting is as anybody may know; nothing where that, as "At Sam's home", names a child.

    No e-mail does.
    """
    if names_a_child(work.connection, held.case_id, held.venue):
        return ""
    return meeting_places.told(work.connection, held.case_id, held.venue)


def _practitioners(work: Work, meeting: UUID, of: Sequence[UUID] | None = None) -> dict[str, UUID]:
    """Return the addresses to which an entry was sent, of practitioners who are asked or of some, each with whose."""
    rows = work.connection.execute(_TO_PRACTITIONERS, {"meeting": meeting})
    return {row.recipient: row.practitioner_id for row in rows if of is None or row.practitioner_id in of}


def _family(work: Work, meeting: UUID) -> list[str]:
    """Return the addresses to which an entry was sent, of who of the family is asked and may be told something."""
    rows = work.connection.execute(_TO_FAMILY, {"meeting": meeting}).all()
    known = {each.member_id: each for each in relatives(work.connection, work.case.id)} if rows else {}
    kept = [row for row in rows if row.member_id in known and known[row.member_id].sharing.told != "nothing"]
    return list(dict.fromkeys(row.recipient for row in kept if row.recipient == known[row.member_id].email))


_WANTED: Final = sa.bindparam("meeting", type_=sa.Uuid)
_MEETING: Final = (
    sa.select(tac_meetings, cases.c.reference)
    .join(cases, cases.c.id == tac_meetings.c.case_id)
    .where(tac_meetings.c.id == _WANTED)
)
_LEAD_ADDRESS: Final = (
    sa.select(practitioners.c.email)
    .join(lead_professionals, lead_professionals.c.practitioner_id == practitioners.c.id)
    .where(lead_professionals.c.case_id == sa.bindparam("case"), lead_professionals.c.to_on.is_(None))
)
_SENT: Final = (
    sa.select(letter_sendings.c.recipient, letters.c.practitioner_id, letters.c.member_id)
    .join(letters, letters.c.id == letter_sendings.c.letter_id)
    .where(
        letters.c.meeting_id == _WANTED,
        letters.c.kind == "invitation",
        letter_sendings.c.how == "email",
        letter_sendings.c.recipient != "",
    )
    .order_by(letter_sendings.c.sent_at, letter_sendings.c.id)
)
_TO_PRACTITIONERS: Final = (
    _SENT.join(practitioners, practitioners.c.id == letters.c.practitioner_id)
    .join(
        invitations,
        (invitations.c.meeting_id == letters.c.meeting_id)
        & (invitations.c.practitioner_id == letters.c.practitioner_id),
    )
    .where(invitations.c.called_off_on.is_(None), practitioners.c.email == letter_sendings.c.recipient)
)
_TO_FAMILY: Final = _SENT.join(
    family_invitations,
    (family_invitations.c.meeting_id == letters.c.meeting_id)
    & family_invitations.c.member_id.is_not_distinct_from(letters.c.member_id),
).where(
    letters.c.practitioner_id.is_(None), family_invitations.c.invited, family_invitations.c.called_off_on.is_(None)
)
