"""Somebody without an account answers an invitation, or reads a letter, on their private page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NoReturn
from uuid import UUID

import sqlalchemy as sa

from engine.acts import settle
from engine.calling_off import end_replies
from engine.casework.reply_tokens import MARK
from engine.casework.reply_tokens import token as reply_token
from engine.clock import local_day
from engine.errors import Invalid, NotFound
from engine.operations import family_invitations, tac_meetings
from engine.process_engine import ProcessEngine
from engine.signing_in import begin_try
from engine.store import authorities, closing_links, letter_pages, locking, reply_pages
from engine.store.tables.meetings import letter_pages as pages
from engine.store.tables.meetings import reply_links
from engine.work import Work, open_work

FAMILY: Final = ("coming", "not_coming")
PRACTITIONER: Final = ("attending", "apologies", "substitute")
LONGEST: Final = 4_000
_TEXTS: Final = ("brings", "needs", "views", "substitute", "report")
_ANSWERED: Final = "Somebody has answered an invitation to a meeting on their private page"


def open_page(engine: ProcessEngine, *, token: str, address: str = "") -> None:
    """Let somebody look for a private page; wrong tokens count as wrong sign-ins do, by network address.

    Raises `NotFound` for a token that is wrong or taken back, `TooManyTries`.
    """
    with engine.sessions.read() as connection:
        if any(
            each.find(connection, token, secret=engine.settings.secret_key) for each in (reply_pages, closing_links)
        ):
            return
    _guessed(engine, address)


def answer(engine: ProcessEngine, *, token: str, answers: Mapping[str, str], address: str = "") -> date:
    """Keep what somebody answers, and tell who leads; return the day of the meeting. May be changed until that day.

    `answers` holds `reply` (`FAMILY` or `PRACTITIONER`), and `brings`, `needs`, `views`, or `substitute`, `report`. A
    practitioner's open task to reply ends. Raises `NotFound` for a page that is not there any more, `TooManyTries`,
    `Invalid` naming the answer that is missing or too long.
    """
    with engine.sessions.read() as connection:
        known = reply_pages.find(connection, token, secret=engine.settings.secret_key)
    if known is None:
        _guessed(engine, address)
    # Right ones are counted too: whoever has the address of a page must not fill the record or the lead's post with it.
    begin_try(engine, username=f"private page {token}", address=address)
    with engine.sessions.act() as connection:
        case = locking.case(connection, known.case_id)
        work = open_work(engine, connection, case, actor=None, at=engine.clock.now())
        link = reply_pages.find(connection, token, secret=engine.settings.secret_key)
        if link is None or case.closed or link.ends_on < work.today:
            raise NotFound(reply_pages.NONE)
        said = _checked(answers, FAMILY if link.family_invitation_id else PRACTITIONER)
        invitation = reply_pages.answer_of(connection, link)
        if link.family_invitation_id is not None:
            _family(work, link, invitation, said)
        else:
            _practitioner(work, invitation, said)
        used = sa.update(reply_links).where(reply_links.c.id == link.id)
        connection.execute(used.values(used_at=work.at))
        _tell_lead(work)
        settle(work)
        planned_on: date = link.planned_on
        return planned_on


@dataclass(frozen=True, slots=True)
class LetterRead:
    """A letter as its addressee reads it; `sender` are the lines of who wrote, `until` the page's last day."""

    sender: tuple[str, ...]
    subject: str
    body: str
    written_on: date
    until: date


def read_letter(engine: ProcessEngine, *, token: str, address: str = "") -> LetterRead:
    """Return the letter of a private page, and keep that it was shown.

    Raises `NotFound` for a token that is wrong, ended or taken back, all alike, `TooManyTries` as `open_page`.
    """
    secret = engine.settings.secret_key
    with engine.sessions.act() as connection:
        page = letter_pages.find(connection, token, secret=secret)
        if page is not None:
            authority = authorities.load(connection, page.authority_id)
            now = engine.clock.now()
            if page.ends_on < local_day(now, authority.zone):
                raise NotFound(reply_pages.NONE)
            shown = (pages.c.id == page.id) & pages.c.opened_at.is_(None)
            connection.execute(sa.update(pages).where(shown).values(opened_at=now))
            sender = authority.contacts.lines or (authority.name,)
            body = page.body.replace(MARK, _answers_at(connection, page, secret))
            return LetterRead(sender, page.subject, body, page.written_on, page.ends_on)
    _guessed(engine, address)


def _answers_at(connection: sa.Connection, page: Any, secret: str) -> str:
    """Return the path of the page on which a letter asks for an answer."""
    own = (reply_links.c.letter_id == page.letter_id) & reply_links.c.revoked_at.is_(None)
    link = connection.execute(sa.select(reply_links.c.id).where(own)).scalar()
    return f"/reply/{reply_token(secret, link)}" if link is not None else "(the page is closed)"


def _guessed(engine: ProcessEngine, address: str) -> NoReturn:
    """Count a wrong token, whose like comes only once, against the network address; then it is not there."""
    begin_try(engine, username=f"private page {engine.ids.new()}", address=address)
    raise NotFound(reply_pages.NONE)


def _checked(answers: Mapping[str, str], replies: tuple[str, ...]) -> dict[str, str]:
    said = {name: str(answers.get(name) or "").replace("\r\n", "\n").strip() for name in ("reply", *_TEXTS)}
    if said["reply"] not in replies:
        raise Invalid("Choose whether you will come", field="reply")
    for name in _TEXTS:
        if len(said[name]) > LONGEST:
            raise Invalid(f"Use at most {LONGEST:,} characters", field=name)
    if said["reply"] == "substitute" and not said["substitute"]:
        raise Invalid("Say who will come in your place", field="substitute")
    return said


def _family(work: Work, link: Any, invitation: Any, said: Mapping[str, str]) -> None:
    own = {name: said[name] for name in ("reply", "brings", "needs", "views")}
    family_invitations.keep_own_reply(work, invitation, own)
    work.record("family_replied", detail={"answered": 1, "by_page": True}, subject=link.meeting_id)
    work.changed()


def _practitioner(work: Work, invitation: Any, said: Mapping[str, str]) -> None:
    own = {"reply": said["reply"], "report": said["report"] or invitation.report}
    own["substitute"] = said["substitute"] if said["reply"] == "substitute" else ""
    tac_meetings.reply_to_invitation(work, own, {"practitioner": str(invitation.practitioner_id)})
    end_replies(work, invitation.practitioner_id)


def _tell_lead(work: Work) -> None:
    lead = work.facts()["lead_professional"]
    if lead:
        work.send(UUID(lead), subject=_ANSWERED)
