"""One's second factor: set it up, have recovery codes, take it away; and an administrator for who has lost it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine import second_factor, signing_in
from engine.casework.permissions import Actor, may_keep_accounts
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.leaving import open_staff_work
from engine.process_engine import ProcessEngine
from engine.signing_in import Try, begin_try
from engine.store import sign_in_tries
from engine.store.tables.access import recovery_codes, second_factors
from engine.store.tables.people import accounts, sessions
from engine.work import Work

WRONG: Final = "This code is not right. Look whether your phone's clock is right, and enter the code it shows now"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an app has to be told: the `secret` in groups of four to be typed, and the same as a `picture` (SVG)."""

    secret: str = field(repr=False)
    picture: str = field(repr=False)


def begin(engine: ProcessEngine, *, actor: Actor) -> Enrolment:
    """Begin to set up a second factor, or go on with one begun before: its secret stays until it is confirmed.

    Raises `Conflict` when one is set up already.
    """
    with engine.sessions.act() as connection:
        account = _account(connection, actor)
        row = connection.execute(_OWN, {"account": actor.account_id}).first()
        if row is not None and row.confirmed_at is not None:
            raise Conflict("You have a second factor already")
        secret = None if row is None else second_factor.opened(row.secret, engine.settings.secret_key)
        if secret is None:
            secret = second_factor.new_secret()
            _delete(connection, actor.account_id)
            kept = second_factor.sealed(secret, engine.settings.secret_key)
            values = {"account_id": actor.account_id, "secret": kept, "begun_at": engine.clock.now()}
            connection.execute(sa.insert(second_factors).values(**values))
    text = second_factor.address(secret, username=account.username, issuer="Coordinate support for a child")
    return Enrolment(" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)), second_factor.picture(text))


def confirm(engine: ProcessEngine, *, actor: Actor, code: str) -> list[str]:
    """Finish setting up with a first code; return the recovery codes, which are shown once.

    Raises `Invalid` for a wrong code, `Conflict` when nothing was begun.
    """
    with engine.sessions.act() as connection:
        row = connection.execute(_OWN, {"account": actor.account_id}).first()
        if row is None or row.confirmed_at is not None:
            raise Conflict("Begin to set up your second factor first")
        if not signing_in.takes_code(engine, connection, actor.account_id, code, confirmed=False):
            raise Invalid(WRONG, field="code")
        work = open_staff_work(engine, connection, actor.authority_id, actor)
        own = second_factors.c.account_id == actor.account_id
        connection.execute(sa.update(second_factors).where(own).values(confirmed_at=work.at))
        codes = _new_codes(work, actor.account_id)
        work.record("second_factor_set", subject=actor.practitioner_id)
        work.finish()
    return codes


def renew_codes(engine: ProcessEngine, *, actor: Actor, code: str) -> list[str]:
    """Make new recovery codes with a code of the app; the old ones are good no more.

    Raises `Invalid` for a wrong code, `TooManyTries`.
    """
    tried = _begin_try(engine, actor)
    with engine.sessions.act() as connection:
        _require_code(engine, connection, actor, code, tried)
        work = open_staff_work(engine, connection, actor.authority_id, actor)
        codes = _new_codes(work, actor.account_id)
        work.record("recovery_codes_renewed", subject=actor.practitioner_id)
        work.finish()
    return codes


def remove_own(engine: ProcessEngine, *, actor: Actor, code: str) -> None:
    """Take one's own second factor away, with a code of it; to set up another phone, begin again afterwards.

    Raises `Invalid` for a wrong code, `TooManyTries`.
    """
    tried = _begin_try(engine, actor)
    with engine.sessions.act() as connection:
        _require_code(engine, connection, actor, code, tried)
        work = open_staff_work(engine, connection, actor.authority_id, actor)
        _delete(connection, actor.account_id)
        work.record("second_factor_removed", subject=actor.practitioner_id)
        work.finish()


def remove(engine: ProcessEngine, *, actor: Actor, practitioner_id: UUID) -> None:
    """Take away the second factor of somebody who has lost it, and sign them out everywhere.

    Raises `NotPermitted`, `NotFound` for who has none.
    """
    if not may_keep_accounts(actor) or practitioner_id == actor.practitioner_id:
        raise NotPermitted("Another administrator takes a lost second factor away")
    with engine.sessions.act() as connection:
        work = open_staff_work(engine, connection, actor.authority_id, actor)
        account_id = connection.execute(
            sa.select(accounts.c.id)
            .join(second_factors, second_factors.c.account_id == accounts.c.id)
            .where(
                accounts.c.practitioner_id == practitioner_id,
                accounts.c.authority_id == actor.authority_id,
                accounts.c.disabled_at.is_(None),
            )
        ).scalar()
        if account_id is None:
            raise NotFound("This person has no second factor", practitioner_id=practitioner_id)
        _delete(connection, account_id)
        still_open = (sessions.c.account_id == account_id) & sessions.c.ended_at.is_(None)
        connection.execute(sa.update(sessions).where(still_open).values(ended_at=work.at))
        work.record("second_factor_removed", subject=practitioner_id)
        work.finish()


_OWN = sa.select(second_factors).where(second_factors.c.account_id == sa.bindparam("account", type_=sa.Uuid))


def _account(connection: sa.Connection, actor: Actor) -> Any:
    return connection.execute(sa.select(accounts).where(accounts.c.id == actor.account_id)).one()


def _begin_try(engine: ProcessEngine, actor: Actor) -> Try:
    """Count a code like one at the sign-in: somebody may have found a browser left open."""
    with engine.sessions.read() as connection:
        username = _account(connection, actor).username
    return begin_try(engine, username=username)


def _require_code(engine: ProcessEngine, connection: sa.Connection, actor: Actor, code: str, tried: Try) -> None:
    if not signing_in.takes_code(engine, connection, actor.account_id, code):
        raise Invalid(WRONG, field="code")
    sign_in_tries.forget(connection, tried.id)


def _delete(connection: sa.Connection, account_id: UUID) -> None:
    connection.execute(sa.delete(recovery_codes).where(recovery_codes.c.account_id == account_id))
    connection.execute(sa.delete(second_factors).where(second_factors.c.account_id == account_id))


def _new_codes(work: Work, account_id: UUID) -> list[str]:
    connection, ids, key = work.connection, work.engine.ids, work.engine.settings.secret_key
    codes = second_factor.new_recovery_codes()
    connection.execute(sa.delete(recovery_codes).where(recovery_codes.c.account_id == account_id))
    rows = [
        {"id": ids.new(), "account_id": account_id, "code_hash": second_factor.recovery_hash(code, key)}
        for code in codes
    ]
    connection.execute(sa.insert(recovery_codes), rows)
    return codes
