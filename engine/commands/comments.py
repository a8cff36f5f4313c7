"""Say something about a case, one of its tasks or actions, at any time: kept in the case's history."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.errors import Invalid, NotFound
from engine.process_engine import ProcessEngine
from engine.store import locking, requests
from engine.store.tables.record import plan_actions
from engine.store.tables.running import user_tasks
from engine.work import Work, open_work, require_on_case

LONGEST: Final = 4_000


def add(
    engine: ProcessEngine,
    *,
    actor: Actor,
    case_id: UUID,
    text: str,
    about: UUID | None = None,
    request_key: str | None = None,
) -> None:
    """Keep a comment on an open case, on one of its tasks (open or done) or actions when `about` is its id.

    It is an event of the history: never changed, erased as any other when the law asks for it. A repeated `request_key`
    keeps it once. Raises `NotFound`, `Conflict` for a closed case, `Invalid` (field `comment`) for none or a long one.
    """
    said = text.strip()
    if not said:
        raise Invalid("Enter a comment", field="comment")
    if len(said) > LONGEST:
        raise Invalid(f"Use at most {LONGEST:,} characters", field="comment")
    request = requests.asked(actor, request_key, "comment", about=about or case_id, content=said)
    with engine.sessions.act() as connection:
        case = locking.case(connection, case_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now(), request=request)
        require_on_case(work)
        if requests.answered(connection, request) is not None:
            return
        detail = {} if about is None else {"of": _kind_of(work, about)}
        work.record("comment_added", subject=about, detail=detail, payload={"why": said})
        work.finish()


def _kind_of(work: Work, about: UUID) -> str:
    """Return whether a task or an action of this case is meant. Raises `NotFound`."""
    for kind, table in (("task", user_tasks), ("action", plan_actions)):
        own = (table.c.id == about) & (table.c.case_id == work.case.id)
        if work.connection.execute(sa.select(table.c.id).where(own)).first() is not None:
            return kind
    raise NotFound("There is no such task or action on this case", about=about)
