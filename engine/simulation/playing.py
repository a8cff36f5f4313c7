"""Set up an authority on an empty database and play its caseload: all that `caf simulate` does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Final
from uuid import UUID

from engine.calendar import LONDON, WorkingCalendar
from engine.clock import FakeClock
from engine.collecting import seldom_collecting
from engine.commands import deployments, setup
from engine.errors import Conflict
from engine.ids import SeededIds
from engine.process_engine import ProcessEngine
from engine.simulation.chance import stream
from engine.simulation.loop import EVENING, simulate
from engine.simulation.plans import Plan, first_day
from engine.simulation.summary import Summary, summarise
from engine.simulation.workforce import profile, workforce

NATION: Final = "england-and-wales"
"""Whose bank holidays the simulated authority has."""
ENDS_ON: Final = date(2027, 12, 31)
"""The last day when none is named: fixed, so that the same seed gives the same year whenever it is run."""


def evening_of(day: date) -> datetime:
    """Return the end of a working day (aware UTC)."""
    return datetime.combine(day, EVENING, LONDON).astimezone(UTC)


def local_day(at: datetime) -> date:
    """Return the day that it is at an instant where the simulated authority is."""
    return at.astimezone(LONDON).date()


def clock_for(plan: Plan) -> FakeClock:
    """Return a clock that stands at the beginning of the plan's first day."""
    first = first_day(plan, local_day(plan.until))
    return FakeClock(datetime.combine(first, time(0, 5), LONDON).astimezone(UTC))


def play(
    engine: ProcessEngine, clock: FakeClock, *, files: Mapping[str, bytes], plan: Plan, say: Callable[[str], None]
) -> Summary:
    """Make an authority with `files` in force and play the plan's caseload; `clock` is the engine's.

    Raises `Conflict` when the database holds an authority already, `Invalid` for files that cannot run.
    """
    if setup.any_authority(engine):
        raise Conflict("There is a record in this database already; name another, or remove it first")
    described = profile(local_day(clock.now()), local_day(plan.until), WorkingCalendar(NATION))
    authority_id = setup.create_authority(engine, key="northcombe", name="Northcombe Council", profile=described)
    # The ids of a case's things decide what comes first where times are equal: one file more must not move them.
    apart = replace(engine, ids=SeededIds(clock, plan.seed, "deployment"))
    deployments.deploy(apart, authority_id=authority_id, files=files, note="What was simulated")
    return play_on(engine, clock, authority_id=authority_id, plan=plan, say=say)


def play_on(
    engine: ProcessEngine, clock: FakeClock, *, authority_id: UUID, plan: Plan, say: Callable[[str], None]
) -> Summary:
    """Add the people to an authority without any, play the plan's caseload, and count what came of it."""
    people = workforce(stream(plan.seed, "people"), plan.behaviours.caseload, cases=plan.cases)
    setup.add_people(engine, authority_id=authority_id, new=people)
    with seldom_collecting():
        town = simulate(engine, clock, authority_id=authority_id, plan=plan, say=say)
    return summarise(engine, town, plan, authority_id=authority_id)
