"""Give the diagrams of cases the messages that are still queued for them."""

from __future__ import annotations

from engine import telling
from engine.process_engine import ProcessEngine
from engine.store import case_messages

BATCH = 100


def give_due(engine: ProcessEngine) -> int:
    """Give the messages that are due, which only a machine that stopped or a failure has left; return how many."""
    given = 0
    while True:
        with engine.sessions.read() as connection:
            waiting = case_messages.due(connection, now=engine.clock.now(), limit=BATCH)
        failed = telling.give(engine, waiting)
        given += len(waiting) - failed
        if len(waiting) < BATCH or failed:
            return given
