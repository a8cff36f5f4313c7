"""What an installation remembers of itself: see `engine.commands.milestones`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from engine.process_engine import ProcessEngine
from engine.store.administration import REFERENCE
from engine.store.tables.keeping import history
from engine.store.tables.people import authorities
from engine.store.tables.record import cases


def reached(engine: ProcessEngine, milestone: str, *, authority_id: UUID | None = None) -> datetime | None:
    """Return the latest instant (aware UTC) at which a milestone was reached, by one authority or by any; else None."""
    chains = sa.select(cases.c.id).where(cases.c.reference == REFERENCE)
    if authority_id is not None:
        chains = chains.where(cases.c.authority_id == authority_id)
    found = sa.select(sa.func.max(history.c.recorded_at)).where(
        history.c.case_id.in_(chains), history.c.kind == milestone
    )
    with engine.sessions.read() as connection:
        return connection.execute(found).scalar()


def latest(engine: ProcessEngine) -> datetime | None:
    """Return when (aware UTC) the newest entry of all history was written; None while there is none.

    Ids begin with the instant they were made at, so the newest entry is the last by id.
    """
    with engine.sessions.read() as connection:
        return connection.execute(sa.select(history.c.recorded_at).order_by(history.c.id.desc()).limit(1)).scalar()


def zones(engine: ProcessEngine) -> Mapping[UUID, ZoneInfo]:
    """Return the zone of each authority's clocks."""
    with engine.sessions.read() as connection:
        rows = connection.execute(sa.select(authorities.c.id, authorities.c.zone)).all()
    return {row.id: ZoneInfo(row.zone) for row in rows}
