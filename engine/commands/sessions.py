"""Sign in and out. A session is a random token that only the person's browser holds; we keep its hash."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from engine import passwords
from engine.errors import EngineError, NotPermitted
from engine.process_engine import ProcessEngine
from engine.store.sessions import token_hash
from engine.store.tables.people import accounts, sessions, sign_in_failures

LASTS = timedelta(hours=10)
WINDOW = timedelta(minutes=15)
MOST_FAILURES = 5


class WrongSignIn(NotPermitted):
    """The user name or the password is not right, and nobody is told which."""


class TooManyTries(EngineError):
    """Somebody has tried this name too often; `details` say `minutes` to wait."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: give `token` to the browser and nobody else."""

    token: str
    account_id: UUID


def sign_in(engine: ProcessEngine, *, username: str, password: str) -> SignedIn:
    """Begin a session. Raises `WrongSignIn` (never saying which of the two was wrong), `TooManyTries`."""
    now = engine.clock.now()
    name = username.strip().lower()
    who = hashlib.sha256(name.encode()).hexdigest()
    with engine.sessions.read() as connection:
        failures = connection.execute(
            sa.select(sa.func.count())
            .select_from(sign_in_failures)
            .where(sign_in_failures.c.username_hash == who, sign_in_failures.c.at > now - WINDOW)
        ).scalar_one()
        account = connection.execute(
            sa.select(accounts).where(accounts.c.username == name, accounts.c.disabled_at.is_(None))
        ).first()
    if failures >= MOST_FAILURES:
        raise TooManyTries("Too many tries. Wait 15 minutes and try again.", minutes=15)
    if not passwords.matches(account.password_hash if account else None, password) or account is None:
        with engine.sessions.act() as connection:
            connection.execute(sa.insert(sign_in_failures).values(id=engine.ids.new(), username_hash=who, at=now))
        raise WrongSignIn("The user name or password is not right")
    token = secrets.token_urlsafe(32)
    with engine.sessions.act() as connection:
        connection.execute(
            sa.insert(sessions).values(
                token_hash=token_hash(token), account_id=account.id, started_at=now, expires_at=now + LASTS
            )
        )
    return SignedIn(token, account.id)


def sign_out(engine: ProcessEngine, *, token: str) -> None:
    """End a session at once, wherever it is used."""
    with engine.sessions.act() as connection:
        connection.execute(
            sa.update(sessions)
            .where(sessions.c.token_hash == token_hash(token), sessions.c.ended_at.is_(None))
            .values(ended_at=engine.clock.now())
        )
