"""How open cases stand: worked out of the record set-wise, and kept for the boards to read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from engine.casework.severity import HARM, SILENT, STATES, VACANT, escalation_state, harm_of
from engine.casework.stages import PAUSED, WITH_GROUP
from engine.store.escalations import LATE_SINCE
from engine.store.sets import among
from engine.store.tables.boards import stage_spells, standings
from engine.store.tables.changes import case_pauses, family_searches
from engine.store.tables.record import (
    case_members,
    cases,
    escalations,
    lead_professionals,
    mag_referrals,
    plan_actions,
    reviews,
)
from engine.store.tables.running import instances, user_tasks

StageOf = Callable[[Sequence[tuple[UUID, Sequence[str]]]], str]
"""Tells the stage of a case by its running processes, each as its definition's id and the steps it stands at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStanding:
    """How an open case stands; fields as the columns of `standings`."""

    case_id: UUID
    authority_id: UUID
    version: int
    stage: str
    holder_id: UUID | None
    harm: int
    escalated: int
    escalated_on: date | None
    due_on: date | None
    vacant: bool
    worse: bool
    silent: bool


def behind(connection: sa.Connection, versions: Mapping[UUID, int]) -> list[UUID]:
    """Return the cases, of case id -> version now, whose standing is not kept as of that version.

    All that a standing rests on moves its case's version, so the others need not be worked out. A release that
    tells stages otherwise must empty the table.
    """
    kept = dict(connection.execute(_KEPT_AT, {"ids": list(versions)}).all()) if versions else {}
    return [case_id for case_id, version in versions.items() if kept.get(case_id) != version]


_KEPT_AT = sa.select(standings.c.case_id, standings.c.version).where(among(standings.c.case_id))


def work_out(connection: sa.Connection, case_ids: Sequence[UUID], stage_of: StageOf) -> list[CaseStanding]:
    """Return how each of these cases stands that is open and a child's, out of the record as it is now."""
    if not case_ids:
        return []
    asked = {"ids": list(case_ids)}
    reasons: dict[UUID, list[Any]] = defaultdict(list)
    for reason in connection.execute(_REASONS, asked):
        reasons[reason.case_id].append(reason)
    steps: dict[UUID, list[tuple[UUID, Sequence[str]]]] = defaultdict(list)
    for step in connection.execute(_STEPS, asked):
        steps[step.case_id].append((step.definition_id, step.current))
    return [_standing(row, reasons[row.id], stage_of, steps[row.id]) for row in connection.execute(_RECORD, asked)]


def _standing(
    row: Any, reasons: Sequence[Any], stage_of: StageOf, steps: Sequence[tuple[UUID, Sequence[str]]]
) -> CaseStanding:
    named = {reason.reason for reason in reasons}
    return CaseStanding(
        case_id=row.id,
        authority_id=row.authority_id,
        version=row.version,
        stage=PAUSED if row.paused else WITH_GROUP if row.with_group else stage_of(steps),
        holder_id=row.lead_id or row.assessor_id,
        harm=min((harm_of(each.reason, each.level) for each in reasons), default=len(HARM)),
        escalated=min(
            (STATES.index(escalation_state(each.reason, each.level)) for each in reasons),
            default=STATES.index("not_due"),
        ),
        escalated_on=min((each.since_on for each in reasons), default=None),
        due_on=min((each for each in (row.task_due_on, row.action_due_on) if each), default=None),
        vacant=bool(named & VACANT),
        worse=row.last_outcome == "worse",
        silent=bool(named & SILENT) or row.not_found,
    )


def _one(column: sa.Column[Any], *where: sa.ColumnElement[bool], latest: Any = None) -> sa.Label[Any]:
    table: Any = column.table
    query = sa.select(column).where(table.c.case_id == cases.c.id, *where).correlate(cases)
    query = query.order_by(*latest) if latest is not None else query
    return query.limit(1).scalar_subquery().label(None)


def _least(column: sa.Column[Any], *where: sa.ColumnElement[bool]) -> sa.Label[Any]:
    table: Any = column.table
    query = sa.select(sa.func.min(column)).where(table.c.case_id == cases.c.id, *where)
    return query.correlate(cases).scalar_subquery().label(None)


