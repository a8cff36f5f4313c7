"""What most commands begin with: the database that is there, its authority, and what time it is in it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from engine.bootstrap import build_engine, require_database
from engine.clock import Clock, ShiftedClock
from engine.commands import setup
from engine.errors import Invalid
from engine.mail import Folder, SmtpServer, courier
from engine.process_engine import ProcessEngine
from engine.queries import milestones
from engine.settings import Settings

REHEARSAL_MAIL = "rehearsal-outbox"


def settings_of(options: argparse.Namespace) -> Settings:
    """Return the settings. Raises `Invalid`, having made nothing, when the database is a file that is not there."""
    require_database(options.database)
    return Settings.from_environment(database=options.database)


@contextmanager
def opened(options: argparse.Namespace) -> Iterator[ProcessEngine]:
    """Give the engine on the database that the options or the environment name, and close it. Raises `Invalid`.

    On a rehearsal its clock goes on from where the rehearsal has come.
    """
    settings = settings_of(options)
    engine = build_engine(settings)
    ahead = ahead_of(engine)
    if ahead is not None:
        engine.sessions.close()
        engine = build_engine(settings, clock=clock_for(ahead))
    try:
        yield engine
    finally:
        engine.sessions.close()


def ahead_of(engine: ProcessEngine) -> timedelta | None:
    """Return how far a rehearsal's clock is ahead of the engine's; None for a database that is no rehearsal."""
    began = milestones.reached(engine, "rehearsal_began")
    if began is None:
        return None
    come_to = milestones.reached(engine, "rehearsal_moved") or began
    return max(come_to - engine.clock.now(), timedelta(0))


def clock_for(ahead: timedelta | None) -> Clock | None:
    """Return the clock of a rehearsal, or None where the machine's is meant."""
    return None if ahead is None else ShiftedClock(ahead)


def courier_for(settings: Settings, *, rehearsal: bool) -> Folder | SmtpServer:
    """Return who takes messages away. A rehearsal's only ever go to files: nobody is written to in earnest."""
    if rehearsal:
        return Folder(settings.variable_folder / REHEARSAL_MAIL, settings.mail_from)
    return courier(settings)


def authority(engine: ProcessEngine, key: str | None) -> UUID:
    """Return the authority with `key`, or the only one. Raises `Invalid` when there is none, or several."""
    found = setup.find_authority(engine, key=key)
    if found is None:
        raise Invalid(f"there is no authority {key}" if key else "there is no authority yet; run `caf init` first")
    return found


def require_folder(target: Path) -> None:
    """Raise `Invalid` when the folder in which `target` is to be written is not there."""
    if not target.parent.is_dir():
        raise Invalid(f"{target}: there is no folder {target.parent}")
