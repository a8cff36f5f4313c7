"""A case's letters, to the family and to practitioners: what they say, who has been sent which, which still wait."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine import second_factor
from engine.casework import family_letters, reply_tokens
from engine.casework.family_sharing import may_see_secret_address, stopped
from engine.casework.permissions import Actor, may_keep_family
from engine.errors import NotFound, NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries import mail_agreements, visibility
from engine.queries.letter_versions import Before, Version, Versions, words_before
from engine.queries.view import View, viewing
from engine.store import letter_pages, letter_warnings, relations
from engine.store.letter_warnings import Overruled
from engine.store.relatives import Relative
from engine.store.tables.families import family_sharing
from engine.store.tables.meetings import invitations, letter_sendings, reply_links, tac_meetings
from engine.store.tables.meetings import letters as letter_rows
from engine.store.tables.people import practitioners

CLOSED_PAGE: Final = "(the page is closed)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """One time a letter was sent: `how` is email, post or hand; `recipient` an e-mail's address; `by` a name."""

    at: datetime
    how: str
    recipient: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLetter:
    """A letter to one person as it stands; it `waits` while it is still to be sent, and may be changed until then.

    An invitation that was not sent waits no more once the meeting's day has passed or it is called off, nor does a
    letter of which a newer one was written (`replaced`), nor any to somebody who by now is to be told nothing;
    `sent_on` is then None.
    `address` is empty for those who need not know a secret one. `kind` is said in words, `kind_key` is one of
    `engine.casework.family_letters.KINDS`. `text` is `body` with the address of its private page. `email` is where it
    can be e-mailed, empty for nowhere. `secret` says what it tells that its reader is not to know, an address or, with
    `names_child`, of a brother or sister, empty for nothing; `secret_is_sure` that this is certain, else it may be
    `overruled`: by whom, when and why.
    `stopped` why it does not go to who is to be told nothing, and who decided it, or is not asked any more, else empty.
    `unread` that the reader here need not know an address it tells, so that neither `text` nor `body` says it.
    `link` is the state of its private page: empty for none, open, ended or revoked; `page` is its address while open.
    `in_full` tells that its addressee wants it in full by e-mail; else they read it on a page, whose state is `reading`
    as `link` has it, there until `reading_until`, first shown at `opened_at`. `instead_of` is the letter whose place
    this one takes, `newer` the one that takes its own: of several the one that was sent last, else the last. `before`
    is what a draft said until somebody else worded it otherwise.
    """

    letter_id: UUID
    meeting_id: UUID | None
    kind: str
    kind_key: str
    practitioner: bool
    addressee: str
    address: str
    address_secret: bool
    email: str
    subject: str
    body: str
    text: str
    secret: str
    secret_is_sure: bool
    names_child: bool
    overruled: Overruled | None
    stopped: str
    unread: bool
    link: str
    page: str
    in_full: bool
    reading: str
    reading_until: date | None
    opened_at: datetime | None
    revision: int
    changed_at: datetime | None
    changed_by: str
    written_on: date
    sent_by: str
    sent_on: date | None
    sendings: tuple[Sending, ...]
    replaced: bool
    waits: bool
    instead_of: Version | None
    newer: Version | None
    before: Before | None


def read_letter(engine: ProcessEngine, *, actor: Actor, case_id: UUID, letter_id: UUID, pages: str = "") -> CaseLetter:
    """Return one letter of a case. `pages` is the address below which private pages are.

    Raises `NotFound`, `NotPermitted` as `read_letters`.
    """
    known = read_letters(engine, actor=actor, case_id=case_id, pages=pages)
    found = next((each for each in known if each.letter_id == letter_id), None)
    if found is None:
        raise NotFound("There is no such letter", letter_id=letter_id)
    return found


def read_letters(engine: ProcessEngine, *, actor: Actor, case_id: UUID, pages: str = "") -> tuple[CaseLetter, ...]:
    """Return a case's letters, the latest first. Raises `NotFound`, `NotPermitted` for who does not keep the family."""
    with viewing(engine, actor) as view:
        visibility.require_case(view, case_id)
        relation = relations.of(view.connection, actor, case_id)
        if not may_keep_family(actor, relation):
            raise NotPermitted("Who leads or assesses, their line manager or a coordinator reads the family's letters")
        return letters(view, case_id, closest=may_see_secret_address(actor, relation), pages=pages)


def code_of(letter: CaseLetter) -> str:
    """Return the address of a letter's private page as a QR code, inline SVG; empty while it has none that is open."""
    return second_factor.picture(letter.page) if letter.page else ""


