"""Two CAFs that do not become one after all: the other case closed first, or both go on; who asked hears of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.operations import other_cases
from engine.store import people
from engine.store.tables.record import cases, lead_professionals
from engine.store.tables.running import user_tasks
from engine.work import Work

OTHER_CLOSED: Final = "other_caf_closed"
"""The message to the diagram of a merge whose other case has closed: there is nothing left to bring together."""


THIS_CLOSED: Final = "One of two CAFs of a child has closed: there is nothing to bring together"


def let_merges_go(work: Work) -> None:
    """Queue word for each case on which it is open whether this one, which closes, becomes one with it.

    When that is open on this one itself, who was asked hears at once that the question goes with it.
    """
    waiting = sa.select(user_tasks.c.case_id).where(
        user_tasks.c.authority_id == work.authority.id,
        user_tasks.c.state == "open",
        user_tasks.c.variables["other_case"].as_string() == str(work.case.id),
    )
    found = sorted(set(work.connection.execute(waiting).scalars()))
    other_cases.tell(work, OTHER_CLOSED, {case_id: {} for case_id in found})
    for other in work.connection.execute(_OPEN_HERE, {"case": work.case.id}).scalars():
        tell_not_merged(work, {"subject": THIS_CLOSED}, {"other_case": other})


def tell_not_merged(work: Work, inputs: Mapping[str, Any], variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Tell who leads or assesses each of the two cases that is open, and the coordinators, that there is no merge.

    The diagram's `subject` says why.
    """
    subject = str(inputs.get("subject") or "Two CAFs of a child do not become one")
    facts = work.facts()
    lead = facts["lead_professional"] or facts["assessor"]
    told = dict.fromkeys([*([UUID(lead)] if lead else []), *people.with_role(*_coordinators(work))], work.case.id)
    other = work.connection.execute(_OTHER_LEAD, {"case": UUID(str(variables["other_case"]))}).first()
    if other is not None:
        told.setdefault(other.practitioner_id, other.case_id)
    for each, about in told.items():
        work.send(each, subject=subject, about=about)
    work.record("not_merged", detail={"told": len(told)}, why=subject)
    return {}


def _coordinators(work: Work) -> tuple[sa.Connection, UUID, str]:
    return work.connection, work.authority.id, "coordinator"


_OPEN_HERE = (
    sa.select(user_tasks.c.variables["other_case"].as_string())
    .where(user_tasks.c.case_id == sa.bindparam("case", type_=sa.Uuid), user_tasks.c.state == "open")
    .where(user_tasks.c.variables["other_case"].as_string().is_not(None))
)
_OTHER_LEAD = (
    sa.select(lead_professionals.c.practitioner_id, lead_professionals.c.case_id)
    .join(cases, cases.c.id == lead_professionals.c.case_id)
    .where(
        lead_professionals.c.case_id == sa.bindparam("case", type_=sa.Uuid),
        lead_professionals.c.to_on.is_(None),
        cases.c.closed_on.is_(None),
    )
)
