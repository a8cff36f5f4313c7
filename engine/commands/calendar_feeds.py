"""The private address under which somebody's calendar program reads their meetings and reviews: made, taken back."""

from __future__ import annotations

import secrets
from typing import Final, NoReturn

import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.errors import NotFound
from engine.process_engine import ProcessEngine
from engine.signing_in import begin_try
from engine.store import actors
from engine.store.sessions import token_hash
from engine.store.tables.worklists import calendar_feeds

NONE: Final = "There is no calendar at this address, or not any more"
_TOKEN_BYTES: Final = 32


def make(engine: ProcessEngine, *, actor: Actor) -> str:
    """Make a new address and return its token, told this once: only its hash is kept. The one before ends."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    with engine.sessions.act() as connection:
        _end(connection, engine, actor)
        connection.execute(
            sa.insert(calendar_feeds).values(
                id=engine.ids.new(),
                authority_id=actor.authority_id,
                account_id=actor.account_id,
                token_hash=token_hash(token),
                made_at=engine.clock.now(),
            )
        )
    return token


def revoke(engine: ProcessEngine, *, actor: Actor) -> bool:
    """Take the actor's address back, and tell whether there was one: whoever has it reads nothing from now on."""
    with engine.sessions.act() as connection:
        return _end(connection, engine, actor)


def _end(connection: sa.Connection, engine: ProcessEngine, actor: Actor) -> bool:
    current = (calendar_feeds.c.account_id == actor.account_id) & calendar_feeds.c.revoked_at.is_(None)
    ended = connection.execute(sa.update(calendar_feeds).where(current).values(revoked_at=engine.clock.now()))
    return ended.rowcount > 0


def open_feed(engine: ProcessEngine, *, token: str, address: str = "") -> Actor:
    """Return whose calendar an address is of, as they are today; keep that it was read.

    Raises `NotFound` for an address that is wrong or taken back, or whose owner has left or lost their account, all
    alike; `TooManyTries` for who tries many, counted by network address.
    """
    now = engine.clock.now()
    with engine.sessions.act() as connection:
        current = (calendar_feeds.c.token_hash == token_hash(token)) & calendar_feeds.c.revoked_at.is_(None)
        row = connection.execute(sa.select(calendar_feeds.c.id, calendar_feeds.c.account_id).where(current)).first()
        owner = None if row is None else actors.of_account(connection, row.account_id, now=now)
        if row is not None and owner is not None:
            own = calendar_feeds.c.id == row.id
            connection.execute(sa.update(calendar_feeds).where(own).values(read_at=now))
            return owner
    _guessed(engine, address)


def _guessed(engine: ProcessEngine, address: str) -> NoReturn:
    begin_try(engine, username=f"calendar {engine.ids.new()}", address=address)
    raise NotFound(NONE)
