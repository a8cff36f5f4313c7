"""Share out work in one go: planned, looked at, begun, paused, stopped, taken back within a day; each piece done once.

A batch is rows. Whoever begins it does the first of it at once; the scheduler goes on with the rest, and after a crash
with all that waits. Each case is a transaction of its own, in which its items are finished: none is done twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from engine import planning
from engine.batch_runs import end, go_on, go_on_with
from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.clock import local_day
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.leaving import open_staff_work
from engine.planning import UNDONE_WITHIN, Piece
from engine.process_engine import ProcessEngine
from engine.store import authorities, batches
from engine.work import Work

__all__ = [
    "begin", "drop", "go_on", "pause", "plan_handovers", "plan_interim", "plan_tasks", "resume", "stop", "undo",
]  # fmt: skip

MOST: Final = 2_000
"""How many pieces of work one batch holds; whoever has more makes another."""
AT_ONCE: Final = 20
"""How many cases are seen to while whoever begins a batch waits for the answer."""
FORGOTTEN_AFTER: Final = timedelta(days=1)
"""After which a plan that was never begun goes when its maker plans again."""
STOPPED: Final = "It was stopped before this"


def plan_tasks(
    engine: ProcessEngine, *, actor: Actor, task_ids: Sequence[UUID], to: UUID | None = None, why: str = ""
) -> UUID:
    """Plan to give open tasks `to` one person, or each to whoever has room (None); return the batch's id.

    Nothing is done before `begin`. What cannot be given is kept with the reason. Raises `NotPermitted`, `Invalid` when
    there is nothing to share out, too much, or `to` cannot be given anything.
    """
    _require_may(actor)
    if len(task_ids) > MOST:
        raise Invalid(f"Choose at most {MOST:,} tasks at a time", field="task")
    with engine.sessions.read() as connection:  # it may take a second, in which others are not to wait
        found = planning.chosen(connection, actor, task_ids, today=_today(engine, connection, actor))
        if not found.rows:
            raise Invalid("Choose at least one task that is still open", field="task")
        pieces = planning.by_room(found, engine.library) if to is None else planning.by_hand(found, to)
    return _keep(engine, actor, "tasks", pieces, why=why)


def plan_interim(
    engine: ProcessEngine,
    *,
    actor: Actor,
    leads: Mapping[UUID, UUID],
    until: date | None = None,
    why: str = "",
) -> UUID:
    """Plan who leads plans in between: `leads` is somebody by the case's id. Raises as `plan_tasks`."""
    return _plan_leads(engine, actor, "interim", leads, {"until": until}, why)


def plan_handovers(
    engine: ProcessEngine, *, actor: Actor, leads: Mapping[UUID, UUID], planned_on: date, why: str
) -> UUID:
    """Plan to propose a successor for plans, `leads` by the case's id, from a day; each is to accept by name.

    Raises as `plan_tasks`, and `Invalid` without a reason, which the successor is shown.
    """
    if not why.strip():
        raise Invalid("Say why the lead is to change: the successors are shown it", field="why")
    return _plan_leads(engine, actor, "handovers", leads, {"planned_on": planned_on}, why)


def begin(engine: ProcessEngine, *, actor: Actor, batch_id: UUID) -> None:
    """Begin what was planned; the first of it is done before this returns. Raises `NotFound`, `Conflict`."""
    _move(engine, actor, batch_id, was=("planned",), now="running", kind="batch_begun")
    go_on_with(engine, batch_id, most=AT_ONCE)


def pause(engine: ProcessEngine, *, actor: Actor, batch_id: UUID) -> None:
    """Let a batch that is under way rest after the case it is at. Raises as `begin`."""
    _move(engine, actor, batch_id, was=("running",), now="paused", kind="batch_paused")


def resume(engine: ProcessEngine, *, actor: Actor, batch_id: UUID) -> None:
    """Go on with a batch that rests. Raises as `begin`."""
    _move(engine, actor, batch_id, was=("paused",), now="running", kind="batch_resumed")
    go_on_with(engine, batch_id, most=AT_ONCE)


def stop(engine: ProcessEngine, *, actor: Actor, batch_id: UUID) -> None:
    """End a batch that rests: what is done stays done, the rest is left. Raises as `begin`."""
    with engine.sessions.act() as connection:
        work = _own(engine, connection, actor, batch_id)
        if not batches.set_state(connection, batch_id, was=("paused",), now="done", at=work.at):
            raise Conflict("Pause it first")
        batches.refuse_waiting(connection, batch_id, said=STOPPED)
        end(work, batches.read(connection, actor.authority_id, batch_id))


def drop(engine: ProcessEngine, *, actor: Actor, batch_id: UUID) -> None:
    """Throw a plan away that was not begun. Raises as `begin`."""
    with engine.sessions.act() as connection:
        _own(engine, connection, actor, batch_id)
        if batches.read(connection, actor.authority_id, batch_id, lock=True).state != "planned":
            raise Conflict("This has begun already. Pause it instead, or take it back")
        batches.remove(connection, batch_id)


