"""An authority's own guides, and printed copies that people ask for."""

from __future__ import annotations

import re
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine import guidance
from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.casework.terms import localised
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.process_engine import ProcessEngine
from engine.store import authorities, outbox, people
from engine.store import guidance as kept
from engine.store.outbox import Letter
from engine.store.tables.guidance import guide_copies, guide_texts

OWN: Final = "own-"
"""Begins the key of an authority's own guide, so that it is never one of ours."""
MOST_GUIDES: Final = 100
MOST_COPIES: Final = 200
LONGEST_ADDRESS: Final = 500
LONGEST_TITLE: Final = 120
WHERE: Final = (
    "Sign in and open Guidance, then Printed copies: it says where to, and is ticked off there once they are sent."
)


def keep_text(
    engine: ProcessEngine, *, actor: Actor, text: str, title: str = "", beside: str = "", key: str = ""
) -> str:
    """Keep a guide of the authority's own, as a new one or as the next version of `key`; return its key.

    The text is Markdown or plain words, read by `engine.guidance.read_guide`: markup in it stays words. `beside` is the
    key of the guide of ours that it stands beside, "" for none. The same text again keeps nothing. Raises
    `NotPermitted`, `NotFound` for a key that is not there, `Conflict` past `MOST_GUIDES`, `Invalid` naming the field.
    """
    _require_keeper(actor)
    if beside and beside not in guidance.shipped():
        raise Invalid("Choose a guide from the list", field="beside")
    said = guidance.read_guide(key or OWN, text, title=" ".join(title.split()))
    if len(said.title) > LONGEST_TITLE:
        raise Invalid(f"Use at most {LONGEST_TITLE} characters for the title", field="title")
    with engine.sessions.act() as connection:
        newest = kept.newest(connection, actor.authority_id)
        if key and key not in newest:
            raise NotFound("There is no such guide", key=key)
        if not key and len(newest) >= MOST_GUIDES:
            raise Conflict(f"There are {MOST_GUIDES} guides already. Withdraw one first")
        key = key or _free(said.title, set(newest))
        row = newest.get(key)
        values = {"title": said.title, "text": text, "beside": beside}
        if row is not None and row.withdrawn_at is None and values == {name: getattr(row, name) for name in values}:
            return key
        own = {"id": engine.ids.new(), "authority_id": actor.authority_id, "key": key}
        own |= {"added_by": actor.practitioner_id, "added_at": engine.clock.now()}
        version = 1 if row is None else row.version + 1
        connection.execute(sa.insert(guide_texts).values(**own, **values, version=version))
    return key


def withdraw(engine: ProcessEngine, *, actor: Actor, key: str) -> None:
    """Take a guide of the authority's own out of the list; its versions stay. Raises `NotPermitted`, `NotFound`."""
    _require_keeper(actor)
    with engine.sessions.act() as connection:
        row = kept.newest(connection, actor.authority_id).get(key)
        if row is None or row.withdrawn_at is not None:
            raise NotFound("There is no such guide", key=key)
        shown = sa.update(guide_texts).where(guide_texts.c.id == row.id)
        connection.execute(shown.values(withdrawn_at=engine.clock.now()))


def ask_for_copies(engine: ProcessEngine, *, actor: Actor, key: str, copies: int, send_to: str) -> UUID:
    """Ask for printed copies of a guide; the coordinators are told. Return the request's id.

    Raises `NotFound`, `Invalid` naming the field: a number that is not 1 to `MOST_COPIES`, no address.
    """
    if not 1 <= copies <= MOST_COPIES:
        raise Invalid(f"Enter a number of copies from 1 to {MOST_COPIES}", field="copies")
    if not send_to.strip() or len(send_to) > LONGEST_ADDRESS:
        raise Invalid("Enter where the copies are to be sent", field="send_to")
    with engine.sessions.act() as connection:
        ours, own = guidance.shipped().get(key), kept.newest(connection, actor.authority_id).get(key)
        if ours is None and (own is None or own.withdrawn_at is not None):
            raise NotFound("There is no such guide", key=key)
        title = ours.title if ours else own.title if own else ""
        id_, now = engine.ids.new(), engine.clock.now()
        asked = {"guide_key": key, "title": title, "copies": copies, "send_to": send_to.strip()}
        who = {"id": id_, "authority_id": actor.authority_id, "asked_by": actor.practitioner_id, "asked_at": now}
        connection.execute(sa.insert(guide_copies).values(**who, **asked))
        said = "a printed copy" if copies == 1 else f"{copies} printed copies"
        body = f"{actor.name} has asked for {said} of “{_called(connection, actor, title)}”. {WHERE}"
        letters = [
            Letter(engine.ids.new(), each, None, "Printed guidance was asked for", body, f"copies {id_.hex} {each.hex}")
            for each in _senders(connection, actor)
        ]
        outbox.queue(connection, letters, authority_id=actor.authority_id, at=now)
    return id_


