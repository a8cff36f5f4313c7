"""Report on an action of the plan: what was done, and whether it is finished."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.casework.help_kinds import HELP_KINDS
from engine.casework.permissions import Actor
from engine.errors import Conflict, Invalid, NotFound
from engine.operations.overlaps import forget_overlaps, look_for_overlaps
from engine.process_engine import ProcessEngine
from engine.store import locking
from engine.store.tables.record import plan_actions
from engine.work import Work, open_work, require_on_case


def report(
    engine: ProcessEngine,
    *,
    actor: Actor,
    action_id: UUID,
    progress: str,
    done: bool = False,
    new_due_on: date | None = None,
    help_kind: str | None = None,
    request_key: str | None = None,
) -> None:
    """Keep progress on an open action; `done` closes it; `new_due_on` moves its date, never how late it is.

    `help_kind` (one of `HELP_KINDS`, None: as it was) says what kind of help it is.

    How long an action has been stalled is always counted from its first date. Raises `NotFound`,
    `Invalid` when there is nothing to say, `Conflict` when it is closed already.
    """
    if not progress.strip() and not done and not help_kind:
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
        said = {"progress": progress.strip() or found.progress, "progress_on": work.today}
        values: dict[str, Any] = said if progress.strip() or done else {}
        if done:
            values["closed_on"] = work.today
        if new_due_on is not None:
            values["due_on"] = new_due_on
        _set_help(work, found, help_kind)
        if values:
            connection.execute(sa.update(plan_actions).where(plan_actions.c.id == action_id).values(**values))
        work.record(
            "action_reported",
            subject=action_id,
            detail={"done": done, "due_on": new_due_on},
            payload={"progress": progress.strip()},
        )
        work.finish()


def _set_help(work: Work, action: Any, kind: str | None) -> None:
    """Keep another kind of help, and look again where it meets that of another agency."""
    if kind is None or kind == action.help:
        return
    if kind not in HELP_KINDS:
        raise Invalid("Choose a kind of help from the list", field="help_kind")
    work.connection.execute(sa.update(plan_actions).where(plan_actions.c.id == action.id).values(help=kind))
    forget_overlaps(work, action.id)
    look_for_overlaps(work, {action.id})