def letters(view: View, case_id: UUID, *, closest: bool, pages: str = "") -> tuple[CaseLetter, ...]:
    """Return a case's letters, the latest first; only who is `closest` reads what tells a secret address."""
    rows = view.connection.execute(_LETTERS, {"case": case_id}).all()
    secret = letter_warnings.secrets(view.connection, case_id) if rows else letter_warnings.Secrets((), (), ())
    sent, links = _sendings(view, case_id), _links(view, case_id)
    read = letter_pages.of_letters(view.connection, case_id) if rows else {}
    doubted = secret.kept or any(each.address_secret for each in secret.addresses)
    marks = letter_warnings.marks(view.connection, case_id) if doubted else {}
    agreed, versions = mail_agreements.in_force(view, case_id), Versions(rows)
    before = words_before(view, case_id) if any(row.revision > 1 for row in rows) else {}
    making = _Making(view, secret, sent, links, read, agreed, marks, closest, pages, versions, before)
    old = replaced(rows)
    return tuple(making.letter(row, is_replaced=row.id in old) for row in rows)


def replaced(rows: Sequence[Any]) -> frozenset[UUID]:
    """Return the ids of the letters, given the latest first, of which a newer one was written to the same person."""
    seen, old = set[tuple[Any, ...]](), set[UUID]()
    for row in rows:
        # Of an invitation and the word that its meeting is not held then, the later one is what holds.
        kind = "invitation" if row.kind == "called_off" else row.kind
        of_meeting = row.meeting_id if kind in ("invitation", "notes") else None
        same = (row.case_id, kind, row.member_id, row.practitioner_id, of_meeting)
        if same in seen:
            old.add(row.id)
        seen.add(same)
    return frozenset(old)


def still_waits(row: Any, *, today: date, is_replaced: bool) -> bool:
    """Tell whether a letter is still to be sent; `row` has the columns of `WAITING`."""
    off = row.kind == "invitation" and row.called_off_on is not None
    in_time = row.kind in family_letters.COPIES or (row.held_on is None and row.planned_on >= today and not off)
    return row.sent_on is None and in_time and row.told != "nothing" and not is_replaced


_OFF: Final = sa.func.coalesce(tac_meetings.c.called_off_on, invitations.c.called_off_on).label("called_off_on")
"""Since when a meeting is not to come, or the practitioner to whom the letter is written not asked to it any more."""
WAITING: Final = (
    *(letter_rows.c[name] for name in ("id", "case_id", "kind", "member_id", "practitioner_id", "meeting_id")),
    letter_rows.c.sent_on,
    tac_meetings.c.planned_on,
    tac_meetings.c.held_on,
    _OFF,
    family_sharing.c.told,
)
"""The columns that say whether a letter still waits."""


def with_meeting_and_sharing(table: sa.FromClause) -> sa.FromClause:
    """Return letters joined with their meetings and invitations, and with what their readers may be told."""
    shared = (
        (family_sharing.c.member_id == letter_rows.c.member_id)
        & (family_sharing.c.case_id == letter_rows.c.case_id)
        & family_sharing.c.to_on.is_(None)
    )
    asked = (
        (invitations.c.meeting_id == letter_rows.c.meeting_id)
        & (invitations.c.practitioner_id == letter_rows.c.practitioner_id)
    )
    meetings = table.outerjoin(tac_meetings, tac_meetings.c.id == letter_rows.c.meeting_id)
    return meetings.outerjoin(invitations, asked).outerjoin(family_sharing, shared)


_CHANGER: Final = practitioners.alias("changer")
_LETTERS: Final = (
    sa.select(
        letter_rows,
        tac_meetings.c.planned_on,
        tac_meetings.c.held_on,
        _OFF,
        invitations.c.called_off_on.label("asked_until"),
        family_sharing.c.told,
        practitioners.c.email,
        _CHANGER.c.name.label("changer"),
    )
    .select_from(
        with_meeting_and_sharing(letter_rows)
        .outerjoin(practitioners, practitioners.c.id == letter_rows.c.practitioner_id)
        .outerjoin(_CHANGER, _CHANGER.c.id == letter_rows.c.changed_by)
    )
    .where(letter_rows.c.case_id == sa.bindparam("case"))
    .order_by(letter_rows.c.written_on.desc(), letter_rows.c.id.desc())
)


def _stopped(row: Any, to: Relative | None) -> str:
    """Say why a letter is for its reader no more; empty when it is."""
    if to is not None:
        return stopped(to.name, to.sharing)
    unasked = row.kind == "invitation" and row.asked_until is not None
    return letter_warnings.not_asked(row.addressee) if unasked else ""


