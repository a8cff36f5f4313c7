"""The only place that asks what time it is. A clock belongs to an engine, never to a module."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """Tells the time. `now()` is read once at the edge of an act and passed down."""

    def now(self) -> datetime:
        """Return the current instant as an aware UTC datetime."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the current instant as an aware UTC datetime."""
        return datetime.now(UTC)


class ShiftedClock:
    """The machine's clock, set ahead: for rehearsals, whose pages go on from a day that has not come.

    `come_to` tells how far the rehearsal itself has come, and is asked each time: another program may move it on while
    this clock runs. This clock is never behind it.
    """

    def __init__(self, come_to: Callable[[], datetime]) -> None:
        self._come_to = come_to
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        """Return the current instant, moved ahead, as an aware UTC datetime."""
        machine = datetime.now(UTC)
        self._ahead = max(self._ahead, self._come_to() - machine)
        return machine + self._ahead


class FakeClock:
    """A clock that moves only when told to; for tests, `caf tick --rehearse`, play and simulation."""

    def __init__(self, start: datetime) -> None:
        self._now = _aware(start)

    def now(self) -> datetime:
        """Return the instant this clock was last set to, as an aware UTC datetime."""
        return self._now

    def set(self, instant: datetime) -> None:
        """Move to `instant` (aware; forwards or backwards)."""
        self._now = _aware(instant)

    def advance(self, step: timedelta) -> None:
        """Move forwards by `step`."""
        self._now += step


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """Return the local calendar day on which the aware `instant` falls in `zone`."""
    return instant.astimezone(zone).date()


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("A clock needs an instant with a zone")
    return instant.astimezone(UTC)
