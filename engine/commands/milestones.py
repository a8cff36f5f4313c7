"""Keep, in an authority's own chain, what its installation must remember of itself."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from engine.process_engine import ProcessEngine
from engine.store import administration
from engine.work import open_work

Milestone = Literal["demo_loaded", "rehearsal_began", "rehearsal_moved"]


def reach(engine: ProcessEngine, *, authority_id: UUID, milestone: Milestone) -> None:
    """Record that `milestone` was reached now, by the engine's clock. Raises `NotFound`."""
    with engine.sessions.act() as connection:
        case = administration.lock(connection, authority_id)
        work = open_work(engine, connection, case, actor=None, at=engine.clock.now())
        work.record(milestone, subject=authority_id)
        work.finish()
