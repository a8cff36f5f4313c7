"""Who works on a case themselves, rather than by their office."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from engine.store.sets import among
from engine.store.tables.people import practitioners
from engine.store.tables.record import case_members, lead_professionals


def works_on(connection: sa.Connection, case_id: UUID, practitioner_id: UUID) -> bool:
    """Tell whether somebody leads a case, assesses it or is of its team now: covering who does is no work on it."""
    ways = [
        sa.select(held.c.case_id).where(
            held.c.case_id == case_id, held.c.to_on.is_(None), held.c.practitioner_id == practitioner_id
        )
        for held in (lead_professionals, case_members)
    ]
    return connection.execute(sa.union_all(*ways).limit(1)).first() is not None


def near(
    connection: sa.Connection, case_id: UUID, people: Sequence[UUID], *, holder: UUID | None
) -> frozenset[UUID]:
    """Return those of `people` who work on a case, or are of the agency of who has a task on it."""
    asked = {"case": case_id, "ids": list(people), "holder": holder}
    return frozenset(connection.execute(_NEAR, asked).scalars())


_CASE, _HOLDER = sa.bindparam("case", type_=sa.Uuid), sa.bindparam("holder", type_=sa.Uuid)
_AGENCY = sa.select(practitioners.c.agency_id).where(practitioners.c.id == _HOLDER).scalar_subquery()
_NEAR = sa.select(practitioners.c.id).where(
    among(practitioners.c.id),
    sa.or_(
        practitioners.c.agency_id == _AGENCY,
        *(
            practitioners.c.id.in_(
                sa.select(held.c.practitioner_id).where(held.c.case_id == _CASE, held.c.to_on.is_(None))
            )
            for held in (lead_professionals, case_members)
        ),
    ),
)
