"""Letters that are held back after they were written: somebody is kept from a child since, or an address is secret.

Who leads each case of the family is told, once for each letter and reason until it is lifted; what was
decided, and on which child's case, the letter's page says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence, Set
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.operations import other_cases
from engine.operations.messages import remind_lead
from engine.store import letter_warnings, siblings
from engine.store.relatives import Relative, whose_secret
from engine.store.tables.keeping import history
from engine.store.tables.meetings import letter_pages, letters, tac_meetings
from engine.work import Work

LOOK_AGAIN: Final = "letters_to_look_at"
"""What each case of a family is told when its letters may tell what their readers are not to know any more."""
PLACE: Final = "The place of a meeting is an address that is kept secret now: book it at another place"
SUBJECT: Final = "A letter to a family is held back: look at it before it goes"
HELD: Final = "letter_held_back"
LET_GO: Final = "letter_let_go"
PLACES: Final = ("meeting_place_secret", "meeting_place_open")
"""The same of the place of a coming meeting."""


def look_again(work: Work, *, lifted: bool = False) -> None:
    """Queue word for each open case of the family: a letter written before may be held back now, or no more.

    For this one too, but when who leads it is who decides; unless it is that something is `lifted`.
    """
    lead = work.facts()["lead_professional"]
    mine = not lifted and work.actor is not None and lead == str(work.actor.practitioner_id)
    family = (*(() if mine else (work.case.id,)), *siblings.open_cases(work.connection, work.case.id))
    other_cases.tell(work, LOOK_AGAIN, {case_id: {} for case_id in family})


def tell_of_held(work: Work, _name: str, _told: Mapping[str, Any]) -> None:
    """Tell who leads or assesses of the letters that are held back now, but of those they were told of already."""
    secret = letter_warnings.secrets(work.connection, work.case.id)
    known = _told_of(work)
    rows = work.connection.execute(_STILL_TO_READ, {"case": work.case.id, "today": work.today}).all()
    held = {row.id: _mark(why) for row in rows if (why := letter_warnings.why_held(work.connection, row, secret))}
    for letter_id in sorted({row.id for row in rows} & {id_ for id_, _ in known} - held.keys()):
        work.record("letter_let_go", subject=letter_id)
    new = held.items() - known
    for letter_id, mark in sorted(new):
        work.record("letter_held_back", subject=letter_id, detail={"why": mark})
    if new:
        remind_lead(work, {"subject": SUBJECT}, {})
    _tell_of_place(work, secret.addresses, known)


def _tell_of_place(work: Work, addresses: Sequence[Relative], known: Set[tuple[UUID, str]]) -> None:
    """Tell the same of a coming meeting whose place gives away an address that is kept secret since, once for each."""
    for row in work.connection.execute(_COMING, {"case": work.case.id}).all():
        whose = whose_secret(row.venue, addresses)
        mark = _mark(f"{row.venue}, {whose}")
        if whose and (row.id, mark) not in known:
            work.record("meeting_place_secret", subject=row.id, detail={"why": mark})
            remind_lead(work, {"subject": PLACE}, {})
        elif not whose and row.id in {id_ for id_, _ in known}:
            work.record("meeting_place_open", subject=row.id)


def _told_of(work: Work) -> set[tuple[UUID, str]]:
    """Return the letters and meetings that somebody was told of last, each with the marks of why."""
    known: set[tuple[UUID, str]] = set()
    for row in work.connection.execute(_TOLD_OF, {"case": work.case.id}):
        if row.kind in (LET_GO, "meeting_place_open"):
            known = {each for each in known if each[0] != row.subject_id}
        else:
            known.add((row.subject_id, row.detail["why"]))
    return known


def _mark(why: str) -> str:
    """Stand for a reason, which names people, where nobody may be named."""
    return hashlib.sha256(why.encode()).hexdigest()


_TOLD_OF: Final = (
    sa.select(history.c.subject_id, history.c.kind, history.c.detail)
    .where(history.c.case_id == sa.bindparam("case", type_=sa.Uuid), history.c.kind.in_((HELD, LET_GO, *PLACES)))
    .order_by(history.c.seq)
)
_COMING: Final = sa.select(tac_meetings.c.id, tac_meetings.c.venue).where(
    tac_meetings.c.case_id == sa.bindparam("case", type_=sa.Uuid),
    tac_meetings.c.held_on.is_(None),
    tac_meetings.c.called_off_on.is_(None),
)
_TODAY: Final = sa.bindparam("today", type_=sa.Date)
_TO_COME: Final = tac_meetings.c.held_on.is_(None) & (tac_meetings.c.planned_on >= _TODAY)
_STILL_TO_READ: Final = (
    sa.select(letters)
    .outerjoin(tac_meetings, tac_meetings.c.id == letters.c.meeting_id)
    .where(
        letters.c.case_id == sa.bindparam("case", type_=sa.Uuid),
        letters.c.practitioner_id.is_(None),
        sa.or_(letters.c.kind.not_in(("invitation", "called_off")), _TO_COME),
        sa.or_(
            letters.c.sent_on.is_(None),
            sa.exists().where(
                letter_pages.c.letter_id == letters.c.id,
                letter_pages.c.revoked_at.is_(None),
                letter_pages.c.ends_on >= _TODAY,
            ),
        ),
    )
    .order_by(letters.c.id)
)
"""Letters to the family that wait to be sent, or that can still be read on a private page."""
