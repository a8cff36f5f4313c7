"""Letters to a family and to who is invited: written, changed, sent, their private pages closed.

What was written is sent also after the case has closed, as that a meeting is called off then; nothing is written anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import letter_mails, reply_tokens
from engine.casework.family_letters import Letter
from engine.casework.family_sharing import may_see_secret_address
from engine.casework.permissions import Actor
from engine.casework.terms import localised
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.keeping_family import keeping_family
from engine.operations import calendar_entries, letter_pages, meeting_letters, reply_links
from engine.operations.address_warnings import LONGEST, keep_overruled
from engine.operations.family_letters import mark_sent as keep_sent
from engine.operations.family_letters import occasion, write_anew
from engine.operations.invitations import coming_meeting
from engine.operations.wordings import worded
from engine.process_engine import ProcessEngine
from engine.store import letter_warnings, relations
from engine.store.relatives import relatives
from engine.store.tables import meetings
from engine.store.tables.meetings import letters
from engine.store.tables.people import practitioners
from engine.work import Work

LONGEST_SUBJECT: Final = 200
LONGEST_BODY: Final = 20_000
LONGEST_REASON: Final = LONGEST


@dataclass(frozen=True, slots=True)
class Changed:
    """A letter as kept: its revision counts the changes, `at` is aware UTC."""

    revision: int
    at: datetime


def mark_sent(engine: ProcessEngine, *, actor: Actor, case_id: UUID, letter_id: UUID, how: str) -> None:
    """Record today that a letter was posted ("post"), handed over ("hand") or e-mailed ("email").

    Raises `NotFound`, `NotPermitted`, `Invalid` for another way, an unknown letter, one to somebody who is to be told
    nothing, or one that gives away an address kept secret.
    """
    with keeping_family(engine, actor, case_id, closed=True) as work:
        _readable(work, actor, letter_id)
        keep_sent(work, letter_id, how)


def mark_given(
    engine: ProcessEngine, *, actor: Actor, case_id: UUID, letter_ids: Sequence[UUID], how: str
) -> None:
    """Record today that several letters were posted ("post") or handed over ("hand") together. Raises as `mark_sent`.
    """
    with keeping_family(engine, actor, case_id, closed=True) as work:
        for letter_id in letter_ids:
            _readable(work, actor, letter_id)
            keep_sent(work, letter_id, how)


def change(
    engine: ProcessEngine,
    *,
    actor: Actor,
    case_id: UUID,
    letter_id: UUID,
    subject: str,
    body: str,
    expected_revision: int | None = None,
) -> Changed:
    """Keep a letter that is not sent yet as somebody words it: a draft, that may hold anything but a subject too long.

    What somebody else worded and this takes the place of is kept. Raises as `mark_sent`, and `Conflict` for a closed
    case, a letter that was sent or that somebody changed since `expected_revision` (without one, that somebody else
    did), `Invalid` naming `subject` or `body` for one that is too long.
    """
    if len(subject) > LONGEST_SUBJECT:
        raise Invalid(f"Use at most {LONGEST_SUBJECT} characters", field="subject")
    if len(body) > LONGEST_BODY:
        raise Invalid(f"Use at most {LONGEST_BODY:,} characters", field="body")
    with keeping_family(engine, actor, case_id) as work:
        row = _readable(work, actor, letter_id)
        if row.sent_on is not None:
            raise Conflict("This letter was sent already. Write it again to change it.", letter_id=letter_id)
        of_another = row.changed_by not in (None, actor.practitioner_id)
        if of_another if expected_revision is None else expected_revision != row.revision:
            raise Conflict("Somebody else changed this letter a moment ago. Look at it again before you go on.")
        said = {"subject": " ".join(subject.split()), "body": body.replace("\r\n", "\n").strip()}
        if (said["subject"], said["body"]) == (row.subject, row.body):
            return Changed(row.revision, row.changed_at or work.at)
        whose = {"changed_at": work.at, "changed_by": actor.practitioner_id, "revision": row.revision + 1}
        work.connection.execute(sa.update(letters).where(letters.c.id == letter_id).values(**said, **whose))
        # One event for a letter that is typed for minutes and saves itself every few seconds.
        if row.revision == 0:
            work.record("letter_changed", subject=letter_id)
        elif of_another:
            work.record("letter_changed", subject=letter_id, payload={"subject": row.subject, "body": row.body})
        return Changed(row.revision + 1, work.at)


def send(engine: ProcessEngine, *, actor: Actor, case_id: UUID, letter_id: UUID, pages: str) -> str:
    """E-mail a letter to its addressee, an invitation with an entry for their calendar; return the address it goes to.

    E-mail is not private. To a practitioner go only day, place, the case's reference and the page to answer on; to
    somebody of the family the address of a page on which they read the letter, unless they want it in full. It leaves
    after the act, by the outbox. `pages` is the address below which private pages are. Raises as `mark_sent`, and
    `Invalid` without an e-mail address, for one who is to be told nothing, for an empty letter, or for one that gives
    away an address kept secret.
    """
    with keeping_family(engine, actor, case_id, closed=True) as work:
        row = _readable(work, actor, letter_id)
        to = _recipient(work, row)
        if not row.subject.strip() or not row.body.strip():
            raise Invalid("This letter is empty. Write it first", field="how")
        link = work.connection.execute(_LINK, {"letter": letter_id, "today": work.today}).scalar()
        said = _mailed(work, row, pages, page=link is not None)
        body = reply_tokens.queued(said.body, link, pages) if link else said.body.replace(reply_tokens.MARK, "")
        calendar = calendar_entries.entry(work, row.meeting_id, to) if row.kind == "invitation" else ""
        work.write_to(to, subject=said.subject, body=body, calendar=calendar)
        keep_sent(work, letter_id, "email", recipient=to)
        return to


_LINK = sa.select(meetings.reply_links.c.id).where(
    meetings.reply_links.c.letter_id == sa.bindparam("letter"),
    meetings.reply_links.c.revoked_at.is_(None),
    meetings.reply_links.c.ends_on >= sa.bindparam("today"),
)


def write_to_practitioners(engine: ProcessEngine, *, actor: Actor, case_id: UUID) -> int:
    """Write a letter to each practitioner who is asked to the meeting to come and has none; return how many.

    Raises as `mark_sent`, and `Conflict` for a closed case or when no meeting is to come.
    """
    with keeping_family(engine, actor, case_id) as work:
        meeting = coming_meeting(work)
        if meeting is None:
            raise Conflict("No meeting is to come: there is nothing to invite to", case_id=case_id)
        return meeting_letters.write_to_practitioners(work, meeting)


def write_again(engine: ProcessEngine, *, actor: Actor, case_id: UUID, letter_id: UUID) -> UUID:
    """Write a letter that was sent once more, as a draft that may be changed; return its id.

    Raises as `mark_sent`, and `Conflict` for a closed case.
    """
    with keeping_family(engine, actor, case_id) as work:
        row = _readable(work, actor, letter_id)
        return write_anew(work, row, row.body)


def overrule_warning(engine: ProcessEngine, *, actor: Actor, case_id: UUID, letter_id: UUID, why: str) -> None:
    """Keep why a letter does not tell what its warning speaks of, or may; it may be sent then.

    It holds until the letter is changed, what is kept from its reader too, or somebody moves. Raises as `mark_sent`,
    `Conflict` where nothing was warned of, `Invalid` naming `why` without a reason, or for what is there for certain.
    """
    with keeping_family(engine, actor, case_id, closed=True) as work:
        row = _readable(work, actor, letter_id)
        found, before = letter_warnings.of_letter(
            work.connection, row, letter_warnings.secrets(work.connection, case_id),
            letter_warnings.marks(work.connection, case_id),
        )  # fmt: skip
        keep_overruled(work, letter_id, found, before, why)


def close_page(engine: ProcessEngine, *, actor: Actor, case_id: UUID, letter_id: UUID) -> None:
    """Close the private pages of a letter: nobody can answer or read there any more. Raises as `mark_sent`."""
    with keeping_family(engine, actor, case_id, closed=True) as work:
        _letter(work, letter_id)
        answers, reads = reply_links.revoke(work, letter_id), letter_pages.revoke(work, letter_id)
        if answers or reads:
            work.record("reply_page_closed", subject=letter_id)


def _letter(work: Work, letter_id: UUID) -> Any:
    own = (letters.c.id == letter_id) & (letters.c.case_id == work.case.id)
    row = work.connection.execute(sa.select(letters).where(own)).first()
    if row is None:
        raise NotFound("There is no such letter", letter_id=letter_id)
    return row


def _readable(work: Work, actor: Actor, letter_id: UUID) -> Any:
    """Return a letter that the actor may read, and so may change and send. Raises `NotFound`, `NotPermitted`."""
    row = _letter(work, letter_id)
    secret = letter_warnings.tells_secret(row, letter_warnings.addresses(work.connection, work.case.id))
    if secret and not may_see_secret_address(actor, relations.of(work.connection, actor, work.case.id)):
        raise NotPermitted(letter_warnings.UNREAD, letter_id=row.id)
    return row


def _recipient(work: Work, row: Any) -> str:
    """Return the e-mail address a letter goes to. Raises `Invalid` when it must not go there, or nowhere."""
    secret = letter_warnings.secrets(work.connection, work.case.id)
    to = letter_warnings.reader_of(row, secret.known)
    if said := letter_warnings.why_held(work.connection, row, secret):
        raise Invalid(said, field="how")
    if row.practitioner_id is not None:
        wanted = sa.select(practitioners.c.email).where(practitioners.c.id == row.practitioner_id)
        address = str(work.connection.execute(wanted).scalar() or "")
    else:
        address = to.email if to is not None else ""
    if not address:
        raise Invalid(f"{row.addressee} has no e-mail address here. Print the letter instead", field="how")
    return address


def _mailed(work: Work, row: Any, pages: str, *, page: bool) -> Letter:
    """Return what an e-mail says: nothing of the letter, which may name the child, unless the family wants it so."""
    if row.practitioner_id is None:
        to = next(each for each in relatives(work.connection, work.case.id) if each.member_id == row.member_id)
        if letter_pages.in_full(work, to):
            return Letter(row.subject, row.body)
        return letter_pages.mail(work, row.id, row.addressee, pages, occasion(work, on=work.today))
    about = calendar_entries.as_mailed(work, row.meeting_id)
    lead = occasion(work, on=about.on)
    told = letter_mails.to_practitioner(
        row.addressee, about, again=row.again, answer_to=lead.answer_to, page=page
    )  # fmt: skip
    said = worded(work, "mail_to_practitioner", told)
    return Letter(localised(said.subject, work.authority.term), localised(said.body, work.authority.term))
