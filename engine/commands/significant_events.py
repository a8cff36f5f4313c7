"""Mark an entry of a child's chronology as having counted, with the reason; and take the mark back."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.errors import Conflict, Invalid, NotFound
from engine.process_engine import ProcessEngine
from engine.store import locking, requests
from engine.store.tables.between_meetings import significant_events
from engine.store.tables.keeping import history
from engine.work import Work, open_work, require_on_case

LONGEST: Final = 1_000


def mark(
    engine: ProcessEngine, *, actor: Actor, case_id: UUID, event_id: UUID, reason: str, request_key: str | None = None
) -> None:
    """Mark an event of an open case as significant. A repeated `request_key` changes nothing more.

    Raises `NotFound`, `Conflict` for a closed case or an event that is marked, `Invalid` (field `reason`).
    """
    why = reason.strip()
    if not why:
        raise Invalid("Say why this counts", field="reason")
    if len(why) > LONGEST:
        raise Invalid(f"Use at most {LONGEST:,} characters", field="reason")
    request = requests.asked(actor, request_key, "mark an event", about=event_id, content=why)
    with engine.sessions.act() as connection:
        case = locking.case(connection, case_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now(), request=request)
        require_on_case(work)
        if requests.answered(connection, request) is not None:
            return
        of_case = sa.select(history.c.id).where(history.c.id == event_id, history.c.case_id == case_id)
        if connection.execute(of_case).first() is None:
            raise NotFound("There is no such entry", event_id=event_id)
        if connection.execute(sa.select(significant_events.c.id).where(_current(event_id))).first() is not None:
            raise Conflict("Somebody has marked this already", event_id=event_id)
        row: dict[str, Any] = {"id": engine.ids.new(), "authority_id": work.authority.id, "case_id": case_id}
        row |= {"event_id": event_id, "marked_by": actor.practitioner_id, "marked_at": work.at, "reason": why}
        connection.execute(sa.insert(significant_events).values(**row))
        work.record("event_marked", subject=event_id, payload={"why": why})
        work.finish()


def unmark(engine: ProcessEngine, *, actor: Actor, case_id: UUID, event_id: UUID) -> None:
    """Take the mark of an event back; that it was there stays in the history. Nothing happens when it has none.

    Raises `NotFound`, `Conflict` for a closed case.
    """
    with engine.sessions.act() as connection:
        case = locking.case(connection, case_id)
        work: Work = open_work(engine, connection, case, actor=actor, at=engine.clock.now())
        require_on_case(work)
        taken = connection.execute(
            sa.update(significant_events)
            .where(_current(event_id), significant_events.c.case_id == case_id)
            .values(unmarked_by=actor.practitioner_id, unmarked_at=work.at)
        )
        if taken.rowcount:
            work.record("event_unmarked", subject=event_id)
            work.finish()


def _current(event_id: UUID) -> sa.ColumnElement[bool]:
    return (significant_events.c.event_id == event_id) & significant_events.c.unmarked_at.is_(None)
