"""How somebody signs in: their second factor, and whether their organisation answers for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor, may_keep_accounts
from engine.casework.profiles import SECOND_FACTOR_ROLES
from engine.process_engine import ProcessEngine
from engine.queries.view import viewing
from engine.store.sessions import token_hash
from engine.store.tables.access import recovery_codes, second_factors
from engine.store.tables.people import accounts, sessions


@dataclass(frozen=True, slots=True)
class Factor:
    """One's second factor: `set_at` is None while there is none; `required` says that one's roles ask for it."""

    set_at: datetime | None
    codes_left: int
    required: bool


def factor(engine: ProcessEngine, *, actor: Actor) -> Factor:
    """Return how the actor's second factor stands."""
    with viewing(engine, actor) as view:
        set_at = view.connection.execute(
            sa.select(second_factors.c.confirmed_at).where(second_factors.c.account_id == actor.account_id)
        ).scalar()
        left = view.connection.execute(
            sa.select(sa.func.count()).where(
                recovery_codes.c.account_id == actor.account_id, recovery_codes.c.used_at.is_(None)
            )
        ).scalar_one()
        required = bool(actor.roles.intersection(view.authority.profile.get(SECOND_FACTOR_ROLES) or ()))
        return Factor(set_at, left, required)


def has_factor(engine: ProcessEngine, *, actor: Actor, practitioner_id: UUID) -> bool:
    """Tell an administrator whether somebody has a second factor; False to everybody else."""
    if not may_keep_accounts(actor):
        return False
    with engine.sessions.read() as connection:
        own = (accounts.c.practitioner_id == practitioner_id) & (accounts.c.authority_id == actor.authority_id)
        query = sa.select(second_factors.c.account_id).join(accounts, accounts.c.id == second_factors.c.account_id)
        return connection.execute(query.where(own, second_factors.c.confirmed_at.is_not(None))).first() is not None


def is_outside(engine: ProcessEngine, *, token: str) -> bool:
    """Tell whether a session was opened with somebody's organisation."""
    with engine.sessions.read() as connection:
        own = sessions.c.token_hash == token_hash(token)
        return bool(connection.execute(sa.select(sessions.c.outside).where(own)).scalar())
