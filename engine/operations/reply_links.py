"""Private links by which one person answers one invitation without an account: issued with a letter, taken back."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import sqlalchemy as sa

from engine.store.tables.meetings import reply_links
from engine.store.writes import Insertion
from engine.work import Work

_INSERT = Insertion(reply_links)


def issue(
    work: Work,
    letter_id: UUID,
    *,
    meeting: UUID,
    ends_on: date,
    family_invitation: UUID | None = None,
    invitation: UUID | None = None,
) -> UUID:
    """Make the link that a letter tells, good until the day `ends_on` is over."""
    id_ = work.engine.ids.new()
    row = {
        "id": id_,
        "authority_id": work.authority.id,
        "case_id": work.case.id,
        "meeting_id": meeting,
        "letter_id": letter_id,
        "family_invitation_id": family_invitation,
        "invitation_id": invitation,
        "ends_on": ends_on,
    }
    _INSERT.each(work.connection, [row])
    return id_


def revoke_of(work: Work, meeting: UUID) -> None:
    """Take back every link to answer about a meeting: it is moved or called off."""
    _revoke(work, reply_links.c.meeting_id == meeting)


def revoke(work: Work, letter_id: UUID) -> bool:
    """Take back the link that one letter tells; tell whether there was one."""
    return _revoke(work, reply_links.c.letter_id == letter_id) > 0


def _revoke(work: Work, which: sa.ColumnElement[bool]) -> int:
    own = (reply_links.c.case_id == work.case.id) & reply_links.c.revoked_at.is_(None)
    return work.connection.execute(sa.update(reply_links).where(own, which).values(revoked_at=work.at)).rowcount
