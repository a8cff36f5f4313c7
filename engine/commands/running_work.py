"""Put right what runs on a case: a promised day or a running timer is moved, a diagram stopped, with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.acts import advance, settle
from engine.bpmn import move
from engine.casework import permissions
from engine.casework.lateness import PROTECTING
from engine.casework.permissions import Actor
from engine.corrections import NEVER_STOPPED
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.process_engine import ProcessEngine
from engine.store import due, locking, relations, running
from engine.store.tables.running import instances, timers, user_tasks
from engine.work import Work, open_work, require_on_case

FARTHEST: Final = timedelta(days=366)
"""How far ahead a promise or a timer may be moved."""


def move_due_date(
    engine: ProcessEngine, *, actor: Actor, case_id: UUID, task_id: UUID, due_on: date, why: str, version: int
) -> None:
    """Move the day promised for an open task, seen at `version`; who has it is told.

    Raises `NotFound`, `NotPermitted`, `Conflict` when somebody was faster, `Invalid` naming the field.
    """
    with _act(engine, actor, case_id, why) as work:
        _require_day(work, due_on)
        mine = (user_tasks.c.id == task_id) & (user_tasks.c.state == "open")
        row = _one(work, user_tasks, mine, user_tasks.c.case_id)
        if row.due_on == due_on:
            raise Invalid("This is its day already", field="on")
        if not running.redate(work.connection, task_id, was=version, due_on=due_on):
            raise Conflict("Somebody changed this task since you opened the page. Look again", task_id=task_id)
        detail = {"was": row.due_on, "now": due_on}
        work.record("due_date_moved", subject=task_id, detail=detail, payload={"why": why.strip()})
        if row.assignee_id is not None and row.assignee_id != actor.practitioner_id:
            subject = "The day of a task of yours has changed"
            work.send(row.assignee_id, subject=subject, body="The task says its new day, and the case why.")


def move_timer(
    engine: ProcessEngine, *, actor: Actor, case_id: UUID, timer_id: UUID, on: date, why: str
) -> datetime:
    """Move a timer that waits to another local day, at the time of day it had; return the instant (aware UTC).

    Raises as `move_due_date`, `Conflict` for one that has fired or was cancelled.
    """
    with _act(engine, actor, case_id, why) as work:
        _require_day(work, on)
        waits = timers.c.fired_at.is_(None) & timers.c.cancelled_at.is_(None)
        mine = (timers.c.id == timer_id) & waits
        row = _one(work, timers.join(instances), mine, instances.c.case_id)
        zone = work.authority.zone
        due_at = datetime.combine(on, row.due_at.astimezone(zone).time(), tzinfo=zone)
        due.move(work.connection, timer_id, due_at=due_at)
        detail = {"element": row.element_id, "was": row.due_at, "now": due_at}
        work.record("timer_moved", subject=row.instance_id, detail=detail, payload={"why": why.strip()})
    return due_at


def cancel_process(engine: ProcessEngine, *, actor: Actor, case_id: UUID, instance_id: UUID, why: str) -> None:
    """Stop a diagram that runs on a case: its open tasks and timers end with it; what it recorded stays.

    Raises as `move_due_date`, `Invalid` for one that nobody stops by hand.
    """
    with _act(engine, actor, case_id, why) as work:
        mine = (instances.c.id == instance_id) & (instances.c.status != "ended")
        row = _one(work, instances, mine, instances.c.case_id)
        if row.process_key in NEVER_STOPPED:
            raise Invalid("This is not stopped by hand: close the case, or answer what it asks", field="which")
        work.record(
            "process_cancelled",
            subject=instance_id,
            detail={"process": row.process_key},
            payload={"why": why.strip()},
        )
        advance(work, locking.instance(work.connection, instance_id), lambda instance: instance.cancel())


def move_process(
    engine: ProcessEngine, *, actor: Actor, case_id: UUID, instance_id: UUID, token_id: UUID, to: str, why: str
) -> None:
    """Let a diagram that runs on a case go on at the step `to`, instead of where it waits at `token_id`.

    What waited there ends, and whoever had a task of it is told; what it recorded stays. Raises as `move_due_date`,
    `Invalid` for a step that it cannot go on at and for what protects a child, which nobody leaves out.
    """
    with _act(engine, actor, case_id, why) as work:
        mine = (instances.c.id == instance_id) & (instances.c.status != "ended")
        row = _one(work, instances, mine, instances.c.case_id)
        if row.process_key in PROTECTING:
            raise Invalid("What protects a child is answered, not moved on", field="to")
        held = _holders(work, instance_id)
        line = locking.instance(work.connection, instance_id)
        progress = advance(work, line, lambda instance: move(instance, token_id, to))
        detail = {"process": row.process_key, "from": row.current, "to": to}
        work.record("process_put_elsewhere", subject=instance_id, detail=detail, payload={"why": why.strip()})
        _tell(work, {held.get(each.task_id) for each in progress.closed}, "A task of yours is not needed any more")
        now = _holders(work, instance_id)
        _tell(work, {now.get(each.task_id) for each in progress.opened}, "A task has come to you")


def _holders(work: Work, instance_id: UUID) -> dict[UUID, UUID]:
    """Return who has each open task of an instance that somebody has."""
    own = (user_tasks.c.instance_id == instance_id) & (user_tasks.c.state == "open")
    query = sa.select(user_tasks.c.id, user_tasks.c.assignee_id).where(own, user_tasks.c.assignee_id.is_not(None))
    return {row.id: row.assignee_id for row in work.connection.execute(query)}


def _tell(work: Work, people: Iterable[UUID | None], subject: str) -> None:
    mine = work.actor.practitioner_id if work.actor else None
    for each in sorted({who for who in people if who is not None and who != mine}):
        work.send(each, subject=subject, body="A manager has moved the case on by hand, and wrote down why.")


@contextmanager
def _act(engine: ProcessEngine, actor: Actor, case_id: UUID, why: str) -> Iterator[Work]:
    """Carry out a repair on a locked case by who may; it is judged anew afterwards."""
    if not why.strip():
        raise Invalid("Say why", field="why")
    with engine.sessions.act() as connection:
        work = open_work(engine, connection, locking.case(connection, case_id), actor=actor, at=engine.clock.now())
        require_on_case(work)
        if not permissions.may_appoint_interim(actor, relations.of(connection, actor, case_id)):
            raise NotPermitted("The line manager of who leads, or a coordinator, puts this right")
        yield work
        settle(work)


def _require_day(work: Work, on: date) -> None:
    if on < work.today:
        raise Invalid("Enter today or a day that is still to come", field="on")
    if on > work.today + FARTHEST:
        raise Invalid("Enter a day within a year", field="on")


def _one(work: Work, source: sa.FromClause, which: sa.ColumnElement[bool], case_id: sa.ColumnElement[UUID]) -> Any:
    """Return a row of what runs on the case. Raises `NotFound`."""
    row = work.connection.execute(sa.select(source).where(which, case_id == work.case.id)).first()
    if row is None:
        raise NotFound("This does not run on the case any more", case_id=work.case.id)
    return row
