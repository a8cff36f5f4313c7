"""Closing a case: with a reason, everything that runs beside it ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa

from engine.errors import Invalid
from engine.operations.reading import text
from engine.store.tables.record import (
    action_plans,
    case_members,
    cases,
    consents,
    escalations,
    lead_professionals,
    manager_discussions,
)
from engine.work import Work

CONCERN_OPEN: Final = (
    "The case cannot close while a safeguarding concern is open. Record social care's answer first, then close it"
)


def close_case(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep why the case closes; gives back `closure_reason`. The record itself closes with `close_record`.

    Raises `Invalid` while a safeguarding concern waits for its answer, before anything is kept.
    """
    refuse_over_concern(work, "reason")
    reason = text(answers, "reason")
    work.record("closure_agreed", detail={"reason": reason}, payload={"why": text(answers, "summary")})
    return {"closure_reason": reason}


def refuse_over_concern(work: Work, field: str) -> None:
    """Raise `Invalid` for the answer `field`, which would close the case, while a safeguarding concern is open."""
    if work.facts()["concern_open"]:
        raise Invalid(CONCERN_OPEN, field=field)


def close_record(work: Work, inputs: Mapping[str, Any], variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Close the case record: read-only from now on, nobody leads it, nothing is due on it.

    Raises `Invalid` while a safeguarding concern waits for its answer.
    """
    if work.facts()["concern_open"]:
        raise Invalid(CONCERN_OPEN)
    reason = text({**variables, **inputs}, "closure_reason") or "needs_met"
    for table in (lead_professionals, case_members, consents):
        _end(work, table, "to_on")
    for table in (action_plans, manager_discussions, escalations):
        _end(work, table, "ended_on")
    work.connection.execute(
        sa.update(cases).where(cases.c.id == work.case.id).values(closed_on=work.today, closure_reason=reason)
    )
    work.closes = True
    work.changed()
    work.record("case_closed", detail={"reason": reason})
    return {}


def _end(work: Work, table: sa.Table, column: str) -> None:
    work.connection.execute(
        sa.update(table).where(table.c.case_id == work.case.id, table.c[column].is_(None)).values({column: work.today})
    )
