"""Raise a safeguarding concern: from anywhere, at any time, past every gate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.acts import advance, settle, start_process
from engine.bpmn import ProcessDefinition
from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import NotPermitted
from engine.operations import concerns
from engine.process_engine import ProcessEngine
from engine.store import locking, running
from engine.store.tables.keeping import history
from engine.store.tables.running import user_tasks
from engine.work import Work, open_work

PROCESS = "safeguarding_concern"


def raise_concern(
    engine: ProcessEngine,
    *,
    actor: Actor,
    case_id: UUID,
    answers: Mapping[str, Any],
    request_key: str | None = None,
) -> UUID:
    """Keep a concern about the child of a case and start its process; return the concern's id.

    Nothing in `answers` is required and the case may even be closed; who may raise one need not be on the
    case. Raises `NotFound` for another authority's case, `NotPermitted`.
    """
    if not permissions.may_raise_concern(actor):
        raise NotPermitted("Ring social care yourself; your account cannot record a concern here.")
    with engine.sessions.act() as connection:
        case = locking.case(connection, case_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now(), request_key=request_key)
        first = _first(connection, actor, request_key)
        if first is not None:
            return first
        concern_id = concerns.open_concern(work, answers, raised_by=actor.practitioner_id)
        danger = answers.get("immediate_danger") in (True, "yes", "true")
        instance_id = start_process(work, PROCESS, {"immediate_danger": danger})
        if answers.get("what_happened"):
            _close_writing_task(work, instance_id, danger=danger)
        settle(work)
    return concern_id


def _close_writing_task(work: Work, instance_id: UUID, *, danger: bool) -> None:
    """Complete the process's own writing-down task: what it asks was just told, and nobody is asked twice."""
    line = locking.instance(work.connection, instance_id)
    definition = work.engine.library.process(work.connection, line.definition_id)
    task = _writing_task(work, definition, instance_id)
    if task is None:
        return
    actor = work.actor.practitioner_id if work.actor else None
    running.close_task(work.connection, task.id, was=task.version, at=work.at, by=actor)
    work.record("task_completed", subject=task.id, detail={"element": task.element_id})
    advance(work, line, lambda instance: instance.complete(task.id, {"immediate_danger": danger}))


def _writing_task(work: Work, definition: ProcessDefinition, instance_id: UUID) -> Any:
    rows = work.connection.execute(
        sa.select(user_tasks.c.id, user_tasks.c.process_key, user_tasks.c.element_id, user_tasks.c.version).where(
            user_tasks.c.instance_id == instance_id, user_tasks.c.state == "open"
        )
    )
    writing = (row for row in rows if definition.element(row.process_key, row.element_id).operation == "raise_concern")
    return next(writing, None)


def _first(connection: sa.Connection, actor: Actor, request_key: str | None) -> UUID | None:
    """Return the concern that this very request has already raised."""
    if request_key is None:
        return None
    return connection.execute(
        sa.select(history.c.subject_id).where(
            history.c.authority_id == actor.authority_id, history.c.request_key == request_key
        )
    ).scalar()