def undo(engine: ProcessEngine, *, actor: Actor, batch_id: UUID, why: str = "") -> UUID:
    """Take back what a batch did within the last day, where nobody has touched it since; return the new batch's id.

    What cannot be taken back is kept with the reason. Raises as `begin`, `Conflict` when it is too late.
    """
    with engine.sessions.act() as connection:
        work = _own(engine, connection, actor, batch_id)
        row = batches.read(connection, actor.authority_id, batch_id, lock=True)
        if row.state != "done":
            raise Conflict("Only what has ended can be taken back. Pause and stop it first")
        if row.undoes_id is not None:
            raise Conflict("This took something back already. Share the work out anew instead")
        if work.at - row.ended_at > UNDONE_WITHIN:
            raise Conflict("This is over for more than a day. Share the work out anew instead")
        done = batches.items(connection, batch_id, state="done")
        if not done:
            raise Conflict("Nothing was done, so there is nothing to take back")
        id_ = engine.ids.new()
        own = {**_of(actor, id_), "kind": row.kind, "why": why.strip(), "undoes_id": batch_id, "state": "running"}
        items = [_backwards(engine, actor, id_, number, each) for number, each in enumerate(done)]
        batches.insert(connection, {**own, "planned_at": work.at, "begun_at": work.at}, items)
        work.record("batch_begun", subject=id_, detail={"items": len(items), "undoes": str(batch_id)})
        work.finish()
    go_on_with(engine, id_, most=AT_ONCE)
    return id_


def _require_may(actor: Actor) -> None:
    if not permissions.may_see_figures(actor):
        raise NotPermitted("A line manager or a coordinator shares work out")


def _today(engine: ProcessEngine, connection: sa.Connection, actor: Actor) -> date:
    return local_day(engine.clock.now(), ZoneInfo(authorities.zone_name(connection, actor.authority_id)))


def _plan_leads(
    engine: ProcessEngine, actor: Actor, kind: str, leads: Mapping[UUID, UUID], asked: Mapping[str, Any], why: str
) -> UUID:
    _require_may(actor)
    if not 0 < len(leads) <= MOST:
        raise Invalid("Choose somebody for at least one plan", field="lead")
    with engine.sessions.read() as connection:
        pieces = planning.of_leads(connection, actor, leads, today=_today(engine, connection, actor))
    if not pieces:
        raise Invalid("Choose a plan that is still open", field="lead")
    return _keep(engine, actor, kind, pieces, why=why, asked=asked)


def _keep(
    engine: ProcessEngine,
    actor: Actor,
    kind: str,
    pieces: Sequence[Piece],
    *,
    why: str,
    asked: Mapping[str, Any] | None = None,
) -> UUID:
    """Write a plan down, and throw away what its maker planned and forgot; return its id."""
    id_, now = engine.ids.new(), engine.clock.now()
    kept = {name: value.isoformat() for name, value in (asked or {}).items() if value is not None} or None
    row = {**_of(actor, id_), "kind": kind, "undoes_id": None, "why": why.strip(), "state": "planned"}
    with engine.sessions.act() as connection:
        for forgotten in batches.left_planned(connection, actor.account_id, before=now - FORGOTTEN_AFTER):
            batches.remove(connection, forgotten)
        items = [_item(engine, actor, id_, number, each, kept) for number, each in enumerate(pieces)]
        batches.insert(connection, {**row, "planned_at": now, "begun_at": None}, items)
    return id_


def _of(actor: Actor, batch_id: UUID) -> dict[str, Any]:
    return {"id": batch_id, "authority_id": actor.authority_id, "account_id": actor.account_id}


def _item(
    engine: ProcessEngine, actor: Actor, batch_id: UUID, number: int, piece: Piece, particulars: Any
) -> dict[str, Any]:
    return {
        "id": engine.ids.new(), "authority_id": actor.authority_id, "batch_id": batch_id, "number": number,
        "case_id": piece.case_id, "task_id": piece.task_id, "from_id": piece.from_id, "to_id": piece.to_id,
        "version": piece.version, "state": "refused" if piece.refused else "waiting", "said": piece.refused,
        "particulars": particulars,
    }  # fmt: skip


def _backwards(engine: ProcessEngine, actor: Actor, batch_id: UUID, number: int, done: Any) -> dict[str, Any]:
    """Return the item that takes back what another did."""
    piece = Piece(done.case_id, done.task_id, done.to_id, done.from_id, done.version)
    return _item(engine, actor, batch_id, number, piece, done.particulars)


Moved = Literal["batch_begun", "batch_paused", "batch_resumed"]


def _move(engine: ProcessEngine, actor: Actor, batch_id: UUID, *, was: tuple[str, ...], now: str, kind: Moved) -> None:
    with engine.sessions.act() as connection:
        work = _own(engine, connection, actor, batch_id)
        if not batches.set_state(connection, batch_id, was=was, now=now, at=work.at):
            raise Conflict("This has gone on meanwhile. Look again", batch_id=batch_id)
        work.record(kind, subject=batch_id)
        work.finish()


def _own(engine: ProcessEngine, connection: sa.Connection, actor: Actor, batch_id: UUID) -> Work:
    """Begin an act about a batch of the actor's own, or of anybody's where they see the whole authority."""
    _require_may(actor)
    work = open_staff_work(engine, connection, actor.authority_id, actor)
    row = batches.read(connection, actor.authority_id, batch_id, lock=True)
    if row.account_id != actor.account_id and not permissions.sees_whole_authority(actor):
        raise NotFound("There is no such batch", batch_id=batch_id)
    return work
