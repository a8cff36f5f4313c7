"""What was raised about a case: safeguarding concerns, escalations with why, incidents. Never for a family's copy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.dmn.tables import DecisionTable
from engine.queries import words
from engine.queries.view import View
from engine.store.tables.people import practitioners
from engine.store.tables.record import concerns, escalations, evaluations
from engine.store.tables.running import incidents

DECISION = "escalation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """A safeguarding concern; open until social care's answer is recorded."""

    concern_id: UUID
    raised_by: str
    raised_at: datetime
    harm: str
    immediate_danger: bool
    what_happened: str
    acknowledged_at: datetime | None
    accepted: bool | None
    note: str
    ended_on: date | None


@dataclass(frozen=True, slots=True)
class WhyRow:
    """A row of the rules that matched: its number, what it says of itself, and the values it tested."""

    row: int
    description: str
    inputs: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Escalation:
    """A reason that holds now. `rows` are those of the latest evaluation that gave it; `definition_id` the rules'."""

    reason: str
    sentence: str
    level: str
    addressee: str
    since: date
    rows: tuple[WhyRow, ...]
    definition_id: UUID | None


@dataclass(frozen=True, slots=True)
class CaseIncident:
    """Something of this case that stopped and waits for an operator."""

    incident_id: UUID
    sentence: str
    opened_at: datetime


def concerns_of(view: View, case_id: UUID) -> tuple[Concern, ...]:
    """Return the safeguarding concerns, the latest first."""
    rows = view.connection.execute(
        sa.select(concerns, practitioners.c.name)
        .join(practitioners, practitioners.c.id == concerns.c.raised_by)
        .where(concerns.c.case_id == case_id)
        .order_by(concerns.c.raised_at.desc(), concerns.c.id.desc())
    )
    copied = set(Concern.__dataclass_fields__) - {"concern_id", "raised_by"}
    return tuple(
        Concern(concern_id=row.id, raised_by=row.name, **{name: row._mapping[name] for name in copied}) for row in rows
    )


def escalations_of(view: View, case_id: UUID) -> tuple[Escalation, ...]:
    """Return the reasons that hold now, the oldest first, each with the rows and inputs that gave it."""
    rows = view.connection.execute(
        sa.select(escalations)
        .where(escalations.c.case_id == case_id, escalations.c.ended_on.is_(None))
        .order_by(escalations.c.first_true_on, escalations.c.id)
    ).all()
    if not rows:
        return ()
    latest = view.connection.execute(
        sa.select(evaluations.c.result, evaluations.c.definition_id)
        .where(evaluations.c.case_id == case_id, evaluations.c.decision == DECISION)
        .order_by(evaluations.c.at.desc(), evaluations.c.id.desc())
        .limit(1)
    ).first()
    matched = latest.result.get("matched", ()) if latest else ()
    table = _table(view, latest.definition_id) if latest else None
    return tuple(
        Escalation(
            reason=row.reason,
            sentence=words.sentence(row.sentence or words.plain(row.reason)),
            level=row.level,
            addressee=row.addressee,
            since=row.first_true_on,
            rows=tuple(_why(each, table) for each in matched if each["outputs"].get("reason") == row.reason),
            definition_id=latest.definition_id if latest else None,
        )
        for row in rows
    )


def _table(view: View, definition_id: UUID) -> DecisionTable | None:
    """Return the escalation table of deployed rules; None when the decision is no plain table."""
    decision = view.engine.library.rules(view.connection, definition_id).decision(DECISION)
    return decision.logic if isinstance(decision.logic, DecisionTable) else None


def _why(row: Mapping[str, Any], table: DecisionTable | None) -> WhyRow:
    """Keep of the inputs those that the row tests: a table has a column for everything any of its rows looks at."""
    number = row["row"]
    anything = {
        column.expression for column in (table.columns if table else ()) if column.always >> (number - 1) & 1
    }
    tested = {text: value for text, value in row["inputs"].items() if text not in anything}
    return WhyRow(number, row.get("description") or " ".join(row["annotations"].values()), tested)


def incidents_of(view: View, case_id: UUID) -> tuple[CaseIncident, ...]:
    """Return what has stopped on this case, the oldest first."""
    rows = view.connection.execute(
        sa.select(incidents.c.id, incidents.c.message, incidents.c.opened_at)
        .where(incidents.c.case_id == case_id, incidents.c.resolved_at.is_(None))
        .order_by(incidents.c.opened_at, incidents.c.id)
    )
    return tuple(CaseIncident(row.id, words.sentence(row.message), row.opened_at) for row in rows)
