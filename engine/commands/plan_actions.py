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
from engine.store import locking, requests
from engine.store.tables.keeping import history
from engine.store.tables.people import practitioners
from engine.store.tables.record import plan_actions
from engine.work import Work, open_work, require_on_case

_ACTION = sa.select(plan_actions).where(plan_actions.c.id == sa.bindparam("id_"))
_CHANGE = sa.update(plan_actions).where(plan_actions.c.id == sa.bindparam("id_"))


def report(
    engine: ProcessEngine,
    *,
    actor: Actor,
    action_id: UUID,
    progress: str,
    done: bool = False,
    new_due_on: date | None = None,
    help_kind: str | None = None,
    case_id: UUID | None = None,
    request_key: str | None = None,
) -> None:
    """Keep progress on an open action; `done` closes it; `new_due_on` moves its date, never how late it is.

    `help_kind` (one of `HELP_KINDS`, None: as it was) says what kind of help it is.

    How long an action has been stalled is always counted from its first date. A repeated `request_key` changes nothing
    more. Raises `NotFound`, also for an action of another case than `case_id` when that is given, `Invalid` when there
    is nothing to say, `Conflict` when it is closed already, which says by whom.
    """
    sent = [progress, done, new_due_on, help_kind]
    request = requests.asked(actor, request_key, "report on an action", about=action_id, content=sent)
    with engine.sessions.act() as connection:
        found = _of_case(connection, action_id, case_id)
        case = locking.case(connection, found.case_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now(), request=request)
        require_on_case(work)
        if requests.answered(connection, request) is not None:
            return
        found = _of_case(connection, action_id, case_id)  # who held the lock before may have changed it
        if found.closed_on is not None:
            raise Conflict(f"This action is already closed{_by_whom(work, action_id)}", action_id=action_id)
        if not progress.strip() and not done and help_kind in (None, found.help):
            raise Invalid("Say what has been done", field="progress")
        values = _values(found, progress.strip(), done=done, new_due_on=new_due_on, today=work.today)
        _set_help(work, found, help_kind)
        if values:
            connection.execute(_CHANGE, {"id_": action_id, **values})
        work.record(
            "action_reported",
            subject=action_id,
            detail={"done": done, "due_on": new_due_on},
            payload={"progress": progress.strip()},
        )
        work.finish()


def _values(action: Any, progress: str, *, done: bool, new_due_on: date | None, today: date) -> dict[str, Any]:
    """Return the columns that a report changes on `today`: words that were there stay when none are said."""
    values: dict[str, Any] = {}
    if progress or done:
        values = {"progress": progress or action.progress, "progress_on": today}
    if done:
        values["closed_on"] = today
    if new_due_on is not None:
        values["due_on"] = new_due_on
    return values


def _of_case(connection: sa.Connection, action_id: UUID, case_id: UUID | None) -> Any:
    found = connection.execute(_ACTION, {"id_": action_id}).first()
    if found is None or case_id not in (None, found.case_id):
        raise NotFound("There is no such action", action_id=action_id)
    return found


def _by_whom(work: Work, action_id: UUID) -> str:
    """Say who has reported a closed action as done; empty when it was closed in another way, as by a review."""
    last = work.connection.execute(
        sa.select(history.c.detail, practitioners.c.name)
        .join(practitioners, practitioners.c.id == history.c.practitioner_id)
        .where(history.c.case_id == work.case.id, history.c.subject_id == action_id)
        .where(history.c.kind == "action_reported")
        .order_by(history.c.seq.desc())
        .limit(1)
    ).first()
    return f": {last.name} finished it" if last is not None and last.detail.get("done") else ""


def _set_help(work: Work, action: Any, kind: str | None) -> None:
    """Keep another kind of help, and look again where it meets that of another agency."""
    if kind is None or kind == action.help:
        return
    if kind not in HELP_KINDS:
        raise Invalid("Choose a kind of help from the list", field="help_kind")
    work.connection.execute(sa.update(plan_actions).where(plan_actions.c.id == action.id).values(help=kind))
    forget_overlaps(work, action.id)
    look_for_overlaps(work, {action.id})
