"""What has to be known before the demo is loaded. Never used by pages."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from engine.process_engine import ProcessEngine
from engine.store.tables.people import accounts, authorities, practitioners
from engine.store.tables.record import cases
from engine.store.tables.running import definitions


def is_begun(engine: ProcessEngine, authority_id: UUID) -> bool:
    """Tell whether an authority has anybody, or a child's case: what somebody entered, or a demo loaded before."""
    somebody = sa.select(practitioners.c.id).where(practitioners.c.authority_id == authority_id).limit(1)
    case = sa.select(cases.c.id).where(cases.c.authority_id == authority_id, cases.c.child_id.is_not(None)).limit(1)
    with engine.sessions.read() as connection:
        return any(connection.execute(query).first() is not None for query in (somebody, case))


def has_process(engine: ProcessEngine, authority_id: UUID, key: str) -> bool:
    """Tell whether an authority has deployed a process."""
    own = (definitions.c.authority_id == authority_id) & (definitions.c.kind == "process") & (definitions.c.key == key)
    with engine.sessions.read() as connection:
        return connection.execute(sa.select(definitions.c.id).where(own).limit(1)).first() is not None


def has_profile(engine: ProcessEngine, authority_id: UUID) -> bool:
    """Tell whether an authority has said anything of itself; the hour of the day's message is set when it is made."""
    with engine.sessions.read() as connection:
        profile = connection.execute(sa.select(authorities.c.profile).where(authorities.c.id == authority_id)).scalar()
    return bool((profile or {}).keys() - {"digest_hour"})


def taken(engine: ProcessEngine, usernames: Sequence[str]) -> list[str]:
    """Return which user names somebody has already, of any authority, in order."""
    with engine.sessions.read() as connection:
        found = sa.select(accounts.c.username).where(accounts.c.username.in_(usernames))
        return sorted(connection.execute(found).scalars())
