"""What was raised about a case: safeguarding concerns, escalations with why, incidents. Never for a family's copy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.dmn.results import ROW, told_source
from engine.dmn.tables import DecisionTable
from engine.queries import words
from engine.queries.view import View
from engine.store.tables.people import practitioners
from engine.store.tables.record import concerns, escalations, evaluations
from engine.store.tables.running import definitions, incidents

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
class Tested:
    """Something that a row looked at: the column's heading, and the value it had, in words."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class WhyRow:
    """A row of the rules that matched: what the table calls it, where it comes from, and the values it tested.

    `inputs` has them by input expression, `tested` in words for people.
    """

    row: str
    description: str
    inputs: Mapping[str, Any]
    tested: tuple[Tested, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """The version of a rules file that judged a case, and when."""

    name: str
    file: str
    version: int
    judged_at: datetime


@dataclass(frozen=True, slots=True)
class Escalation:
    """A reason that holds now. `rows` are those of the latest evaluation that gave it, by `rules`."""

    reason: str
    sentence: str
    level: str
    addressee: str
    since: date
    rows: tuple[WhyRow, ...]
    definition_id: UUID | None
    rules: Rules | None


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
    latest = view.connection.execute(_LATEST, {"case": case_id}).first()
    matched = latest.result.get("matched", ()) if latest else ()
    table = _table(view, latest.definition_id) if latest else None
    rules = Rules(latest.name or latest.key, latest.file, latest.version, latest.at) if latest else None
    return tuple(
        Escalation(
            reason=row.reason,
            sentence=words.sentence(view.said(row.sentence) or words.plain(row.reason)),
            level=row.level,
            addressee=row.addressee,
            since=row.first_true_on,
            rows=tuple(_why(view, each, table) for each in matched if each["outputs"].get("reason") == row.reason),
            definition_id=latest.definition_id if latest else None,
            rules=rules,
        )
        for row in rows
    )


_LATEST = (
    sa.select(
        evaluations.c.result, evaluations.c.definition_id, evaluations.c.at,
        definitions.c.name, definitions.c.key, definitions.c.file, definitions.c.version,
    )
    .join(definitions, definitions.c.id == evaluations.c.definition_id)
    .where(evaluations.c.case_id == sa.bindparam("case", type_=sa.Uuid), evaluations.c.decision == DECISION)
    .order_by(evaluations.c.at.desc(), evaluations.c.id.desc())
    .limit(1)
)  # fmt: skip


def _table(view: View, definition_id: UUID) -> DecisionTable | None:
    """Return the escalation table of deployed rules; None when the decision is no plain table."""
    decision = view.engine.library.rules(view.connection, definition_id).decision(DECISION)
    return decision.logic if isinstance(decision.logic, DecisionTable) else None


def _why(view: View, row: Mapping[str, Any], table: DecisionTable | None) -> WhyRow:
    """Keep of the inputs those that the row tests: a table has a column for everything any of its rows looks at."""
    number = row["row"]
    columns = table.columns if table else ()
    anything = {column.expression for column in columns if column.always >> (number - 1) & 1}
    headings = {column.expression: column.label for column in columns if column.label}
    inputs = {text: value for text, value in row["inputs"].items() if text not in anything}
    tested = tuple(
        Tested(headings.get(text) or words.plain(text), words.value(value, today=view.today))
        for text, value in inputs.items()
    )
    return WhyRow(row["annotations"].get(ROW) or str(number), told_source(row), inputs, tested)


def incidents_of(view: View, case_id: UUID) -> tuple[CaseIncident, ...]:
    """Return what has stopped on this case, the oldest first."""
    rows = view.connection.execute(
        sa.select(incidents.c.id, incidents.c.message, incidents.c.opened_at)
        .where(incidents.c.case_id == case_id, incidents.c.resolved_at.is_(None))
        .order_by(incidents.c.opened_at, incidents.c.id)
    )
    return tuple(CaseIncident(row.id, words.sentence(row.message), row.opened_at) for row in rows)
