"""What a case is linked with: other cases, those brought into it or the one it became part of; a plan that leads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.queries import visibility
from engine.queries.view import View
from engine.store.tables.access import case_restrictions
from engine.store.tables.changes import case_links
from engine.store.tables.people import practitioners
from engine.store.tables.record import cases, lead_professionals


@dataclass(frozen=True, slots=True)
class LinkedCase:
    """A case linked by a merge: `continues` when the plan goes on there, `may_open` when the reader may see it.

    `ring` is who leads the plan that goes on and their telephone, for whoever worked on the case that closed.
    """

    case_id: UUID
    reference: str
    linked_on: date
    continues: bool
    may_open: bool
    ring: str


@dataclass(frozen=True, slots=True)
class LeadingPlan:
    """Another service's plan that leads for the child: which, in words, and who coordinates it, as was written down."""

    plan: str
    key_worker: str


_PLANS: Final = {
    "disability": "plan for a disability or health need",
    "sen": "plan for special educational needs",
    "looked_after": "plan for a looked-after child",
    "youth_offending": "plan of the youth offending service",
    "child_protection": "child protection plan",
    "child_in_need": "child in need plan",
}


def leading_plan(case: Any) -> LeadingPlan | None:
    """Return the plan that leads for the child of a row of `cases`, None when that is the case's own."""
    return None if case.linked_plan == "none" else LeadingPlan(_PLANS[case.linked_plan], case.key_worker)


def of_case(view: View, case_id: UUID) -> tuple[LinkedCase, ...]:
    """Return the cases linked with a case, the oldest link first."""
    rows = view.connection.execute(_LINKED, {"case": case_id}).all()
    seen = visibility.visible(view, [row.id for row in rows])
    return tuple(
        LinkedCase(row.id, row.reference, row.linked_on, row.linked_id == row.id, row.id in seen, _whom_to_ring(row))
        for row in rows
    )


def _whom_to_ring(row: Any) -> str:
    """Say who leads where the plan goes on; nothing of a case that was brought into another, or is restricted."""
    return ", ".join(part for part in (row.name, row.phone) if part) if row.linked_id == row.id else ""


_LEADS: Final = lead_professionals.c.to_on.is_(None) & ~sa.exists().where(
    case_restrictions.c.case_id == cases.c.id, case_restrictions.c.lifted_at.is_(None)
)
_CASE: Final = sa.bindparam("case", type_=sa.Uuid)
_LINKED = (
    sa.select(
        cases.c.id, cases.c.reference, case_links.c.linked_on, case_links.c.linked_id,
        practitioners.c.name, practitioners.c.phone,
    )
    .join(
        case_links,
        cases.c.id == sa.case((case_links.c.case_id == _CASE, case_links.c.linked_id), else_=case_links.c.case_id),
    )
    .outerjoin(lead_professionals, (lead_professionals.c.case_id == cases.c.id) & _LEADS)
    .outerjoin(practitioners, practitioners.c.id == lead_professionals.c.practitioner_id)
    .where(sa.or_(case_links.c.case_id == _CASE, case_links.c.linked_id == _CASE))
    .order_by(case_links.c.linked_on, case_links.c.id)
)  # fmt: skip
BY_CASE: Final = (_LINKED,)
