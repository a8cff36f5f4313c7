"""Where parts are chosen and joined into an engine."""

from __future__ import annotations

import tempfile
from pathlib import Path

from engine.clock import Clock, SystemClock
from engine.errors import EngineError
from engine.ids import IdSource, RandomIds, SeededIds
from engine.library import Library
from engine.process_engine import ProcessEngine
from engine.settings import Settings, database_address
from engine.store import images, migrating
from engine.store.session import open_sessions, require_there


def build_engine(
    settings: Settings, *, clock: Clock | None = None, ids: IdSource | None = None, durable: bool = True
) -> ProcessEngine:
    """Return an engine on the database of `settings`; the schema must be this version's.

    `durable=False` is for simulation only. Raises `Invalid` when the database cannot be opened, lacks a
    needed setting, or has another version's schema (`caf init` brings it up to date).
    """
    engine = _join(settings, clock, ids, durable=durable)
    try:
        migrating.require_current(engine.sessions)
    except EngineError:
        engine.sessions.close()
        raise
    return engine


def require_database(named: str | None) -> None:
    """Raise `Invalid` when the database that `named` or the environment names is a file that is not there.

    Asked before `Settings.from_environment`, which makes the folder and the secret of an installation.
    """
    require_there(database_address(named))


def prepare_database(settings: Settings) -> bool:
    """Create the schema, or bring it up to this version; True when anything was done. Raises `Invalid`."""
    sessions = open_sessions(settings.database_url)
    try:
        return migrating.bring_up_to_date(sessions)
    finally:
        sessions.close()


def sandbox(*, clock: Clock, seed: int = 1) -> ProcessEngine:
    """Return a whole engine on an empty database in memory: for play, rehearsal, simulation and tests.

    Its ids repeat for the same seed and clock. Nothing in it survives it.
    """
    settings = Settings(
        database_url="sqlite://",
        variable_folder=Path(tempfile.gettempdir()) / "caf-sandbox",
        secret_key="a sandbox holds nothing that needs a secret",  # noqa: S106
    )
    engine = _join(settings, clock, SeededIds(clock, seed), durable=False)
    migrating.fill_memory(engine.sessions)
    return engine


def image_of(engine: ProcessEngine) -> bytes:
    """Return everything that a sandbox holds; nothing may be written in it meanwhile."""
    return images.take(engine.sessions)


def furnish(
    engine: ProcessEngine, image: bytes, *, clock: Clock, library: Library, seed: int = 1, purpose: str = ""
) -> ProcessEngine:
    """Return the sandbox `engine` holding what another held when `image` was taken, and nothing of its own.

    `library` has read the definitions of that image; `purpose` tells apart the ids that are made from now on.
    """
    images.put(engine.sessions, image)
    ids = SeededIds(clock, seed, purpose)
    return ProcessEngine(settings=engine.settings, sessions=engine.sessions, clock=clock, ids=ids, library=library)


def _join(settings: Settings, clock: Clock | None, ids: IdSource | None, *, durable: bool) -> ProcessEngine:
    clock = clock or SystemClock()
    return ProcessEngine(
        settings=settings,
        sessions=open_sessions(settings.database_url, durable=durable),
        clock=clock,
        ids=ids or RandomIds(clock),
    )
