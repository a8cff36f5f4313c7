"""What people have said about what is late on cases: why, or what is being done, and by when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from engine.queries.view import View
from engine.store import kept_addresses
from engine.store.sets import among
from engine.store.tables.boards import late_answers
from engine.store.tables.keeping import history_payloads
from engine.store.tables.people import practitioners


@dataclass(frozen=True, slots=True)
class LateAnswer:
    """Why something is late or what is being done; `by_on` is when it should be put right. `said` is "" once erased."""

    said: str
    who: str
    on: date
    by_on: date | None


def of_cases(view: View, case_ids: Sequence[UUID]) -> dict[UUID, LateAnswer]:
    """Return, by case, what was said last; the caller has checked that the actor may see the cases."""
    rows = view.connection.execute(_LATEST, {"ids": list(case_ids)})
    found = {
        row.case_id: LateAnswer(str((row.body or {}).get("why") or ""), row.name, row.written_on, row.by_on)
        for row in rows
    }
    for case_id in kept_addresses.with_secret(view, list(found)):
        found[case_id] = kept_addresses.left_out(view, case_id, found[case_id])
    return found


_LATEST = (
    sa.select(
        late_answers.c.case_id, late_answers.c.written_on, late_answers.c.by_on, practitioners.c.name,
        history_payloads.c.body,
    )
    .select_from(
        late_answers.join(practitioners, practitioners.c.id == late_answers.c.practitioner_id).outerjoin(
            history_payloads, history_payloads.c.event_id == late_answers.c.event_id
        )
    )
    .where(among(late_answers.c.case_id), late_answers.c.replaced_on.is_(None))
)  # fmt: skip
