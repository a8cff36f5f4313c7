"""Whether somebody gets the morning's message of what presses, and when."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.casework.profiles import digest_hour
from engine.process_engine import ProcessEngine
from engine.store.tables.people import authorities, practitioners


@dataclass(frozen=True, slots=True)
class Digest:
    """Whether the actor wants the message; `hour` is the local hour it is sent at, None where none is sent."""

    wanted: bool
    hour: int | None


def of_oneself(engine: ProcessEngine, *, actor: Actor) -> Digest:
    """Return what the actor has chosen, and their authority."""
    with engine.sessions.read() as connection:
        row = connection.execute(
            sa.select(practitioners.c.digest_off, authorities.c.profile)
            .join(authorities, authorities.c.id == practitioners.c.authority_id)
            .where(practitioners.c.id == actor.practitioner_id)
        ).one()
        return Digest(not row.digest_off, digest_hour(row.profile))
