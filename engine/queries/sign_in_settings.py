"""How somebody signs in: their second factor, and whether their organisation answers for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.casework.profiles import SECOND_FACTOR_ROLES
from engine.process_engine import ProcessEngine
from engine.queries.view import viewing
from engine.store.sessions import token_hash
from engine.store.tables.access import recovery_codes, second_factors
from engine.store.tables.people import sessions


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


def is_outside(engine: ProcessEngine, *, token: str) -> bool:
    """Tell whether a session was opened with somebody's organisation."""
    with engine.sessions.read() as connection:
        own = sessions.c.token_hash == token_hash(token)
        return bool(connection.execute(sa.select(sessions.c.outside).where(own)).scalar())
