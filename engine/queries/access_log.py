"""Who read a case's record, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.casework.purposes import PURPOSES
from engine.errors import Invalid, NotFound, NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries.view import View, viewing
from engine.store import relations
from engine.store.tables.access import emergency_openings, office_readings
from engine.store.tables.keeping import record_reads
from engine.store.tables.people import agencies, practitioners
from engine.store.tables.record import cases

LONGEST: Final = 200
USUAL: Final = 50


@dataclass(frozen=True, slots=True)
class Read:
    """One reading of a record: `what` of it, by whom, and the agency they work for (empty when none is kept).

    `emergency` is the reason that they gave when they opened it in an emergency, `purpose` what a coordinator said that
    they read it for; both empty for who works on the case.
    """

    read_id: UUID
    at: datetime
    who: str
    agency: str
    what: str
    emergency: str = ""
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Readings:
    """A page of readings, newest first; `next` leads to the page after."""

    reference: str
    rows: tuple[Read, ...]
    next: UUID | None


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who read a record, by whom its readings can be narrowed."""

    practitioner_id: UUID
    name: str


def of_case(
    engine: ProcessEngine,
    *,
    actor: Actor,
    case_id: UUID,
    after: UUID | None = None,
    limit: int = USUAL,
    who: UUID | None = None,
    from_on: date | None = None,
    to_on: date | None = None,
    emergencies: bool = False,
) -> Readings:
    """Return who read a case's record, newest first, from the reading `after` on (the `next` of the page before).

    `who` narrows it to one person, `from_on` and `to_on` to local days (both included), `emergencies` to what was read
    in one.
    For whom `permissions.may_see_readers` lets: they answer a family that asks who looked. Raises `NotFound` for
    a case that they may not see, `NotPermitted`, `Invalid` for an impossible page.
    """
    if not 1 <= limit <= LONGEST:
        raise Invalid(f"A page holds 1 to {LONGEST} readings", field="limit")
    with viewing(engine, actor) as view:
        _require(view, case_id)
        query = _page(view, case_id, after).where(*_narrowed(view, who, from_on, to_on, emergencies))
        found = view.connection.execute(query.limit(limit + 1)).all()
        reference = view.connection.execute(sa.select(cases.c.reference).where(cases.c.id == case_id)).scalar_one()
    rows = tuple(
        Read(row.id, row.at, row.who, row.agency or "", row.what, row.emergency or "", _purpose(row))
        for row in found[:limit]
    )
    return Readings(reference, rows, rows[-1].read_id if len(found) > limit else None)


def readers(engine: ProcessEngine, *, actor: Actor, case_id: UUID) -> tuple[Reader, ...]:
    """Return everybody who read a case's record, by name. Raises as `of_case` does."""
    with viewing(engine, actor) as view:
        _require(view, case_id)
        rows = view.connection.execute(
            sa.select(practitioners.c.id, practitioners.c.name)
            .join(record_reads, record_reads.c.practitioner_id == practitioners.c.id)
            .where(record_reads.c.case_id == case_id, record_reads.c.authority_id == actor.authority_id)
            .distinct()
            .order_by(practitioners.c.name, practitioners.c.id)
        )
        return tuple(Reader(row.id, row.name) for row in rows)


def _require(view: View, case_id: UUID) -> None:
    relation = relations.of(view.connection, view.actor, case_id)
    if permissions.may_see_readers(view.actor, relation):
        return
    if not permissions.may_read_case(view.actor, relation):
        raise NotFound("There is no such case", case_id=case_id)
    raise NotPermitted("The line manager, a coordinator or an administrator sees who looked at a record")


def _narrowed(
    view: View, who: UUID | None, from_on: date | None, to_on: date | None, emergencies: bool
) -> list[sa.ColumnElement[bool]]:
    zone = view.authority.zone
    found: list[sa.ColumnElement[bool]] = []
    if who is not None:
        found.append(record_reads.c.practitioner_id == who)
    if from_on is not None:
        found.append(record_reads.c.at >= datetime.combine(from_on, time(), zone))
    if to_on is not None:
        found.append(record_reads.c.at < datetime.combine(to_on + timedelta(days=1), time(), zone))
    if emergencies:
        found.append(_EMERGENCY.is_not(None))
    return found


def _page(view: View, case_id: UUID, after: UUID | None) -> sa.Select[Any]:
    own = (record_reads.c.case_id == case_id) & (record_reads.c.authority_id == view.actor.authority_id)
    query = _READS.where(own)
    if after is None:
        return query
    last = view.connection.execute(sa.select(record_reads.c.at).where(own, record_reads.c.id == after)).scalar()
    if last is None:
        raise Invalid("There is no such reading to go on from", field="after")
    earlier = (record_reads.c.at == last) & (record_reads.c.id < after)
    return query.where(sa.or_(record_reads.c.at < last, earlier))


def _purpose(row: Any) -> str:
    return row.said or (PURPOSES[row.purpose] if row.purpose else "")


def _of_office(column: sa.ColumnElement[str]) -> sa.ScalarSelect[str]:
    said = office_readings.c
    return (
        sa.select(sa.func.min(column))
        .where(
            said.case_id == record_reads.c.case_id, said.practitioner_id == record_reads.c.practitioner_id,
            said.from_at <= record_reads.c.at, said.until_at > record_reads.c.at,
        )
        .scalar_subquery()
    )  # fmt: skip


_EMERGENCY = (
    sa.select(sa.func.min(emergency_openings.c.reason))
    .where(
        emergency_openings.c.case_id == record_reads.c.case_id,
        emergency_openings.c.practitioner_id == record_reads.c.practitioner_id,
        emergency_openings.c.from_at <= record_reads.c.at,
        emergency_openings.c.until_at > record_reads.c.at,
    )
    .scalar_subquery()
)
"""Why the reader had opened the record in an emergency at that moment, if they had."""
_READS = (
    sa.select(
        record_reads.c.id,
        record_reads.c.at,
        practitioners.c.name.label("who"),
        agencies.c.name.label("agency"),
        record_reads.c.what,
        _EMERGENCY.label("emergency"),
        _of_office(office_readings.c.purpose).label("purpose"),
        _of_office(office_readings.c.reason).label("said"),
    )
    .select_from(
        record_reads.join(practitioners, practitioners.c.id == record_reads.c.practitioner_id).outerjoin(
            agencies, agencies.c.id == practitioners.c.agency_id
        )
    )
    .order_by(record_reads.c.at.desc(), record_reads.c.id.desc())
)
