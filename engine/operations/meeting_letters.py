"""Letters that invite to a meeting, as the authority words them; those to practitioners, written when asked for."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.casework import family_letters as texts
from engine.casework.family_letters import Letter
from engine.operations import reply_links
from engine.operations.family_letters import keep, occasion
from engine.operations.wordings import worded
from engine.store import meeting_places
from engine.store.tables import meetings as tables
from engine.store.tables.meetings import invitations, letters, tac_meetings
from engine.store.tables.people import agencies, practitioners
from engine.store.tables.record import cases, children
from engine.work import Work


def write_to_practitioners(work: Work, meeting: UUID) -> int:
    """Write a letter to each practitioner who is asked to a meeting and has none; return how many."""
    return _write(work, meeting, _WITHOUT_LETTER)


def write_to(work: Work, meeting: UUID, practitioner: UUID) -> None:
    """Write to one who is asked to a meeting now, when the others were asked before."""
    _write(work, meeting, _ASKED.where(invitations.c.practitioner_id == practitioner), late=True)


def write_again(work: Work, meeting: UUID) -> None:
    """Write the letters to practitioners anew that nobody has sent yet: they tell a day that was given up."""
    _write(work, meeting, _NOT_SENT)


def _write(work: Work, meeting: UUID, whom_to: sa.Select[Any], *, late: bool = False) -> int:
    """Write to those selected, and return how many; who is asked `late` was asked to no day before, if it moved."""
    held = work.connection.execute(sa.select(tac_meetings).where(tac_meetings.c.id == meeting)).one()
    again = held.rebooked > 0 and not late
    place = meeting_places.told(work.connection, work.case.id, held.venue)
    about = occasion(work, on=held.planned_on, at=held.starts_at, place=place, agenda=held.agenda)
    child = work.connection.execute(_CHILD, {"case": work.case.id}).one()
    first_name = child.known_as or child.given_name or "a baby"
    asked = work.connection.execute(whom_to, {"meeting": meeting, "again": again}).all()
    for row in asked:
        whom = f"the support for {first_name}"
        values = {
            **texts.meeting_values(row.name, about, whom, again=again),
            "purpose": about.agenda or texts.USUAL_AGENDA,
            "child": first_name,
            "job_title": row.job_title,
            "agency": row.agency or "",
        }
        _keep(work, held, row, worded(work, "practitioner_invitation", values), again=again)
    if asked:
        work.record("practitioners_written_to", subject=meeting, detail={"letters": len(asked)})
    return len(asked)


def _keep(work: Work, held: Any, row: Any, letter: Letter, *, again: bool) -> None:
    same = {"kind": "invitation", "subject": letter.subject, "body": letter.body, "again": again}
    place = {"address": row.agency or "", "addressee": row.name}
    id_ = keep(work, {**same, **place, "practitioner_id": row.practitioner_id, "meeting_id": held.id})
    reply_links.issue(work, id_, meeting=held.id, ends_on=held.planned_on, invitation=row.id)


_CHILD = (
    sa.select(children.c.known_as, children.c.given_name)
    .join(cases, cases.c.child_id == children.c.id)
    .where(cases.c.id == sa.bindparam("case"))
)
_WRITTEN = sa.exists().where(
    letters.c.meeting_id == invitations.c.meeting_id,
    letters.c.practitioner_id == invitations.c.practitioner_id,
    letters.c.written_on >= invitations.c.invited_on,
    # Who was asked late to a meeting that had moved has a letter that speaks of no other day. A move takes back the
    # links of the letters before it.
    sa.or_(
        letters.c.again == sa.bindparam("again", type_=sa.Boolean),
        sa.exists().where(tables.reply_links.c.letter_id == letters.c.id, tables.reply_links.c.revoked_at.is_(None)),
    ),
)
_ASKED = (
    sa.select(
        invitations.c.id,
        invitations.c.practitioner_id,
        practitioners.c.name,
        practitioners.c.job_title,
        agencies.c.name.label("agency"),
    )
    .join(practitioners, practitioners.c.id == invitations.c.practitioner_id)
    .outerjoin(agencies, agencies.c.id == practitioners.c.agency_id)
    .where(invitations.c.meeting_id == sa.bindparam("meeting"), invitations.c.called_off_on.is_(None))
    .order_by(practitioners.c.name, invitations.c.id)
)
_WITHOUT_LETTER = _ASKED.where(~_WRITTEN)
_NOT_SENT = _ASKED.where(
    sa.exists().where(
        letters.c.meeting_id == invitations.c.meeting_id,
        letters.c.practitioner_id == invitations.c.practitioner_id,
        letters.c.sent_on.is_(None),
    )
)
