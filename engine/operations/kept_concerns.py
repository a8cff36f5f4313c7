"""A concern that was kept although the step of a diagram that raised it was undone; the step goes on with it later."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.store import case_messages
from engine.store.incidents import resolve_for
from engine.store.tables.keeping import history
from engine.store.tables.record import concerns
from engine.store.tables.running import instances, user_tasks
from engine.work import Work

PROCESS: Final = "safeguarding_concern"


def note_kept(work: Work, concern_id: UUID, step: str) -> None:
    """Record that a concern is kept of the undone `step`."""
    work.record("concern_kept", subject=concern_id, detail={"step": step})


def kept_of(work: Work, step: str) -> UUID | None:
    """Return the concern that is kept of the undone `step` and still waits for social care's answer."""
    if not step:
        return None
    rows = work.connection.execute(_KEPT, {"case": work.case.id})
    return next((row.subject_id for row in rows if row.detail.get("step") == step), None)


_KEPT = (
    sa.select(history.c.subject_id, history.c.detail)
    .join(concerns, concerns.c.id == history.c.subject_id)
    .where(history.c.case_id == sa.bindparam("case"), history.c.kind == "concern_kept", concerns.c.ended_on.is_(None))
    .order_by(history.c.seq.desc())
)


def take_up(work: Work, concern_id: UUID, what_happened: str) -> None:
    """Let a diagram go on with a kept concern, which says now `what_happened`: who was asked besides is asked no more.

    What it said before stays in the history.
    """
    say_now(work, concern_id, what_happened)
    work.record("concern_taken_up", subject=concern_id, payload={"what_happened": what_happened})
    own = work.connection.execute(_ASKED, {"case": work.case.id})
    work.ends.extend(row.instance_id for row in own if row.variables.get("concern") == str(concern_id))
    if case_messages.drop_starts(work.connection, work.case.id, PROCESS, about=("concern", str(concern_id))):
        resolve_for(work.connection, at=work.at, case_id=work.case.id, kind="start", element_id=PROCESS)


def say_now(work: Work, concern_id: UUID, what_happened: str) -> None:
    """Let a kept concern say `what_happened`, when that is something else than before."""
    other = (concerns.c.id == concern_id) & (concerns.c.what_happened != what_happened)
    if not what_happened:
        return
    if work.connection.execute(sa.update(concerns).where(other).values(what_happened=what_happened)).rowcount:
        work.record("concern_rewritten", subject=concern_id, payload={"what_happened": what_happened})


_ASKED = (
    sa.select(user_tasks.c.instance_id, user_tasks.c.variables)
    .join(instances, instances.c.id == user_tasks.c.instance_id)
    .where(
        user_tasks.c.case_id == sa.bindparam("case"), user_tasks.c.state == "open", instances.c.process_key == PROCESS
    )
    .order_by(user_tasks.c.id)
)
