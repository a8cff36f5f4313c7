"""One part of the service's own work at a time: whatever goes wrong with it is told, and the rest goes on.

The only place that catches every error. A part is one case, one timer, one person's last day, one step of a round;
what it wrote is rolled back by its own act. A wish to stop (`KeyboardInterrupt`, `SystemExit`) passes through.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar
from uuid import UUID

import sqlalchemy as sa

from engine.errors import Conflict, EngineError, Unavailable, in_words
from engine.process_engine import ProcessEngine
from engine.store.incidents import open_incident
from engine.store.tables.record import cases

MOST_TRIES: Final = 3
"""How often in a row a part may meet another writer before it counts as failed."""

_T = TypeVar("_T")
_log = logging.getLogger("caf.guard")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a part was not done."""

    error: Exception

    @property
    def met(self) -> bool:
        """Tell whether another writer was in the way, so that it may well be done another time."""
        return isinstance(self.error, Conflict)

    @property
    def down(self) -> bool:
        """Tell whether the database fails, which is no matter of one part."""
        return isinstance(self.error, Unavailable)

    def raise_when_down(self) -> None:
        """Raise `Unavailable` when the database fails: no other part can be done either."""
        if self.down:
            raise self.error


def attempt(part: str, do: Callable[[], _T], *, tries: int = 1) -> _T | Trouble:
    """Do a part and return what it gives, or the `Trouble` that kept it from being done; it is logged as `part`.

    One that meets another writer is done anew at once, `tries` times in all.
    """
    try:
        return do()
    except Exception as error:  # noqa: BLE001 - the one place: what it is becomes an incident, and the rest goes on
        trouble = Trouble(error)
    if trouble.met and tries > 1:
        _log.info("%s met another writer and is tried again", part)
        return attempt(part, do, tries=tries - 1)
    _log.log(_level(trouble), "%s failed: %s", part, _without_words(trouble.error))
    return trouble


def report(
    engine: ProcessEngine,
    trouble: Trouble,
    *,
    said: str,
    kind: str,
    at: datetime,
    authority_id: UUID,
    case_id: UUID | None = None,
    instance_id: UUID | None = None,
    element_id: str | None = None,
    also: Callable[[sa.Connection], None] | None = None,
) -> UUID | None:
    """Keep a trouble as an incident that begins with `said`, in an act of its own; return its id when it is new.

    `also` is done in the same act. When somebody holds on to the case's own row, nothing can be written that refers to
    it: the incident is then the authority's and names the case by its reference. Raises `Unavailable`, `Conflict`.
    """
    trouble.raise_when_down()
    where = {"authority_id": authority_id, "case_id": case_id, "instance_id": instance_id, "element_id": element_id}
    try:
        with engine.sessions.act() as connection:
            if also is not None:
                also(connection)
            return keep(engine, connection, trouble, said=said, kind=kind, at=at, **where)
    except Conflict:
        if case_id is None:
            raise
    with engine.sessions.act() as connection:
        reference = connection.execute(sa.select(cases.c.reference).where(cases.c.id == case_id)).scalar()
        said, where = f"{reference}: {said}", {"authority_id": authority_id, "element_id": str(case_id)}
        return keep(engine, connection, trouble, said=said, kind=kind, at=at, **where)


def keep(
    engine: ProcessEngine, connection: sa.Connection, trouble: Trouble, *, said: str, kind: str, at: datetime,
    **where: Any,
) -> UUID | None:  # fmt: skip
    """Keep a trouble as an incident inside an act under way; return its id when it is new.

    `where` is as `engine.store.incidents.open_incident` takes it.
    """
    id_, words = engine.ids.new(), in_words(trouble.error)
    message = f"{said}: {words}" if said else words
    return id_ if open_incident(connection, id_=id_, message=message, kind=kind, at=at, **where) else None


def _level(trouble: Trouble) -> int:
    return logging.WARNING if isinstance(trouble.error, EngineError) else logging.ERROR


def _without_words(error: Exception) -> str:
    """Name an error and its place: its text could hold what somebody has entered."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} at {Path(frames[-1].filename).name}:{frames[-1].lineno}"
