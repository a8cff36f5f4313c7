"""Whether the service is alive. Nothing here is about anybody, so it may be shown to all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from engine.process_engine import ProcessEngine
from engine.store.tables.running import heartbeats

QUIET_AFTER: Final = timedelta(minutes=5)
"""A poller that has not been heard for this long is taken to have stopped; it says so every minute at least."""


@dataclass(frozen=True, slots=True)
class Health:
    """The database answers; `poller_at` is when timers were last looked after (aware UTC), None when never."""

    poller_at: datetime | None
    poller_is_quiet: bool


def check(engine: ProcessEngine) -> Health:
    """Ask the database when the poller was last heard."""
    with engine.sessions.read() as connection:
        at = connection.execute(sa.select(heartbeats.c.at).where(heartbeats.c.name == "poller")).scalar()
    return Health(at, at is None or engine.clock.now() - at > QUIET_AFTER)
