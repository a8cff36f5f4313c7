"""Who a session's token belongs to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.casework.profiles import SECOND_FACTOR_ROLES
from engine.errors import NotFound, shown
from engine.process_engine import ProcessEngine
from engine.queries.authorities import LocalAuthority, of_view
from engine.queries.view import view_on
from engine.store import actors, checks
from engine.store.sessions import token_hash
from engine.store.tables.access import second_factors
from engine.store.tables.people import accounts, authorities, practitioners, sessions

_NOW = sa.bindparam("now", type_=sessions.c.expires_at.type)
_ACCOUNT = actors.with_what_they_hold(
    sa.select(
        accounts.c.id,
        accounts.c.practitioner_id,
        accounts.c.authority_id,
        practitioners.c.name,
        # Whoever comes with their organisation needs no password of ours, nor to choose one.
        sa.and_(accounts.c.password_once, sessions.c.outside.is_(False)).label("password_once"),
        sa.func.coalesce(practitioners.c.left_on, practitioners.c.leaves_on).label("last_day"),
        authorities.c.zone,
        authorities.c.version.label("authority_version"),
        authorities.c.profile[SECOND_FACTOR_ROLES].label("factor_roles"),
        sa.or_(sessions.c.outside, second_factors.c.confirmed_at.is_not(None)).label("factor_given"),
        checks.SOMETHING_MOVED.label("something_moved"),
    )
    .select_from(
        sessions.join(accounts, accounts.c.id == sessions.c.account_id)
        .join(practitioners, practitioners.c.id == accounts.c.practitioner_id)
        .join(authorities, authorities.c.id == accounts.c.authority_id)
        .outerjoin(second_factors, second_factors.c.account_id == accounts.c.id)
    )
    .where(
        sessions.c.token_hash == sa.bindparam("hash"),
        sessions.c.code_due.is_(False),
        sessions.c.ended_at.is_(None),
        sessions.c.expires_at > _NOW,
        accounts.c.disabled_at.is_(None),
    )
)


def somebody_named(engine: ProcessEngine, *, authority_id: UUID, username: str) -> Actor:
    """Return whoever has an open account with this user name at the authority, for the command line.

    Raises `NotFound` when nobody has, as when they have left.
    """
    name = username.strip().lower()
    with engine.sessions.read() as connection:
        found = actors.of_username(connection, authority_id, name, now=engine.clock.now())
    if found is None:
        raise NotFound(f"Nobody at this authority has an account with the user name '{shown(username)}'")
    return found


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is signed in, and where they work; `to_judge` tells that acts have moved cases not judged since.

    `reader` is the same person, for a request that changes nothing: the authority is read once for all that it shows.
    """

    actor: Actor
    authority: LocalAuthority
    to_judge: bool
    authority_version: int

    @property
    def reader(self) -> Actor:
        """Return the person as who reads by the authority's version of now."""
        return replace(self.actor, authority_version=self.authority_version)


def signed_in(engine: ProcessEngine, token: str) -> SignedIn | None:
    """Return who is signed in with `token`; None when it is unknown, ended or expired, or the account is closed."""
    now = engine.clock.now()
    with engine.sessions.read() as connection:
        rows = connection.execute(_ACCOUNT, {"hash": token_hash(token), "now": now}).all()
        actor = actors.held_by(rows, now=now)
        if actor is None:
            return None
        # Both in one read: every request begins with it.
        version = rows[0].authority_version
        authority = of_view(view_on(engine, connection, actor, version=version))
        return SignedIn(actor, authority, rows[0].something_moved, version)


def actor_of(engine: ProcessEngine, token: str) -> Actor | None:
    """Return who is signed in with `token`, as `signed_in` does."""
    found = signed_in(engine, token)
    return None if found is None else found.actor
