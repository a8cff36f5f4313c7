"""The frozen bundle that every command and query is given: database, clock, ids, parsed definitions."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.clock import Clock
from engine.ids import IdSource
from engine.library import Library
from engine.settings import Settings
from engine.store.session import Sessions


@dataclass(frozen=True, slots=True)
class Limits:
    """What one act may ask for at most."""

    operations: int = 200


@dataclass(frozen=True, slots=True)
class ProcessEngine:
    """One engine. Make it with `engine.bootstrap`; a clock belongs to an engine, never to a module."""

    settings: Settings
    sessions: Sessions
    clock: Clock
    ids: IdSource
    library: Library = field(default_factory=Library)
    limits: Limits = field(default_factory=Limits)
