"""What signing in needs more than once: tries that are counted, and codes of the second factor, good only once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine import second_factor
from engine.errors import EngineError
from engine.process_engine import ProcessEngine
from engine.store import sign_in_tries
from engine.store.sessions import token_hash
from engine.store.tables.access import recovery_codes, second_factors
from engine.store.tables.people import sessions

LASTS: Final = timedelta(hours=10)
CODE_WITHIN: Final = timedelta(minutes=10)
"""How long a right password waits for the code of the second factor."""


class TooManyTries(EngineError):
    """Somebody has tried this name, or from this address, too often; `details` say `minutes` to wait."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: give `token` to the browser and nobody else. `code_due`: it opens nothing before its code."""

    token: str
    account_id: UUID
    code_due: bool = False


def open_session(
    connection: sa.Connection, account_id: UUID, *, at: datetime, code_due: bool = False, outside: bool = False
) -> SignedIn:
    """Write a session that begins at the instant `at`."""
    token = secrets.token_urlsafe(32)
    connection.execute(
        sa.insert(sessions).values(
            token_hash=token_hash(token), account_id=account_id, started_at=at,
            expires_at=at + (CODE_WITHIN if code_due else LASTS), code_due=code_due, outside=outside,
        )
    )  # fmt: skip
    return SignedIn(token, account_id, code_due)


@dataclass(frozen=True, slots=True)
class Try:
    """A try under way: whose name it counts against, and since when (aware UTC)."""

    id: UUID
    who: str
    at: datetime


def begin_try(engine: ProcessEngine, *, username: str, address: str = "") -> Try:
    """Keep a try before it is looked at, so that any number that come at one moment are all counted.

    Whoever carries it out takes it back when it was right. Raises `TooManyTries`; then nothing is kept.
    """
    now = engine.clock.now()
    who = sign_in_tries.name_hash(username)
    where = sign_in_tries.address_hash(address, engine.settings.secret_key)
    with engine.sessions.act() as connection:
        begun = Try(sign_in_tries.begin(connection, engine.ids, who=who, where=where, at=now), who, now)
    with engine.sessions.read() as connection:
        stopped = sign_in_tries.too_many(connection, who=who, where=where, at=now)
    if stopped:
        with engine.sessions.act() as connection:
            sign_in_tries.forget(connection, begun.id)
        minutes = int(sign_in_tries.WINDOW.total_seconds()) // 60
        raise TooManyTries(f"Too many tries. Wait {minutes} minutes and try again.", minutes=minutes)
    return begun


def takes_code(
    engine: ProcessEngine, connection: sa.Connection, account_id: UUID, code: str, *, confirmed: bool = True
) -> bool:
    """Take a code of the app; False when it is wrong, or when it or a later one was used before.

    `confirmed` False takes the first code of a factor that is being set up.
    """
    which = second_factors.c.confirmed_at.is_not(None) if confirmed else second_factors.c.confirmed_at.is_(None)
    own = (second_factors.c.account_id == account_id) & which
    row = connection.execute(sa.select(second_factors).where(own)).first()
    secret = None if row is None else second_factor.opened(row.secret, engine.settings.secret_key)
    if row is None or secret is None:
        return False
    step = second_factor.step_of(secret, code, at=engine.clock.now(), after=row.last_step)
    if step is None:
        return False
    used = connection.execute(
        sa.update(second_factors).where(own, second_factors.c.last_step < step).values(last_step=step)
    )
    return used.rowcount == 1


def takes_recovery_code(engine: ProcessEngine, connection: sa.Connection, account_id: UUID, code: str) -> bool:
    """Take one of the recovery codes, however it is typed; False when it is wrong or was used before."""
    used = connection.execute(
        sa.update(recovery_codes)
        .where(
            recovery_codes.c.account_id == account_id,
            recovery_codes.c.code_hash == second_factor.recovery_hash(code, engine.settings.secret_key),
            recovery_codes.c.used_at.is_(None),
        )
        .values(used_at=engine.clock.now())
    )
    return used.rowcount == 1
