"""The caseload as it stood: its open cases now or on a past day, their kept facts, and what else was kept of then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.store.tables.keeping import history
from engine.store.tables.people import authorities, local_closures
from engine.store.tables.record import case_facts, cases
from engine.store.tables.running import definitions, deployments


@dataclass(frozen=True, slots=True)
class CaseThen:
    """An open case and the facts kept of it (as JSON values), None when there are none that may be used."""

    id: UUID
    reference: str
    facts: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a rules file, and since when (aware UTC) it is or was in force."""

    definition_id: UUID
    file: str
    version: int
    since: datetime


_AUTHORITY: sa.BindParameter[UUID] = sa.bindparam("authority", type_=sa.Uuid)
_AFTER: sa.BindParameter[UUID] = sa.bindparam("after", type_=sa.Uuid)
_LIMIT: sa.BindParameter[int] = sa.bindparam("limit", type_=sa.Integer)
_DAY: sa.BindParameter[date] = sa.bindparam("day", type_=sa.Date)
_END: sa.BindParameter[datetime] = sa.bindparam("end", type_=case_facts.c.valid_from.type)

_NOW = case_facts.c.valid_to.is_(None)
_MOVED = cases.c.checked_version != cases.c.version
_OPEN_NOW = (cases.c.authority_id == _AUTHORITY) & cases.c.closed_on.is_(None)
# What a moved case was kept with is no longer so: its facts are left out, to be gathered.
_PAGE_NOW = (
    sa.select(cases.c.id, cases.c.reference, case_facts.c.facts)
    .outerjoin(case_facts, (case_facts.c.case_id == cases.c.id) & _NOW & ~_MOVED)
    .where(_OPEN_NOW, cases.c.id > _AFTER)
    .order_by(cases.c.id)
    .limit(_LIMIT)
)
_VALID = (case_facts.c.valid_from < _END) & sa.or_(case_facts.c.valid_to.is_(None), case_facts.c.valid_to >= _END)
_FIRST = history.alias("first_event")
_OPEN_THEN = (
    (cases.c.authority_id == _AUTHORITY)
    & (cases.c.opened_on <= _DAY)
    & sa.or_(cases.c.closed_on.is_(None), cases.c.closed_on > _DAY)
    & cases.c.child_id.is_not(None)
    & ~sa.exists().where(_FIRST.c.case_id == cases.c.id, _FIRST.c.seq == 1, _FIRST.c.recorded_at >= _END)
)
_PAGE_THEN = (
    sa.select(cases.c.id, cases.c.reference, case_facts.c.facts)
    .outerjoin(case_facts, (case_facts.c.case_id == cases.c.id) & _VALID)
    .where(_OPEN_THEN, cases.c.id > _AFTER)
    .order_by(cases.c.id)
    .limit(_LIMIT)
)
_COUNT_NOW = sa.select(sa.func.count()).select_from(cases).where(_OPEN_NOW)
_COUNT_THEN = sa.select(sa.func.count()).select_from(cases).where(_OPEN_THEN)
_START = UUID(int=0)


def count_open(connection: sa.Connection, authority_id: UUID, *, day: date | None, end: datetime | None) -> int:
    """Count what `open_cases` gives."""
    given = {"authority": authority_id, "day": day, "end": end}
    return int(connection.execute(_COUNT_NOW if day is None else _COUNT_THEN, given).scalar_one())


def open_cases(
    connection: sa.Connection, authority_id: UUID, *, day: date | None, end: datetime | None, size: int
) -> Iterator[list[CaseThen]]:
    """Give an authority's open cases in batches of at most `size`, in order of their ids.

    `day` None means now: without the facts of cases that moved since they were judged. Otherwise the cases that were
    open, and on the record, when the local `day` ended at the instant `end` (aware UTC), with the facts kept of then.
    """
    query, after = _PAGE_NOW if day is None else _PAGE_THEN, _START
    while True:
        given = {"authority": authority_id, "day": day, "end": end, "after": after, "limit": size}
        batch = [CaseThen(*row) for row in connection.execute(query, given)]
        if batch:
            yield batch
            after = batch[-1].id
        if len(batch) < size:
            return


def versions_of(connection: sa.Connection, ids: list[UUID]) -> list[Version]:
    """Return which versions these definitions of rules are, by file."""
    return [Version(*row) for row in connection.execute(_VERSIONS.where(definitions.c.id.in_(ids)))]


_VERSIONS = (
    sa.select(definitions.c.id, definitions.c.file, definitions.c.version, deployments.c.at)
    .join(deployments, deployments.c.id == definitions.c.deployment_id)
    .order_by(definitions.c.file)
)


def holder_before(connection: sa.Connection, authority_id: UUID, decision: str, end: datetime) -> Version | None:
    """Return the rules file that held `decision` in force before the instant `end` (aware UTC), None when none did."""
    mine = (definitions.c.authority_id == authority_id) & (definitions.c.kind == "rules")
    query = sa.select(definitions.c.id, definitions.c.file, definitions.c.version, deployments.c.at, definitions.c.uses)
    rows = connection.execute(
        query.join(deployments, deployments.c.id == definitions.c.deployment_id)
        .where(mine, deployments.c.at < end)
        .order_by(deployments.c.at.desc(), definitions.c.version.desc())
    )
    ended: set[str] = set()
    for row in rows:
        if decision in row.uses.get("decisions", ()) and row.file not in ended:
            return Version(*row[:4])
        if not row.uses:
            ended.add(row.file)
    return None


def first_holding(connection: sa.Connection, authority_id: UUID, decision: str) -> datetime | None:
    """Return when a rules file that holds `decision` first came into force (aware UTC), None when none ever did."""
    mine = (definitions.c.authority_id == authority_id) & (definitions.c.kind == "rules")
    rows = connection.execute(
        sa.select(deployments.c.at, definitions.c.uses)
        .join(deployments, deployments.c.id == definitions.c.deployment_id)
        .where(mine)
        .order_by(deployments.c.at)
    )
    return next((row.at for row in rows if decision in row.uses.get("decisions", ())), None)


@dataclass(frozen=True, slots=True)
class CalendarThen:
    """The nation and the closures of an authority at an instant; `nation` None when that was not kept."""

    nation: str | None
    closures: frozenset[date]


def calendar_before(connection: sa.Connection, authority_id: UUID, end: datetime) -> CalendarThen:
    """Return the calendar settings before the instant `end` (aware UTC), by undoing what history says came after."""
    kinds = ("authority_created", "closure_added", "closure_removed", "profile_changed")
    own = (history.c.authority_id == authority_id) & history.c.kind.in_(kinds)
    events = connection.execute(
        sa.select(history.c.kind, history.c.detail, history.c.recorded_at)
        .where(own)
        .order_by(history.c.recorded_at.desc(), history.c.seq.desc())
    ).all()
    now = connection.execute(sa.select(authorities.c.nation).where(authorities.c.id == authority_id)).scalar_one()
    closed = sa.select(local_closures.c.on_day).where(local_closures.c.authority_id == authority_id)
    closures = set(connection.execute(closed).scalars())
    since = [event for event in events if event.recorded_at >= end]
    for event in since:
        if "on_day" in event.detail:
            day = date.fromisoformat(event.detail["on_day"])
            (closures.discard if event.kind == "closure_added" else closures.add)(day)
    if any("nation" in event.detail for event in since):
        now = next((each.detail["nation"] for each in events[len(since) :] if "nation" in each.detail), None)
    return CalendarThen(now, frozenset(closures))
