"""What a private page tells whoever holds its address: when and where one meeting is, and what they answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time

from engine.casework.terms import localised
from engine.clock import local_day
from engine.errors import NotFound
from engine.process_engine import ProcessEngine
from engine.queries import words
from engine.store import authorities, meeting_places, reply_pages
from engine.store.relatives import CHILD


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyPage:
    """A meeting as a private page tells it, and what its one person has answered so far.

    Nothing of the child is in it, nor any name, nor what they wrote: an address may go astray. `family` tells whether
    it is one of the family's, whose `reply` is none, coming or not_coming; a practitioner's is none, attending,
    apologies or substitute.
    """

    authority: str
    meeting: str
    on: date
    at: time | None
    place: str
    phone: str
    family: bool
    reply: str


def read(engine: ProcessEngine, *, token: str) -> ReplyPage:
    """Return what a private page tells. Raises `NotFound` for a token that is wrong, ended or taken back, all alike."""
    with engine.sessions.read() as connection:
        link = reply_pages.find(connection, token, secret=engine.settings.secret_key)
        if link is None:
            raise NotFound(reply_pages.NONE)
        authority = authorities.load(connection, link.authority_id)
        if link.ends_on < local_day(engine.clock.now(), authority.zone):
            raise NotFound(reply_pages.NONE)
        answer, of_family = reply_pages.answer_of(connection, link), link.family_invitation_id is not None
        reader = str(answer.member_id or CHILD) if of_family else ""
        return ReplyPage(
            authority=authority.name,
            meeting=localised("TAC meeting", authority.term),
            on=link.planned_on,
            at=link.starts_at,
            place=words.capital(meeting_places.told(connection, link.case_id, link.venue, reader=reader)),
            phone=authority.contacts.phone,
            family=of_family,
            reply=answer.reply,
        )


