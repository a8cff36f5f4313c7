"""The other open cases of the same child, and who answers for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.store.folding import folded
from engine.store.tables.access import case_restrictions
from engine.store.tables.people import practitioners
from engine.store.tables.record import case_members, cases, children, lead_professionals


@dataclass(frozen=True, slots=True)
class OverlappingCase:
    """An open case of the same child; `led` says who leads it, or that nobody does yet and who assesses.

    `answerable` is the lead, or who assesses while nobody leads; None when there is neither. `sure` tells that the
    family name agrees too, or it is the very same record: a child may be called by another in each parent's home.
    """

    id: UUID
    reference: str
    child_name: str
    led: str
    answerable: UUID | None
    sure: bool


def overlapping_cases(connection: sa.Connection, authority_id: UUID, case_id: UUID) -> Sequence[OverlappingCase]:
    """Return the other open cases of a case's child, those that are sure first.

    The same record; or a child born, or expected, on the same day who is called the same, by the given name or by what
    they are known as. Never a restricted one: nobody is to learn by a list that it is there. The coordinators hear of
    it instead.
    """
    mine = connection.execute(_MINE, {"case": case_id}).one()
    day = mine.born_on or mine.expected_on
    rows = connection.execute(_OTHERS, {"case": case_id, "authority": authority_id, "child": mine.id, "day": day})
    found = [
        OverlappingCase(
            row.case_id,
            row.reference,
            f"{row.known_as or row.given_name} {row.family_name}".strip(),
            led_by(row.name if row.leads else None, row.name),
            row.answerable,
            sure=row.id == mine.id or folded(row.family_name) == folded(mine.family_name),
        )
        for row in rows
        if row.id == mine.id or _is_called_alike(mine, row)
    ]
    return sorted(found, key=lambda each: not each.sure)


def led_by(lead: str | None, assessor: str | None) -> str:
    """Say who answers for a case, by their names."""
    if lead:
        return f"led by {lead}"
    return f"nobody leads it yet, {assessor} assesses" if assessor else "nobody leads it yet"


def _is_called_alike(one: Any, other: Any) -> bool:
    """Tell whether two children share a name they are called by; those without one yet are of one family name."""
    mine, theirs = ({folded(name).strip() for name in (row.given_name, row.known_as)} - {""} for row in (one, other))
    return bool(mine & theirs) or (not mine and not theirs and folded(one.family_name) == folded(other.family_name))


_MINE: Final = sa.select(children).where(
    children.c.id == sa.select(cases.c.child_id).where(cases.c.id == sa.bindparam("case")).scalar_subquery()
)
_ASSESSOR: Final = (
    sa.select(case_members.c.practitioner_id)
    .where(case_members.c.case_id == cases.c.id, case_members.c.role == "assessor", case_members.c.to_on.is_(None))
    .order_by(case_members.c.practitioner_id)
    .limit(1)
    .scalar_subquery()
)
ANSWERABLE: Final = sa.func.coalesce(lead_professionals.c.practitioner_id, _ASSESSOR)
"""Who leads a row of `cases`, or assesses while nobody does; with `lead_professionals` joined as it is now."""
_OTHERS: Final = (
    sa.select(
        children.c.id, children.c.given_name, children.c.family_name, children.c.known_as,
        cases.c.id.label("case_id"), cases.c.reference, practitioners.c.name,
        lead_professionals.c.id.is_not(None).label("leads"), ANSWERABLE.label("answerable"),
    )
    .join(cases, cases.c.child_id == children.c.id)
    .outerjoin(lead_professionals, (lead_professionals.c.case_id == cases.c.id) & lead_professionals.c.to_on.is_(None))
    .outerjoin(practitioners, practitioners.c.id == ANSWERABLE)
    .where(
        cases.c.authority_id == sa.bindparam("authority"),
        cases.c.id != sa.bindparam("case"),
        cases.c.closed_on.is_(None),
        sa.or_(
            children.c.id == sa.bindparam("child"),
            sa.func.coalesce(children.c.born_on, children.c.expected_on) == sa.bindparam("day", type_=sa.Date),
        ),
        ~sa.exists().where(case_restrictions.c.case_id == cases.c.id, case_restrictions.c.lifted_at.is_(None)),
    )
    .order_by(cases.c.opened_on, cases.c.id)
)  # fmt: skip
