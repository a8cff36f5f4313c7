"""What runs on a case, for who puts it right: diagrams with the tasks they ask and the timers that wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.lateness import PROTECTING
from engine.casework.permissions import Actor
from engine.corrections import NEVER_STOPPED
from engine.errors import NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries import visibility
from engine.queries.view import View, viewing
from engine.store.tables.people import practitioners
from engine.store.tables.running import instances, timers, user_tasks


@dataclass(frozen=True, slots=True)
class RunningTask:
    """An open task, with the version that a change is to name."""

    task_id: UUID
    name: str
    holder: str
    due_on: date | None
    version: int


@dataclass(frozen=True, slots=True)
class RunningTimer:
    """A timer that waits: the name of its element, when it fires (aware UTC)."""

    timer_id: UUID
    name: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class RunningProcess:
    """A diagram that runs; `may_stop` whether it is one that is stopped by hand, `may_move` whether moved on."""

    instance_id: UUID
    name: str
    started_at: datetime
    may_stop: bool
    may_move: bool
    tasks: tuple[RunningTask, ...]
    timers: tuple[RunningTimer, ...]


def of_case(engine: ProcessEngine, *, actor: Actor, case_id: UUID) -> tuple[RunningProcess, ...]:
    """Return what runs on a case, the oldest first. Raises `NotFound`, `NotPermitted` for who does not put it right."""
    with viewing(engine, actor) as view:
        if not permissions.may_appoint_interim(actor, visibility.require_case(view, case_id)):
            raise NotPermitted("The line manager of who leads, or a coordinator, puts this right")
        rows = view.connection.execute(
            sa.select(instances)
            .where(instances.c.case_id == case_id, instances.c.status != "ended")
            .order_by(instances.c.started_at, instances.c.id)
        ).all()
        return tuple(_process(view, row) for row in rows)


def _process(view: View, row: Any) -> RunningProcess:
    definition = view.process(row.definition_id)
    names = {key: info.name for each in definition.family.values() for key, info in each.items()}
    return RunningProcess(
        instance_id=row.id,
        name=definition.name or row.process_key,
        started_at=row.started_at,
        may_stop=row.process_key not in NEVER_STOPPED,
        may_move=row.process_key not in PROTECTING,
        tasks=tuple(_tasks(view, row.id)),
        timers=tuple(
            RunningTimer(each.id, names.get(each.element_id) or each.element_id, each.due_at)
            for each in view.connection.execute(_TIMERS, {"instance": row.id})
        ),
    )


def _tasks(view: View, instance_id: UUID) -> list[RunningTask]:
    rows = view.connection.execute(_TASKS, {"instance": instance_id})
    return [RunningTask(row.id, view.said(row.name), row.holder or "", row.due_on, row.version) for row in rows]


_TASKS = (
    sa.select(user_tasks, practitioners.c.name.label("holder"))
    .outerjoin(practitioners, practitioners.c.id == user_tasks.c.assignee_id)
    .where(user_tasks.c.instance_id == sa.bindparam("instance"), user_tasks.c.state == "open")
    .order_by(user_tasks.c.due_on, user_tasks.c.id)
)
_TIMERS = (
    sa.select(timers)
    .where(
        timers.c.instance_id == sa.bindparam("instance"),
        timers.c.fired_at.is_(None),
        timers.c.cancelled_at.is_(None),
    )
    .order_by(timers.c.due_at, timers.c.id)
)
