"""What to simulate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from engine.simulation.behaviours import DEFAULT, Behaviours


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """So many cases over so many days, the last of them `until` (aware UTC).

    With `recent`, nine in ten of the cases open within that many days before the end, and the others evenly before.

    `befalls` are things that are sure to happen, each to some case: (working days before the last, what). They are
    `concern`, `withdrawal`, `stuck`, `start` (a diagram that people start, whichever), `start:KEY` (that one, on the
    first case where it can be), `double` (somebody opens a case for a child who has one) and `supervision`: every
    manager talks over a few cases with one of their people.
    """

    cases: int
    days: int
    seed: int
    until: datetime
    behaviours: Behaviours = DEFAULT
    recent: int | None = None
    befalls: tuple[tuple[int, str], ...] = ()


def first_day(plan: Plan, zone_day: date) -> date:
    """Return the first day of a plan whose last local day is `zone_day`."""
    return zone_day - timedelta(days=plan.days - 1)
