"""What people have said about a task, oldest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from engine.queries import consent_limits
from engine.queries.view import View
from engine.store import kept_addresses
from engine.store.tables.keeping import history, history_payloads
from engine.store.tables.people import practitioners


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment; `text` is empty when it was erased."""

    who: str
    at: datetime
    text: str


_OF_SUBJECT = (
    sa.select(practitioners.c.name, history.c.practitioner_id, history.c.recorded_at, history_payloads.c.body)
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
    """Return the comments on a task or an action; the caller has checked that the actor may see it.

    Who reads the case only as far as the family's consent goes is given their own alone: others' may say anything.
    """
    rows = view.connection.execute(_OF_SUBJECT, {"case_id": case_id, "subject": subject}).all()
    if rows and consent_limits.is_partly_kept(view, case_id):
        rows = [row for row in rows if row.practitioner_id == view.actor.practitioner_id]
    said = tuple(Comment(row.name, row.recorded_at, str((row.body or {}).get("why") or "")) for row in rows)
    return kept_addresses.left_out(view, case_id, said)
