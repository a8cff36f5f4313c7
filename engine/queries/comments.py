"""What people have said about a task, oldest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from engine.queries.view import View
from engine.store.tables.keeping import history, history_payloads
from engine.store.tables.people import practitioners


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment; `text` is empty when it was erased."""

    who: str
    at: datetime
    text: str


_OF_SUBJECT = (
    sa.select(practitioners.c.name, history.c.recorded_at, history_payloads.c.body)
    .select_from(
        history.join(history_payloads, history_payloads.c.event_id == history.c.id).join(
            practitioners, practitioners.c.id == history.c.practitioner_id
        )
    )
    .where(
        history.c.case_id == sa.bindparam("case_id", type_=sa.Uuid),
        history.c.kind == "comment_added",
        history.c.subject_id == sa.bindparam("subject", type_=sa.Uuid),
    )
    .order_by(history.c.seq)
)


def about(view: View, case_id: UUID, subject: UUID) -> tuple[Comment, ...]:
    """Return the comments on a task or an action; the caller has checked that the actor may see it."""
    rows = view.connection.execute(_OF_SUBJECT, {"case_id": case_id, "subject": subject})
    return tuple(Comment(row.name, row.recorded_at, str((row.body or {}).get("why") or "")) for row in rows)
