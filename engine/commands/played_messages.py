"""Give a message to what waits for it on an invented case: in a play anything may be said to have happened."""

from __future__ import annotations

from uuid import UUID

from engine.acts import send_message, settle
from engine.casework.permissions import Actor
from engine.errors import Invalid
from engine.process_engine import ProcessEngine
from engine.store import locking
from engine.work import open_work

SANDBOX = "sqlite://"


def send(engine: ProcessEngine, *, actor: Actor, case_id: UUID, message: str) -> None:
    """Send a message to every process of a case that waits for it, or start what it starts, in a sandbox.

    Raises `Invalid` on any other database: on a real case a message comes only with what it tells of.
    """
    if engine.settings.database_url != SANDBOX:
        raise Invalid("Messages are sent by hand in a play only")
    with engine.sessions.act() as connection:
        case = locking.case(connection, case_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now())
        send_message(work, message, {})
        settle(work)