def withdraw_copies(engine: ProcessEngine, *, actor: Actor, copies_id: UUID) -> str:
    """Take one's own request for printed copies back; who sends them is told. Return the key of the guide.

    Raises `NotFound` for another's, or none, `Conflict` once they were sent.
    """
    with engine.sessions.act() as connection:
        own = (guide_copies.c.id == copies_id) & (guide_copies.c.asked_by == actor.practitioner_id)
        row = connection.execute(sa.select(guide_copies).where(own)).first()
        if row is None:
            raise NotFound("You have not asked for these copies", copies_id=copies_id)
        if connection.execute(sa.delete(guide_copies).where(own, guide_copies.c.sent_at.is_(None))).rowcount != 1:
            raise Conflict("These copies were sent before you took the request back")
        body = f"{actor.name} needs no printed copies of “{_called(connection, actor, row.title)}” any more. Send none."
        senders = ((each, f"no copies {row.id.hex} {each.hex}") for each in _senders(connection, actor))
        subject = "Printed guidance is not wanted"
        letters = [Letter(engine.ids.new(), each, None, subject, body, key) for each, key in senders]
        outbox.queue(connection, letters, authority_id=actor.authority_id, at=engine.clock.now())
        return str(row.guide_key)


def mark_sent(engine: ProcessEngine, *, actor: Actor, copies_id: UUID) -> None:
    """Keep that printed copies were sent; whoever asked is told. Raises `NotPermitted`, `NotFound`, `Conflict`."""
    _require_keeper(actor)
    now = engine.clock.now()
    with engine.sessions.act() as connection:
        own = (guide_copies.c.id == copies_id) & (guide_copies.c.authority_id == actor.authority_id)
        row = connection.execute(sa.select(guide_copies).where(own)).first()
        if row is None:
            raise NotFound("Nobody has asked for these copies", copies_id=copies_id)
        sent = sa.update(guide_copies).where(own, guide_copies.c.sent_at.is_(None))
        if connection.execute(sent.values(sent_at=now, sent_by=actor.practitioner_id)).rowcount != 1:
            raise Conflict("Somebody has marked these copies as sent before you")
        body = f"What you asked for of “{_called(connection, actor, row.title)}” is on its way."
        key = f"copies sent {copies_id.hex}"
        letter = Letter(engine.ids.new(), row.asked_by, None, "Your printed guidance was sent", body, key)
        outbox.queue(connection, [letter], authority_id=actor.authority_id, at=now)


def _senders(connection: sa.Connection, actor: Actor) -> list[UUID]:
    """Return who sends printed guidance: the coordinators, the administrators where there is none."""
    found = people.with_role(connection, actor.authority_id, "coordinator")
    return found or people.with_role(connection, actor.authority_id, "administrator")


def _called(connection: sa.Connection, actor: Actor, title: str) -> str:
    return localised(title, authorities.load(connection, actor.authority_id).term)


def _require_keeper(actor: Actor) -> None:
    if not permissions.may_keep_guidance(actor):
        raise NotPermitted("A coordinator or an administrator keeps the authority's guidance")


def _free(title: str, taken: set[str]) -> str:
    slug = OWN + (re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60] or "guide")
    numbered = (f"{slug}-{number}" for number in range(2, MOST_GUIDES + 2))
    return slug if slug not in taken else next(each for each in numbered if each not in taken)
