"""`caf init`, `demo`, `tick`, `verify`, `backup` and `restore`: work on the database."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import Final
from uuid import UUID

from engine.bootstrap import build_engine, prepare_database
from engine.clock import FakeClock
from engine.commands import setup
from engine.errors import Invalid
from engine.mail import courier
from engine.process_engine import ProcessEngine
from engine.scheduler import tick as tick_once
from engine.settings import Settings

# Numbers that Ofcom keeps free for drama; the authority enters its own.
PROFILE: Final = {
    "safeguarding": [
        {"name": "Children's social care", "phone": "01632 960101", "when": "weekdays, 9am to 5pm"},
        {"name": "Emergency duty team", "phone": "01632 960102", "when": "evenings and weekends"},
    ],
    "meeting_term": "TAC",
}


def init(options: argparse.Namespace) -> int:
    """Create the database or bring it up to date, with one authority in it."""
    done = prepare_database(Settings.from_environment(database=options.database))
    engine = open_engine(options)
    print("The database is ready." if done else "The database was up to date already.")
    if setup.find_authority(engine, key=options.authority) is None:
        setup.create_authority(engine, key=options.authority, name=options.name, profile=PROFILE)
        print(f"Created the authority {options.authority} ({options.name}).")
    return 0


def tick(options: argparse.Namespace) -> int:
    """Do everything that is due, and say how much that was; `--now` only pretends the time."""
    clock = FakeClock(_instant(options.now)) if options.now else None
    settings = Settings.from_environment(database=options.database)
    done = tick_once(build_engine(settings, clock=clock), courier(settings))
    print(f"{done.fired} timers fired, {done.failed} failed, {done.judged} cases judged, {done.sent} messages sent")
    return 0


def open_engine(options: argparse.Namespace) -> ProcessEngine:
    """Return the engine on the database that the options or the environment name. Raises `Invalid`."""
    return build_engine(Settings.from_environment(database=options.database))


def authority(engine: ProcessEngine, key: str | None) -> UUID:
    """Return the authority with `key`, or the only one. Raises `Invalid` when there is none, or several."""
    found = setup.find_authority(engine, key=key)
    if found is None:
        raise Invalid(f"there is no authority {key}" if key else "there is no authority yet; run `caf init` first")
    return found


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid(f"--now: {text} is not a date and time, as 2026-06-04T09:00:00+01:00") from error
    if instant.tzinfo is None:
        raise Invalid(f"--now: {text} has no zone; write {text}Z or {text}+01:00")
    return instant


