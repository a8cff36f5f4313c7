"""The notes of a manager's oversight on a case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import oversight
from engine.casework.permissions import Actor
from engine.errors import NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries import consent_limits, visibility, words
from engine.queries.view import View, viewing
from engine.store.tables.keeping import history_payloads
from engine.store.tables.oversight import oversight_notes
from engine.store.tables.people import practitioners
from engine.store.tables.record import case_members, cases, children, lead_professionals


@dataclass(frozen=True, slots=True)
class OversightNote:
    """What a manager discussed with `whom` (empty: they looked at the case alone). The words are empty once erased."""

    on: date
    who: str
    whom: str
    discussed: str
    decided: str
    by_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOversight:
    """The notes on a case, the latest first, and what the reader may add; `people` are who leads, assesses or helps."""

    case_id: UUID
    reference: str
    child_name: str
    notes: tuple[OversightNote, ...]
    may_write: bool
    people: tuple[tuple[UUID, str], ...]


def of_case(engine: ProcessEngine, *, actor: Actor, case_id: UUID) -> CaseOversight:
    """Return the notes of oversight on a case, after keeping that they were read.

    Raises `NotFound`, `NotPermitted` for whom the family's consent keeps a part of the case from.
    """
    visibility.record_read(engine, actor, case_id, "the management oversight")
    with viewing(engine, actor) as view:
        relation = visibility.require_case(view, case_id)
        if consent_limits.is_partly_kept(view, case_id):
            raise NotPermitted("The family’s consent does not cover everything that was discussed on this case")
        row = view.connection.execute(_CASE.where(cases.c.id == case_id)).one()
        return CaseOversight(
            case_id=case_id,
            reference=row.reference,
            child_name=words.child_name(row.given_name, row.family_name, row.known_as),
            notes=tuple(_note(each) for each in view.connection.execute(_NOTES, {"case_id": case_id})),
            may_write=row.closed_on is None and oversight.may_oversee(actor, relation),
            people=_people(view, case_id),
        )


_who, _whom = practitioners.alias("who"), practitioners.alias("whom")
_NOTES: Final = (
    sa.select(
        oversight_notes.c.discussed_on, oversight_notes.c.by_on, _who.c.name.label("who"), _whom.c.name.label("whom"),
        history_payloads.c.body,
    )
    .select_from(
        oversight_notes.join(_who, _who.c.id == oversight_notes.c.written_by)
        .outerjoin(_whom, _whom.c.id == oversight_notes.c.discussed_with)
        .outerjoin(history_payloads, history_payloads.c.event_id == oversight_notes.c.event_id)
    )
    .where(oversight_notes.c.case_id == sa.bindparam("case_id", type_=sa.Uuid))
    .order_by(oversight_notes.c.discussed_on.desc(), oversight_notes.c.id.desc())
)  # fmt: skip
_CASE: Final = sa.select(
    cases.c.reference, cases.c.closed_on, children.c.given_name, children.c.family_name, children.c.known_as
).join(children, children.c.id == cases.c.child_id)


def _note(row: Any) -> OversightNote:
    body = row.body or {}
    said, decided = str(body.get("discussed") or ""), str(body.get("why") or "")
    return OversightNote(row.discussed_on, row.who, row.whom or "", said, decided, row.by_on)


def _people(view: View, case_id: UUID) -> tuple[tuple[UUID, str], ...]:
    """Return who leads, and then who assesses or helps, by name."""
    ways = [
        sa.select(held.c.practitioner_id, sa.literal(place).label("place")).where(
            held.c.case_id == case_id, held.c.to_on.is_(None)
        )
        for place, held in enumerate((lead_professionals, case_members))
    ]
    own = sa.union_all(*ways).subquery()
    query = (
        sa.select(practitioners.c.id, practitioners.c.name)
        .join(own, own.c.practitioner_id == practitioners.c.id)
        .group_by(practitioners.c.id, practitioners.c.name)
        .order_by(sa.func.min(own.c.place), practitioners.c.name)
    )
    return tuple((row.id, row.name) for row in view.connection.execute(query))