@dataclass(frozen=True, slots=True)
class _Making:
    """What letters are made with."""

    view: View
    secret: letter_warnings.Secrets
    sent: Mapping[UUID, list[Sending]]
    links: Mapping[UUID, Any]
    read: Mapping[UUID, Any]
    agreed: Mapping[UUID, str]
    marks: letter_warnings.Marks
    closest: bool
    pages: str
    versions: Versions
    before: Mapping[UUID, Before]

    def letter(self, row: Any, *, is_replaced: bool) -> CaseLetter:
        family = row.practitioner_id is None
        to = next((each for each in self.secret.known if family and each.member_id == row.member_id), None)
        # Until it is sent, a letter goes to where somebody lives now: they may have moved to be safe.
        now = to if to is not None and row.sent_on is None else row
        link, read = self.links.get(row.id), self.read.get(row.id)
        warned, overruled = letter_warnings.of_letter(self.view.connection, row, self.secret, self.marks)
        same = ("body", "subject", "revision", "changed_at", "written_on", "sent_by", "sent_on", "meeting_id")
        unread = not self.closest and letter_warnings.tells_secret(row, self.secret.addresses)
        own = {name: row._mapping[name] for name in same}
        if unread:
            own |= {"body": letter_warnings.UNREAD, "subject": family_letters.KINDS[row.kind]}
        return CaseLetter(
            letter_id=row.id,
            # A meeting is called off, or booked anew: the letter's own subject tells which.
            kind=own["subject"] if row.kind == "called_off" else family_letters.KINDS[row.kind],
            kind_key=row.kind,
            practitioner=not family,
            addressee=row.addressee,
            address=now.address if self.closest or not now.address_secret else "",
            address_secret=now.address_secret,
            email=(to.email if to else "") if family else row.email or "",
            text=self._text(own["body"], link),
            secret=warned.said if warned and not overruled else "",
            secret_is_sure=bool(warned and warned.sure),
            names_child=bool(warned and warned.of_child),
            overruled=overruled,
            stopped=letter_warnings.UNREAD if unread else _stopped(row, to),
            unread=unread,
            link=self._state(link),
            page="" if unread else self._page(link),
            in_full=to is not None and to.member_id is not None and self.agreed.get(to.member_id) == to.email,
            reading=letter_pages.state_of(read, self.view.today),
            reading_until=read.ends_on if read is not None else None,
            opened_at=read.opened_at if read is not None else None,
            changed_by=row.changer or "",
            sendings=tuple(self.sent.get(row.id, ())),
            replaced=is_replaced,
            waits=still_waits(row, today=self.view.today, is_replaced=is_replaced),
            instead_of=self.versions.before(row),
            newer=self.versions.after(row),
            before=self._before(row),
            **own,
        )

    def _before(self, row: Any) -> Before | None:
        found = self.before.get(row.id) if row.sent_on is None else None
        if found is None or (not self.closest and letter_warnings.tells_secret(found, self.secret.addresses)):
            return None
        return found

    def _text(self, body: str, link: Any) -> str:
        return body.replace(reply_tokens.MARK, self._page(link) or CLOSED_PAGE)

    def _page(self, link: Any) -> str:
        if self._state(link) != "open":
            return ""
        return f"{self.pages.rstrip('/')}/{reply_tokens.token(self.view.engine.settings.secret_key, link.id)}"

    def _state(self, link: Any) -> str:
        if link is None:
            return ""
        if link.revoked_at is not None:
            return "revoked"
        return "ended" if link.ends_on < self.view.today else "open"


def _sendings(view: View, case_id: UUID) -> Mapping[UUID, list[Sending]]:
    rows = view.connection.execute(
        sa.select(letter_sendings, practitioners.c.name)
        .outerjoin(practitioners, practitioners.c.id == letter_sendings.c.sent_by)
        .where(letter_sendings.c.case_id == case_id)
        .order_by(letter_sendings.c.sent_at, letter_sendings.c.id)
    )
    found = defaultdict[UUID, list[Sending]](list)
    for row in rows:
        found[row.letter_id].append(Sending(at=row.sent_at, how=row.how, recipient=row.recipient, by=row.name or ""))
    return found


def _links(view: View, case_id: UUID) -> Mapping[UUID, Any]:
    return {
        row.letter_id: row
        for row in view.connection.execute(sa.select(reply_links).where(reply_links.c.case_id == case_id))
    }
