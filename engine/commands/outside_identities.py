"""Sign in somebody for whom the organisation they work for answers, by OpenID Connect."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine import passwords
from engine.errors import NotPermitted
from engine.leaving import open_staff_work
from engine.process_engine import ProcessEngine
from engine.settings import SingleSignOn
from engine.signing_in import SignedIn, open_session
from engine.store import people as found_people
from engine.store import staff
from engine.store.tables.access import outside_identities
from engine.store.tables.people import accounts, authorities, practitioners
from engine.work import Work


class NotKnown(NotPermitted):
    """Nobody here is who their organisation says they are."""


class NotVouchedFor(NotPermitted):
    """The organisation did not say who somebody is, or not so that it can be believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What an organisation says of somebody. `email` counts only when `email_verified`."""

    issuer: str
    subject: str
    email: str = ""
    email_verified: bool = False
    name: str = ""


def sign_in(engine: ProcessEngine, *, identity: Identity, settings: SingleSignOn) -> SignedIn:
    """Begin a session for whom `identity` is known to be, or whose verified e-mail address is that of one account.

    The first time, the account is tied to the identity: from then on the address counts no more, so that whoever is
    given it later is somebody else. An account is made only when `settings` says so, without a role, and the
    administrators are told. Raises `NotKnown`, in the same words whatever is there.
    """
    with engine.sessions.act() as connection:
        known = connection.execute(_KNOWN, {"issuer": identity.issuer, "subject": identity.subject}).first()
        if known is None:
            account_id = _tie(engine, connection, identity, settings)
        elif known.disabled_at is not None:
            raise _not_known(identity)
        else:
            account_id = known.id
        return open_session(connection, account_id, at=engine.clock.now(), outside=True)


_KNOWN = (
    sa.select(accounts.c.id, accounts.c.disabled_at)
    .join(outside_identities, outside_identities.c.account_id == accounts.c.id)
    .where(
        outside_identities.c.issuer == sa.bindparam("issuer"), outside_identities.c.subject == sa.bindparam("subject")
    )
)


def _not_known(identity: Identity) -> NotKnown:
    by = f" as {identity.email.strip()}" if identity.email.strip() else ""
    return NotKnown(
        f"Your organisation has signed you in{by}, but no account here goes with that. Ask an administrator of this "
        "service for one, and tell them your work e-mail address."
    )


def _tie(engine: ProcessEngine, connection: sa.Connection, identity: Identity, settings: SingleSignOn) -> UUID:
    if not identity.email_verified or not identity.email.strip():
        raise _not_known(identity)
    rows = connection.execute(_OF_ADDRESS, {"email": identity.email.strip().lower()}).all()
    if settings.authority:
        rows = [row for row in rows if row.key == settings.authority]
    if not rows:
        return _make(engine, connection, identity, settings)
    open_ones = [row for row in rows if row.disabled_at is None]
    if len(open_ones) != 1 or _is_tied(connection, open_ones[0].id, identity.issuer):
        raise _not_known(identity)
    (own,) = open_ones
    work = open_staff_work(engine, connection, own.authority_id, None)
    _know(work, identity, own.id)
    work.record("outside_identity_known", subject=own.practitioner_id)
    work.finish()
    return own.id  # type: ignore[no-any-return]


_OF_ADDRESS = (
    sa.select(accounts, authorities.c.key)
    .join(practitioners, practitioners.c.id == accounts.c.practitioner_id)
    .join(authorities, authorities.c.id == accounts.c.authority_id)
    .where(sa.func.lower(practitioners.c.email) == sa.bindparam("email"))
)


def _is_tied(connection: sa.Connection, account_id: UUID, issuer: str) -> bool:
    tied = (outside_identities.c.account_id == account_id) & (outside_identities.c.issuer == issuer)
    return connection.execute(sa.select(outside_identities.c.id).where(tied)).first() is not None


def _make(engine: ProcessEngine, connection: sa.Connection, identity: Identity, settings: SingleSignOn) -> UUID:
    """Add somebody with an account that has no role yet, in the one authority or the one that is named."""
    named = sa.true() if not settings.authority else authorities.c.key == settings.authority
    places: list[Any] = list(connection.execute(sa.select(authorities.c.id, authorities.c.name).where(named)).all())
    email = identity.email.strip().lower()
    if not settings.makes_accounts or len(places) != 1:
        raise _not_known(identity)
    work = open_staff_work(engine, connection, places[0].id, None)
    writing = staff.Writing(connection, engine.ids, work.authority.id, work.today)
    practitioner_id = writing.practitioner(
        agency=places[0].name, name=identity.name.strip() or email, email=email, job_title="", phone=""
    )
    # Nobody knows this password: they sign in with their organisation, until an administrator gives them one.
    if not writing.account(practitioner_id, email, passwords.hash_password(secrets.token_urlsafe(32)), ()):
        raise _not_known(identity)
    account_id: UUID = connection.execute(
        sa.update(accounts)
        .where(accounts.c.practitioner_id == practitioner_id)
        .values(password_once=False)
        .returning(accounts.c.id)
    ).scalar_one()
    _know(work, identity, account_id)
    work.record("outside_account_made", subject=practitioner_id)
    for each in found_people.with_role(connection, work.authority.id, "administrator"):
        work.send(
            each,
            subject="Somebody new signed in with their organisation",
            body="They have an account without a role, and see nothing yet. Sign in and look under People.",
        )
    work.finish()
    return account_id


def _know(work: Work, identity: Identity, account_id: UUID) -> None:
    work.connection.execute(
        sa.insert(outside_identities).values(
            id=work.engine.ids.new(), account_id=account_id, issuer=identity.issuer, subject=identity.subject,
            known_at=work.at,
        )
    )  # fmt: skip
