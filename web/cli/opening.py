"""What most commands begin with: the database that is there, its authority, and what time it is in it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from engine.bootstrap import build_engine, require_database
from engine.clock import ShiftedClock
from engine.commands import setup
from engine.errors import Invalid
from engine.ids import RandomIds
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
    engine = engine_for(settings_of(options))
    try:
        yield engine
    finally:
        engine.sessions.close()


def engine_for(settings: Settings) -> ProcessEngine:
    """Return the engine on a database, on a rehearsal with its time. Raises `Invalid` when it cannot be opened."""
    engine = build_engine(settings)
    if ahead_of(engine) is None:
        return engine
    clock = ShiftedClock(lambda: _come_to(engine))
    return replace(engine, clock=clock, ids=RandomIds(clock))


def ahead_of(engine: ProcessEngine) -> timedelta | None:
    """Return how far a rehearsal is ahead of the engine's clock; None for a database that is no rehearsal."""
    if milestones.reached(engine, "rehearsal_began") is None:
        return None
    return max(_come_to(engine) - engine.clock.now(), timedelta(0))


def _come_to(engine: ProcessEngine) -> datetime:
    """Return the rehearsal's own time: that of whatever happened last in it, whoever did it."""
    found = milestones.latest(engine)
    if found is None:
        raise Invalid("the rehearsal holds no history; make the copy anew")
    return found


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


def require_file(path: Path, *, what: str) -> None:
    """Raise `Invalid` when there is no file at `path`, or nothing that can be read whole, as a device or a folder."""
    if not path.exists():
        raise Invalid(f"{path}: there is no such file")
    if not path.is_file():
        raise Invalid(f"{path}: this is no file that can be read; name {what}")


def require_folder(target: Path) -> None:
    """Raise `Invalid` when the folder in which `target` is to be written is not there."""
    if not target.parent.is_dir():
        raise Invalid(f"{target}: there is no folder {target.parent}")
