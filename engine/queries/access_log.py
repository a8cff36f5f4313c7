"""Who read a case's record, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import Invalid, NotFound, NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries.view import View, viewing
from engine.store import relations
from engine.store.tables.keeping import record_reads
from engine.store.tables.people import agencies, practitioners
from engine.store.tables.record import cases

LONGEST: Final = 200
USUAL: Final = 50


@dataclass(frozen=True, slots=True)
class Read:
    """One reading of a record: `what` of it, by whom, and the agency they work for (empty when none is kept)."""

    read_id: UUID
    at: datetime
    who: str
    agency: str
    what: str


@dataclass(frozen=True, slots=True)
class Readings:
    """A page of readings, newest first; `next` leads to the page after."""

    reference: str
    rows: tuple[Read, ...]
    next: UUID | None


def of_case(
    engine: ProcessEngine, *, actor: Actor, case_id: UUID, after: UUID | None = None, limit: int = USUAL
) -> Readings:
    """Return who read a case's record, newest first, from the reading `after` on (the `next` of the page before).

    For whom `permissions.may_see_readers` lets: they answer a family that asks who looked. Raises `NotFound` for
    another authority's case, `NotPermitted`, `Invalid` for an impossible page.
    """
    if not 1 <= limit <= LONGEST:
        raise Invalid(f"A page holds 1 to {LONGEST} readings", field="limit")
    with viewing(engine, actor) as view:
        _require(view, case_id)
        found = view.connection.execute(_page(view, case_id, after).limit(limit + 1)).all()
        reference = view.connection.execute(sa.select(cases.c.reference).where(cases.c.id == case_id)).scalar_one()
    rows = tuple(Read(row.id, row.at, row.who, row.agency or "", row.what) for row in found[:limit])
    return Readings(reference, rows, rows[-1].read_id if len(found) > limit else None)


def may_see(engine: ProcessEngine, *, actor: Actor, case_id: UUID) -> bool:
    """Tell whether `of_case` would answer the actor."""
    with viewing(engine, actor) as view:
        return permissions.may_see_readers(actor, relations.of(view.connection, actor, case_id))


def _require(view: View, case_id: UUID) -> None:
    relation = relations.of(view.connection, view.actor, case_id)
    if not relation.same_authority:
        raise NotFound("There is no such case", case_id=case_id)
    if not permissions.may_see_readers(view.actor, relation):
        raise NotPermitted("The line manager, a coordinator or an administrator sees who looked at a record")


def _page(view: View, case_id: UUID, after: UUID | None) -> sa.Select[tuple[UUID, datetime, str, str | None, str]]:
    own = (record_reads.c.case_id == case_id) & (record_reads.c.authority_id == view.actor.authority_id)
    query = _READS.where(own)
    if after is None:
        return query
    last = view.connection.execute(sa.select(record_reads.c.at).where(own, record_reads.c.id == after)).scalar()
    if last is None:
        raise Invalid("There is no such reading to go on from", field="after")
    earlier = (record_reads.c.at == last) & (record_reads.c.id < after)
    return query.where(sa.or_(record_reads.c.at < last, earlier))


_READS = (
    sa.select(
        record_reads.c.id,
        record_reads.c.at,
        practitioners.c.name.label("who"),
        agencies.c.name.label("agency"),
        record_reads.c.what,
    )
    .select_from(
        record_reads.join(practitioners, practitioners.c.id == record_reads.c.practitioner_id).outerjoin(
            agencies, agencies.c.id == practitioners.c.agency_id
        )
    )
    .order_by(record_reads.c.at.desc(), record_reads.c.id.desc())
)
