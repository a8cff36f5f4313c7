"""A letter to somebody of a family was posted or handed over."""

from __future__ import annotations

from uuid import UUID

from engine.acts import settle
from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import NotPermitted
from engine.operations.family_letters import mark_sent as keep_sent
from engine.process_engine import ProcessEngine
from engine.store import locking, relations
from engine.work import open_work, require_on_case


def mark_sent(engine: ProcessEngine, *, actor: Actor, case_id: UUID, letter_id: UUID, how: str) -> None:
    """Record today that a letter was posted ("post"), handed over ("hand") or e-mailed ("email").

    Raises `NotFound`, `NotPermitted`, `Conflict` for a closed case, `Invalid` for another way or an unknown letter.
    """
    with engine.sessions.act() as connection:
        case = locking.case(connection, case_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now())
        require_on_case(work)
        if not permissions.may_keep_family(actor, relations.of(connection, actor, case_id)):
            raise NotPermitted("Who leads or assesses, their line manager or a coordinator records this")
        keep_sent(work, letter_id, how)
        settle(work)
