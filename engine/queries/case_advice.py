"""How a plan came to be as it is: when it was looked at anew, what social care advised, what was disagreed about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.queries.view import View
from engine.store.tables.changes import consultations, disagreements, plan_changes
from engine.store.tables.people import practitioners


@dataclass(frozen=True, slots=True)
class PlanLook:
    """A day on which lead and family looked at the plan anew; `changed` unless they agreed that it stays."""

    decided_on: date
    changed: bool
    why: str
    family_view: str


@dataclass(frozen=True, slots=True)
class Consultation:
    """Advice asked of social care; `named` with the family's yes. `asked_on` is None while it is still to be asked.

    `next_step` and its day are empty where the advice was to refer.
    """

    consent: str
    named: bool
    asked_whom: str
    asked_on: date | None
    advice: str
    next_step: str
    next_step_on: date | None


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A disagreement between professionals, who disagree about what, who settles it, and what came of it."""

    about: str
    raised_by: str
    other_side: str
    raised_on: date
    with_whom: str
    outcome: str
    settled_on: date | None


_WITH: Final = {
    "practitioners": "the two of them",
    "managers": "both line managers",
    "senior_officers": "senior officers",
}
_raiser, _other = practitioners.alias("raiser"), practitioners.alias("other_one")


def looks(view: View, case_id: UUID) -> tuple[PlanLook, ...]:
    """Return when the plan was looked at anew, the latest first."""
    rows = view.connection.execute(_LOOKS, {"case": case_id})
    return tuple(PlanLook(row.decided_on, row.changed, row.why, row.family_view) for row in rows)


def consulted(view: View, case_id: UUID) -> tuple[Consultation, ...]:
    """Return the advice asked of social care, the latest first."""
    rows = view.connection.execute(_CONSULTED, {"case": case_id})
    return tuple(
        Consultation(
            row.consent, row.way == "named", row.asked_whom, row.asked_on, row.advice, row.next_step, row.next_step_on
        )
        for row in rows
    )


def disagreed(view: View, case_id: UUID) -> tuple[Disagreement, ...]:
    """Return the disagreements between professionals, the latest first."""
    rows = view.connection.execute(_DISAGREED, {"case": case_id})
    return tuple(_disagreement(row) for row in rows)


def _disagreement(row: Any) -> Disagreement:
    other = row.other_name or row.other_side
    return Disagreement(
        row.about, row.raiser_name or "", other, row.raised_on, _WITH[row.stage], row.outcome, row.settled_on
    )


_CASE: Final = sa.bindparam("case", type_=sa.Uuid)
_LOOKS = (
    sa.select(plan_changes)
    .where(plan_changes.c.case_id == _CASE)
    .order_by(plan_changes.c.decided_on.desc(), plan_changes.c.id.desc())
)
_CONSULTED = (
    sa.select(consultations)
    .where(consultations.c.case_id == _CASE, consultations.c.ended_on.is_(None))
    .order_by(consultations.c.id.desc())
)
_DISAGREED = (
    sa.select(disagreements, _raiser.c.name.label("raiser_name"), _other.c.name.label("other_name"))
    .outerjoin(_raiser, _raiser.c.id == disagreements.c.raised_by)
    .outerjoin(_other, _other.c.id == disagreements.c.other_side_id)
    .where(disagreements.c.case_id == _CASE)
    .order_by(disagreements.c.raised_on.desc(), disagreements.c.id.desc())
)
BY_CASE: Final = (_LOOKS, _CONSULTED, _DISAGREED)
