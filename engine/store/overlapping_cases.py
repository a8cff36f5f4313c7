"""The other open cases of the same child, and who answers for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from engine.store.tables.access import case_restrictions
from engine.store.tables.people import practitioners
from engine.store.tables.record import case_members, cases, children, lead_professionals


@dataclass(frozen=True, slots=True)
class OverlappingCase:
    """An open case of the same child; `lead` is a name, empty while nobody leads.

    `answerable` is the lead, or who assesses while nobody leads; None when there is neither.
    """

    id: UUID
    reference: str
    lead: str
    answerable: UUID | None


def overlapping_cases(connection: sa.Connection, authority_id: UUID, case_id: UUID) -> Sequence[OverlappingCase]:
    """Return the other open cases of a case's child: the same record, or one of the same name and birthday.

    Never a restricted one: nobody is to learn by a list that it is there. The coordinators hear of it instead.
    """
    other, mine = children.alias("other"), children.alias("mine")
    same = sa.or_(
        other.c.id == mine.c.id,
        (other.c.folded_name == mine.c.folded_name)
        & sa.func.coalesce(other.c.born_on, other.c.expected_on).is_not_distinct_from(
            sa.func.coalesce(mine.c.born_on, mine.c.expected_on)
        ),
    )
    assessor = (
        sa.select(case_members.c.practitioner_id)
        .where(case_members.c.case_id == cases.c.id, case_members.c.role == "assessor", case_members.c.to_on.is_(None))
        .order_by(case_members.c.practitioner_id)
        .limit(1)
        .scalar_subquery()
    )
    answerable = sa.func.coalesce(lead_professionals.c.practitioner_id, assessor).label("answerable")
    rows = connection.execute(
        sa.select(cases.c.id, cases.c.reference, practitioners.c.name.label("lead"), answerable)
        .join(other, other.c.id == cases.c.child_id)
        .join(mine, mine.c.id == sa.select(cases.c.child_id).where(cases.c.id == case_id).scalar_subquery())
        .outerjoin(
            lead_professionals,
            (lead_professionals.c.case_id == cases.c.id) & lead_professionals.c.to_on.is_(None),
        )
        .outerjoin(practitioners, practitioners.c.id == lead_professionals.c.practitioner_id)
        .where(cases.c.authority_id == authority_id, cases.c.id != case_id, cases.c.closed_on.is_(None), same)
        .where(~sa.exists().where(case_restrictions.c.case_id == cases.c.id, case_restrictions.c.lifted_at.is_(None)))
        .order_by(cases.c.opened_on, cases.c.id)
    )
    return [OverlappingCase(row.id, row.reference, row.lead or "", row.answerable) for row in rows]
