"""Erase what is personal in a past event for good, when a person has the right to it; the proof of history stays."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor, may_erase
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.process_engine import ProcessEngine
from engine.store import history, locking
from engine.store.tables.keeping import history as events
from engine.store.tables.running import deployments, task_drafts
from engine.work import Work, open_work


def erase(engine: ProcessEngine, *, actor: Actor, event_id: UUID, why: str) -> None:
    """Erase the personal payload of an event, with the drafts of the task it completed or the note of its deployment.

    History keeps that it was done.

    What the event led to in the record (a plan, an assessment) is for the people of the case to correct. `caf verify`
    still holds, as the chain covers a digest alone. Raises `NotFound`, `NotPermitted`, `Invalid` without a reason,
    `Conflict` when there is nothing personal to erase.
    """
    if not may_erase(actor):
        raise NotPermitted("An administrator erases personal details")
    if not why.strip():
        raise Invalid("Say why this may and must be erased", field="why")
    with engine.sessions.act() as connection:
        event = connection.execute(
            sa.select(events).where(events.c.id == event_id, events.c.authority_id == actor.authority_id)
        ).first()
        if event is None:
            raise NotFound("There is no such entry", event_id=event_id)
        case = locking.case(connection, event.case_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now())
        if not history.erase(connection, event_id, at=work.at):
            raise Conflict("This entry holds nothing personal, or it was erased already", event_id=event_id)
        if event.subject_id is not None and event.kind != "comment_added":
            _erase_copies(work, event.subject_id)
        detail = {"seq": event.seq, "kind": event.kind}
        work.record("payload_erased", subject=event_id, detail=detail, payload={"why": why.strip()})
        work.finish()


def _erase_copies(work: Work, subject_id: UUID) -> None:
    """Empty the drafts of a task, which hold what its answers held, or the note of a deployment."""
    work.connection.execute(sa.update(task_drafts).where(task_drafts.c.task_id == subject_id).values(answers={}))
    work.connection.execute(sa.update(deployments).where(deployments.c.id == subject_id).values(note=""))
