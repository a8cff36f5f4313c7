"""An act on a case by somebody who keeps its family: its letters, and who has them by e-mail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from engine.acts import settle
from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import NotPermitted
from engine.process_engine import ProcessEngine
from engine.store import locking, relations
from engine.work import Work, open_work, require_on_case


@contextmanager
def keeping_family(engine: ProcessEngine, actor: Actor, case_id: UUID, *, closed: bool = False) -> Iterator[Work]:
    """Give the act, settled when it ends well; `closed` allows it on a closed case, by who led it, as their manager.

    Raises `NotFound`, `NotPermitted`, `Conflict` for a closed case.
    """
    with engine.sessions.act() as connection:
        case = locking.case(connection, case_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now())
        require_on_case(work, closed=closed)
        if not permissions.may_keep_family(actor, relations.of(connection, actor, case_id)):
            raise NotPermitted("Who leads or assesses, their line manager or a coordinator records this")
        yield work
        settle(work)
