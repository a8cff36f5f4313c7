"""Write down a manager's oversight of a case: what was discussed with whom, what was decided, and by when."""

from __future__ import annotations

from dataclasses import astuple
from uuid import UUID

from engine.casework.permissions import Actor
from engine.overseeing import Said, record_note, require_overseer, write_note
from engine.process_engine import ProcessEngine
from engine.store import locking, requests
from engine.work import open_work, require_on_case


def note(
    engine: ProcessEngine, *, actor: Actor, case_id: UUID, said: Said, request_key: str | None = None
) -> None:
    """Keep what a manager discussed on an open case, and what is to be done by when.

    The words are the event's of the case's history, and can be erased as any other. A repeated `request_key` keeps it
    once. Raises `NotFound`, `NotPermitted`, `Conflict` for a closed case, `Invalid` naming the field.
    """
    request = requests.asked(actor, request_key, "note oversight", about=case_id, content=astuple(said))
    with engine.sessions.act() as connection:
        case = locking.case(connection, case_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now(), request=request)
        require_on_case(work)
        require_overseer(work)
        if requests.answered(connection, request) is not None:
            return
        row = record_note(work, said)
        work.finish()
        write_note(work, row)
