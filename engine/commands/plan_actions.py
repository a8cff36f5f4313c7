"""Report on an action of the plan: what was done, and whether it is finished."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.errors import Conflict, Invalid, NotFound
from engine.process_engine import ProcessEngine
from engine.store import locking
from engine.store.tables.record import plan_actions
from engine.work import open_work, require_on_case


def report(
    engine: ProcessEngine,
    *,
    actor: Actor,
    action_id: UUID,
    progress: str,
    done: bool = False,
    new_due_on: date | None = None,
    request_key: str | None = None,
) -> None:
    """Keep progress on an open action; `done` closes it; `new_due_on` moves its date, never how late it is.

    How long an action has been stalled is always counted from its first date. Raises `NotFound`,
    `Invalid` when there is nothing to say, `Conflict` when it is closed already.
    """
    if not progress.strip() and not done:
        raise Invalid("Say what has been done", field="progress")
    with engine.sessions.act() as connection:
        found = connection.execute(sa.select(plan_actions).where(plan_actions.c.id == action_id)).first()
        if found is None:
            raise NotFound("There is no such action", action_id=action_id)
        case = locking.case(connection, found.case_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now(), request_key=request_key)
        require_on_case(work)
        if found.closed_on is not None:
            raise Conflict("This action is already closed", action_id=action_id)
        values: dict[str, Any] = {"progress": progress.strip() or found.progress, "progress_on": work.today}
        if done:
            values["closed_on"] = work.today
        if new_due_on is not None:
            values["due_on"] = new_due_on
        connection.execute(sa.update(plan_actions).where(plan_actions.c.id == action_id).values(**values))
        work.record(
            "action_reported",
            subject=action_id,
            detail={"done": done, "due_on": new_due_on},
            payload={"progress": progress.strip()},
        )
        work.finish()