def _any(table: sa.Table, *where: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.exists().where(table.c.case_id == cases.c.id, *where)


_RECORD = sa.select(
    cases.c.id,
    cases.c.authority_id,
    cases.c.version,
    _least(user_tasks.c.due_on, user_tasks.c.state == sa.literal_column("'open'")).label("task_due_on"),
    # From the first date: moving a date does not make an action less late.
    _least(plan_actions.c.first_due_on, plan_actions.c.closed_on.is_(None)).label("action_due_on"),
    _one(lead_professionals.c.practitioner_id, lead_professionals.c.to_on.is_(None)).label("lead_id"),
    _one(
        case_members.c.practitioner_id, case_members.c.role == "assessor", case_members.c.to_on.is_(None),
        latest=(case_members.c.id,),
    ).label("assessor_id"),
    _one(
        reviews.c.outcome, reviews.c.held_on.is_not(None), latest=(reviews.c.held_on.desc(), reviews.c.id.desc())
    ).label("last_outcome"),
    _any(case_pauses, case_pauses.c.ended_on.is_(None)).label("paused"),
    _any(mag_referrals, mag_referrals.c.ended_on.is_(None)).label("with_group"),
    _any(family_searches, family_searches.c.ended_on.is_(None)).label("not_found"),
).where(among(cases.c.id), cases.c.closed_on.is_(None), cases.c.child_id.is_not(None))  # fmt: skip
_REASONS = sa.select(
    escalations.c.case_id, escalations.c.reason, escalations.c.level, LATE_SINCE.label("since_on")
).where(among(escalations.c.case_id), escalations.c.ended_on.is_(None))
_STEPS = (
    sa.select(instances.c.case_id, instances.c.definition_id, instances.c.current)
    .where(among(instances.c.case_id), instances.c.status != "ended")
    .order_by(instances.c.id)
)


def keep(connection: sa.Connection, found: Sequence[CaseStanding], *, today: date) -> None:
    """Keep how cases stand, in place of what was kept at an earlier version of them, and when a stage began."""
    if not found:
        return
    known = {row.case_id: row for row in connection.execute(_KNOWN, {"ids": [each.case_id for each in found]})}
    found = [each for each in found if each.case_id not in known or known[each.case_id].version <= each.version]
    moved = [each for each in found if each.case_id not in known or known[each.case_id].stage != each.stage]
    changed = [each for each in found if each.case_id not in known or _said(known[each.case_id]) != _said(each)]
    if changed:
        connection.execute(_upsert(connection), [dict(zip(_NAMES, _said(each), strict=True)) for each in changed])
    _keep_spells(connection, moved, today)


_NAMES: Final = tuple(field.name for field in fields(CaseStanding))
_said: Final = attrgetter(*_NAMES)
_KNOWN = sa.select(standings).where(among(standings.c.case_id))


def _upsert(connection: sa.Connection) -> Any:
    return _UPSERTS[connection.dialect.name]


def _upsert_on(insert: Any) -> Any:
    said = insert(standings)
    new = {column.name: said.excluded[column.name] for column in standings.columns if not column.primary_key}
    later = standings.c.version <= said.excluded.version
    return said.on_conflict_do_update(index_elements=[standings.c.case_id], set_=new, where=later)


_UPSERTS: Mapping[str, Any] = {
    "sqlite": _upsert_on(sqlite.insert),
    "postgresql": _upsert_on(postgresql.insert),
}


def _keep_spells(connection: sa.Connection, moved: Sequence[CaseStanding], today: date) -> None:
    if not moved:
        return
    ids = [each.case_id for each in moved]
    connection.execute(_END_SPELLS, {"ids": ids, "today_": today})
    numbers = {row.case_id: row.number for row in connection.execute(_NUMBERS, {"ids": ids})}
    connection.execute(
        sa.insert(stage_spells),
        [
            {
                "case_id": each.case_id, "authority_id": each.authority_id, "stage": each.stage,
                "number": numbers.get(each.case_id, 0) + 1, "from_on": today,
            }
            for each in moved
        ],
    )  # fmt: skip


_END_SPELLS = (
    sa.update(stage_spells)
    .where(among(stage_spells.c.case_id), stage_spells.c.to_on.is_(None))
    .values(to_on=sa.bindparam("today_", type_=sa.Date))
)
_NUMBERS = (
    sa.select(stage_spells.c.case_id, sa.func.max(stage_spells.c.number).label("number"))
    .where(among(stage_spells.c.case_id))
    .group_by(stage_spells.c.case_id)
)
