"""Whether the service is alive. Nothing here is about anybody, so it may be shown to all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from engine.process_engine import ProcessEngine
from engine.store import due
from engine.store.figures import last_beat

QUIET_AFTER: Final = timedelta(minutes=5)
"""A poller that has not been heard for this long is taken to have stopped; it says so every minute at least."""
BEHIND_AFTER: Final = timedelta(minutes=15)
"""A timer that nobody has fired for this long past its time, though it is its turn, tells that the poller only seems
to work: it wakes every second and fires thousands in a minute."""


@dataclass(frozen=True, slots=True)
class Health:
    """The database answers; `poller_at` is when timers were last looked after (aware UTC), None when never.

    `waits_since` is when the timer that has waited longest for its turn was due, None when none waits; one that failed
    and is put off to be tried again is an incident, and not counted. `is_behind` tells that this is too long ago.
    """

    poller_at: datetime | None
    poller_is_quiet: bool
    waits_since: datetime | None
    is_behind: bool

    @property
    def well(self) -> bool:
        """Tell whether timers are looked after."""
        return not (self.poller_is_quiet or self.is_behind)


def check(engine: ProcessEngine) -> Health:
    """Ask the database when the poller was last heard, and how far it has come."""
    now = engine.clock.now()
    with engine.sessions.read() as connection:
        at = last_beat(connection)
        waits_since = due.waits_since(connection, now=now)
    quiet = at is None or now - at > QUIET_AFTER
    return Health(at, quiet, waits_since, waits_since is not None and now - waits_since > BEHIND_AFTER)
