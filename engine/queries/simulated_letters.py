"""Which letters pretend people have still to hand over or post, and who does. Never used by pages."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.process_engine import ProcessEngine
from engine.queries import waiting_letters
from engine.store.tables.meetings import letters
from engine.store.tables.record import case_members, cases, lead_professionals


def written_after(engine: ProcessEngine, after: UUID) -> list[tuple[UUID, UUID]]:
    """Return letters not sent yet, made after the one with the id `after`: id and case, in order; ids grow with time.

    Not invitations: whoever records what the family answers says in that task how each reached them.
    """
    with engine.sessions.read() as connection:
        return [(row.id, row.case_id) for row in connection.execute(_WRITTEN, {"after": after})]


def to_be_given(engine: ProcessEngine, case_id: UUID, *, today: date) -> tuple[UUID | None, tuple[UUID, ...]]:
    """Return who leads a case, or assesses while nobody leads, and its letters that wait to be sent, the oldest first.

    No letters of a case that is closed, or that nobody leads or assesses.
    """
    with engine.sessions.read() as connection:
        found = waiting_letters.ids(connection, case_id, today=today)
        who = connection.execute(_GIVER, {"case": case_id}).scalar() if found else None
        return who, tuple(reversed(found)) if who else ()


_CASE: Final = sa.bindparam("case", type_=sa.Uuid)
_WRITTEN: Final = (
    sa.select(letters.c.id, letters.c.case_id)
    .where(
        letters.c.id > sa.bindparam("after", type_=sa.Uuid),
        letters.c.sent_on.is_(None),
        letters.c.kind != "invitation",
    )
    .order_by(letters.c.id)
)
_ASSESSOR: Final = (
    sa.select(case_members.c.practitioner_id)
    .where(case_members.c.case_id == _CASE, case_members.c.role == "assessor", case_members.c.to_on.is_(None))
    .order_by(case_members.c.id.desc())
    .limit(1)
)
_GIVER: Final = (
    sa.select(sa.func.coalesce(lead_professionals.c.practitioner_id, _ASSESSOR.scalar_subquery(), type_=sa.Uuid))
    .select_from(cases)
    .outerjoin(
        lead_professionals, (lead_professionals.c.case_id == cases.c.id) & lead_professionals.c.to_on.is_(None)
    )
    .where(cases.c.id == _CASE, cases.c.closed_on.is_(None))
)
