"""What coordinators and line managers check: records opened in an emergency, and which cases are restricted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import NotFound, NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries import visibility, words
from engine.queries.view import View, viewing
from engine.store import relations
from engine.store.tables.access import case_restrictions, emergency_openings, index_questions
from engine.store.tables.keeping import record_reads
from engine.store.tables.people import agencies, practitioners
from engine.store.tables.record import cases, children

LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Opening:
    """A record that somebody opened in an emergency. `reads` counts what they looked at by it.

    `child_name` is empty for who may not see the case, as a line manager of who opened it may not. `found` says what a
    coordinator found, who looked at it; empty while nobody has.
    """

    opening_id: UUID
    case_id: UUID
    reference: str
    child_name: str
    who: str
    agency: str
    reason: str
    from_at: datetime
    until_at: datetime
    reads: int
    looked_at_by: str
    found: str
    may_look: bool


@dataclass(frozen=True, slots=True)
class Restricted:
    """A restricted case; `review_on` is the day by which it has to be agreed again."""

    case_id: UUID
    reference: str
    child_name: str
    reason: str
    set_by: str
    set_at: datetime
    review_on: date
    due: bool


@dataclass(frozen=True, slots=True)
class Met:
    """Somebody who asked for a restricted case, or started a second one for its child, and was told nothing."""

    case_id: UUID
    reference: str
    who: str
    agency: str
    phone: str
    at: datetime
    asked: str


@dataclass(frozen=True, slots=True)
class Checks:
    """Everything there is to check: for a coordinator all, for a line manager what their own people opened."""

    openings: tuple[Opening, ...]
    restricted: tuple[Restricted, ...]
    met: tuple[Met, ...]
    coordinates: bool


def read(engine: ProcessEngine, *, actor: Actor) -> Checks:
    """Return what the actor has to check, what nobody has looked at first, then the newest. Raises `NotPermitted`."""
    if not permissions.may_check_access(actor):
        raise NotPermitted("Coordinators and line managers see who opened records in an emergency")
    whole = permissions.may_restrict(actor)
    with viewing(engine, actor) as view:
        return Checks(_openings(view), _restricted(view) if whole else (), _met(view) if whole else (), whole)


@dataclass(frozen=True, slots=True)
class Door:
    """What a page may say to somebody before a record is opened in an emergency: its reference, no more."""

    case_id: UUID
    reference: str


def door(engine: ProcessEngine, *, actor: Actor, case_id: UUID) -> Door:
    """Return what may be said of a case that the actor could open in an emergency.

    Raises `NotFound` for another authority's case and for a restricted one, `NotPermitted` for who may open none.
    """
    with viewing(engine, actor) as view:
        relation = relations.of(view.connection, actor, case_id)
        if not relation.same_authority or (relation.restricted and not permissions.may_see_case(actor, relation)):
            raise NotFound("There is no such case", case_id=case_id)
        if not permissions.may_see_case(actor, relation) and not permissions.may_open_in_emergency(actor, relation):
            raise NotPermitted("Who works with cases may open a record in an emergency")
        reference = view.connection.execute(sa.select(cases.c.reference).where(cases.c.id == case_id)).scalar_one()
        return Door(case_id, reference)


def restriction(engine: ProcessEngine, *, actor: Actor, case_id: UUID) -> Restricted | None:
    """Return why a case is restricted, None when it is not. Raises `NotFound` for who may not see it."""
    with viewing(engine, actor) as view:
        visibility.require_case(view, case_id)
        row = view.connection.execute(_RESTRICTED.where(cases.c.id == case_id)).first()
        return None if row is None else _restriction(view, row)


def emergency_until(engine: ProcessEngine, *, actor: Actor, case_id: UUID) -> datetime | None:
    """Return until when the actor reads a case only because they opened it in an emergency; None when they do not."""
    if case_id not in actor.opened:
        return None
    with viewing(engine, actor) as view:
        if permissions.may_see_case(actor, relations.of(view.connection, actor, case_id)):
            return None
        rows = emergency_openings
        return view.connection.execute(
            sa.select(sa.func.max(rows.c.until_at, type_=rows.c.until_at.type)).where(
                rows.c.case_id == case_id, rows.c.practitioner_id == actor.practitioner_id, rows.c.until_at > view.now
            )
        ).scalar()


_who, _looked = practitioners.alias("who"), practitioners.alias("looked")
_READS = (
    sa.select(sa.func.count())
    .where(
        record_reads.c.case_id == emergency_openings.c.case_id,
        record_reads.c.practitioner_id == emergency_openings.c.practitioner_id,
        record_reads.c.at >= emergency_openings.c.from_at,
        record_reads.c.at < emergency_openings.c.until_at,
    )
    .scalar_subquery()
)
_NAMES = (children.c.given_name, children.c.family_name, children.c.known_as)
_OPENINGS = (
    sa.select(
        emergency_openings, cases.c.reference, *_NAMES, _who.c.name.label("who"), agencies.c.name.label("agency"),
        _looked.c.name.label("looked_at_name"), _READS.label("reads"),
    )
    .join(cases, cases.c.id == emergency_openings.c.case_id)
    .join(children, children.c.id == cases.c.child_id)
    .join(_who, _who.c.id == emergency_openings.c.practitioner_id)
    .outerjoin(agencies, agencies.c.id == _who.c.agency_id)
    .outerjoin(_looked, _looked.c.id == emergency_openings.c.looked_at_by)
    .order_by(emergency_openings.c.looked_at.is_not(None), emergency_openings.c.from_at.desc(), emergency_openings.c.id)
    .limit(LONGEST)
)  # fmt: skip
_RESTRICTED = (
    sa.select(case_restrictions, cases.c.reference, *_NAMES, _who.c.name.label("who"))
    .join(cases, cases.c.id == case_restrictions.c.case_id)
    .join(children, children.c.id == cases.c.child_id)
    .join(_who, _who.c.id == case_restrictions.c.set_by)
    .where(case_restrictions.c.lifted_at.is_(None))
    .order_by(case_restrictions.c.review_on, case_restrictions.c.id)
)
_MET = (
    sa.select(
        index_questions.c.restricted, index_questions.c.at, index_questions.c.asked, _who.c.name.label("who"),
        _who.c.phone, agencies.c.name.label("agency"),
    )
    .join(_who, _who.c.id == index_questions.c.practitioner_id)
    .outerjoin(agencies, agencies.c.id == _who.c.agency_id)
    .order_by(index_questions.c.at.desc(), index_questions.c.id)
)  # fmt: skip


def _openings(view: View) -> tuple[Opening, ...]:
    actor = view.actor
    query = _OPENINGS.where(emergency_openings.c.authority_id == actor.authority_id)
    if not permissions.may_restrict(actor):
        query = query.where(emergency_openings.c.practitioner_id.in_(sorted(actor.manages)))
    rows = view.connection.execute(query).all()
    stands = relations.of_many(view.connection, actor, [row.case_id for row in rows])
    # Of a case that is restricted by now, who manages the reader learns no more.
    return tuple(_opening(view, row, visible=permissions.may_read_case(actor, stands[row.case_id]))
                 for row in rows if row.case_id in stands)  # fmt: skip


def _opening(view: View, row: Any, *, visible: bool) -> Opening:
    return Opening(
        opening_id=row.id,
        case_id=row.case_id,
        reference=row.reference,
        child_name=words.child_name(row.given_name, row.family_name, row.known_as) if visible else "",
        who=row.who,
        agency=row.agency or "",
        reason=row.reason,
        from_at=row.from_at,
        until_at=row.until_at,
        reads=row.reads,
        looked_at_by=row.looked_at_name or "",
        found=row.found,
        may_look=permissions.may_restrict(view.actor)
        and row.looked_at is None
        and row.practitioner_id != view.actor.practitioner_id,
    )


def _restricted(view: View) -> tuple[Restricted, ...]:
    own = case_restrictions.c.authority_id == view.actor.authority_id
    return tuple(_restriction(view, row) for row in view.connection.execute(_RESTRICTED.where(own)))


def _restriction(view: View, row: Any) -> Restricted:
    name = words.child_name(row.given_name, row.family_name, row.known_as)
    return Restricted(
        row.case_id, row.reference, name, row.reason, row.who, row.set_at, row.review_on, row.review_on <= view.today
    )


def _met(view: View) -> tuple[Met, ...]:
    """Return the latest questions that met a case which is restricted still."""
    current = {row.case_id: row.reference for row in _restricted(view)}
    found: list[Met] = []
    for row in view.connection.execute(_MET.where(index_questions.c.authority_id == view.actor.authority_id)):
        met = [UUID(each) for each in row.restricted]
        found += [
            Met(each, current[each], row.who, row.agency or "", row.phone, row.at, row.asked)
            for each in met
            if each in current
        ]
        if len(found) >= LONGEST:
            break
    return tuple(found)
