"""Sign in and out. A session is a random token that only the person's browser holds; we keep its hash.

Every try is kept before it is looked at, and taken back when it was right: so the limits hold however many come at one
moment, after a restart, and the same for names that are nobody's.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine import passwords
from engine.errors import NotPermitted
from engine.leaving import open_staff_work
from engine.process_engine import ProcessEngine
from engine.signing_in import LASTS as LASTS  # noqa: PLC0414 - for who signs somebody in
from engine.signing_in import SignedIn, Try, begin_try, open_session, takes_code, takes_recovery_code
from engine.signing_in import TooManyTries as TooManyTries  # noqa: PLC0414 - the same
from engine.store import sign_in_tries
from engine.store.sessions import token_hash
from engine.store.tables.access import second_factors
from engine.store.tables.people import accounts, sessions


class WrongSignIn(NotPermitted):
    """The user name or the password is not right, and nobody is told which."""


class WrongCode(NotPermitted):
    """The code of the second factor is not right, or was used before."""


class CodeNeeded(NotPermitted):
    """The password is right, and a code of the second factor is needed besides."""


def sign_in(engine: ProcessEngine, *, username: str, password: str, address: str = "", code: str = "") -> SignedIn:
    """Begin a session; with a second factor and no `code` one that waits for it (`give_code`).

    `address` is where it comes from, when that is known. Raises `WrongSignIn` (never saying which of the two was
    wrong), `WrongCode`, `TooManyTries`.
    """
    name = username.strip().lower()
    tried = begin_try(engine, username=name, address=address)
    with engine.sessions.read() as connection:
        account = connection.execute(_ACCOUNT.where(accounts.c.username == name)).first()
    if not passwords.matches(account.password_hash if account else None, password) or account is None:
        raise WrongSignIn("The user name or password is not right")
    if account.confirmed_at is None:
        return _open(engine, account.id, tried)
    if code:
        return _open(engine, account.id, tried, code=code)
    return _open(engine, account.id, tried, code_due=True)


def give_code(engine: ProcessEngine, *, token: str, code: str, address: str = "") -> SignedIn:
    """Begin the session that a right password waits for, with a code of the app or a recovery code, each good once.

    Raises `WrongSignIn` when nothing waits any more, `WrongCode`, `TooManyTries`.
    """
    now = engine.clock.now()
    waiting = (sessions.c.token_hash == token_hash(token)) & sessions.c.code_due & sessions.c.ended_at.is_(None)
    with engine.sessions.read() as connection:
        account = connection.execute(
            _ACCOUNT.join(sessions, sessions.c.account_id == accounts.c.id).where(waiting, sessions.c.expires_at > now)
        ).first()
    if account is None:
        raise WrongSignIn("That took too long. Enter your user name and password again")
    tried = begin_try(engine, username=account.username, address=address)
    signed_in = _open(engine, account.id, tried, code=code)
    sign_out(engine, token=token)
    return signed_in


def sign_out(engine: ProcessEngine, *, token: str) -> None:
    """End a session at once, wherever it is used."""
    with engine.sessions.act() as connection:
        connection.execute(
            sa.update(sessions)
            .where(sessions.c.token_hash == token_hash(token), sessions.c.ended_at.is_(None))
            .values(ended_at=engine.clock.now())
        )


def _open(engine: ProcessEngine, account_id: UUID, tried: Try, *, code: str = "", code_due: bool = False) -> SignedIn:
    """Write a session. Raises `WrongCode` for a `code` that is not right; then the try stays."""
    with engine.sessions.act() as connection:
        if code and not takes_code(engine, connection, account_id, code):
            if not takes_recovery_code(engine, connection, account_id, code):
                raise WrongCode("This code is not right, or it was used before. Wait for the next one")
            _tell_of_recovery(engine, connection, account_id)
        sign_in_tries.forget(connection, tried.id)
        return open_session(connection, account_id, at=tried.at, code_due=code_due)


def _tell_of_recovery(engine: ProcessEngine, connection: sa.Connection, account_id: UUID) -> None:
    """Keep that a recovery code was used, and write to its owner: whoever found the list would use one."""
    own = connection.execute(sa.select(accounts).where(accounts.c.id == account_id)).one()
    work = open_staff_work(engine, connection, own.authority_id, None)
    work.record("recovery_code_used", subject=own.practitioner_id)
    work.send(
        own.practitioner_id,
        subject="One of your recovery codes was used",
        body="Somebody signed in with your password and a recovery code. If it was not you, change your password and "
        "make new recovery codes, and tell your administrator.",
    )
    work.finish()


_ACCOUNT: sa.Select[Any] = (
    sa.select(accounts.c.id, accounts.c.username, accounts.c.password_hash, second_factors.c.confirmed_at)
    .select_from(accounts.outerjoin(second_factors, second_factors.c.account_id == accounts.c.id))
    .where(accounts.c.disabled_at.is_(None))
)
