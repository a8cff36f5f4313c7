"""Who read a case's record, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor, may_erase
from engine.errors import NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries.view import viewing
from engine.store.tables.keeping import record_reads
from engine.store.tables.people import practitioners

LONGEST = 200


@dataclass(frozen=True, slots=True)
class Read:
    """One reading of a record: `what` of it."""

    at: datetime
    who: str
    what: str


def of_case(engine: ProcessEngine, *, actor: Actor, case_id: UUID, before: datetime | None = None) -> tuple[Read, ...]:
    """Return the latest `LONGEST` readings of a case's record (`before` an instant), newest first.

    For administrators, who answer a family that asks who looked. Raises `NotPermitted`; nothing for another authority.
    """
    if not may_erase(actor):
        raise NotPermitted("An administrator sees who read a record")
    query = (
        sa.select(record_reads.c.at, practitioners.c.name, record_reads.c.what)
        .join(practitioners, practitioners.c.id == record_reads.c.practitioner_id)
        .where(record_reads.c.case_id == case_id, record_reads.c.authority_id == actor.authority_id)
        .order_by(record_reads.c.at.desc(), record_reads.c.id.desc())
        .limit(LONGEST)
    )
    if before is not None:
        query = query.where(record_reads.c.at < before)
    with viewing(engine, actor) as view:
        return tuple(Read(*row) for row in view.connection.execute(query))
