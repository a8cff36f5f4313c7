"""Audits of a sample of cases: which there are, which of their cases are judged, and what came of them by item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import oversight, permissions
from engine.casework.audit_items import ITEMS, JUDGEMENTS, SCORES, SECTIONS
from engine.casework.permissions import Actor
from engine.errors import NotFound, NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries import audit_facts, supervision, visibility, words
from engine.queries.view import View, viewing
from engine.store.tables.keeping import history_payloads
from engine.store.tables.oversight import audit_answers, audit_cases, audits
from engine.store.tables.people import practitioners
from engine.store.tables.record import cases, children


@dataclass(frozen=True, slots=True)
class Audit:
    """A sample that was drawn: by whom, when (aware UTC), from how many cases, with which seed."""

    audit_id: UUID
    name: str
    who: str
    at: datetime
    seed: str
    drawn_from: int
    digest: str
    size: int
    judged: int


@dataclass(frozen=True, slots=True)
class AuditedCase:
    """A case of a sample; `judged_on` is None while nobody has judged it."""

    audit_case_id: UUID
    case_id: UUID
    reference: str
    child_name: str
    closed: bool
    judged_on: date | None
    judged_by: str


@dataclass(frozen=True, slots=True)
class Result:
    """What was judged of an item (its `counts` by `JUDGEMENTS`), or of a section (by `SCORES`); `average` of scores."""

    section: str
    question: str
    counts: Mapping[str, int]
    average: float | None


@dataclass(frozen=True, slots=True)
class AuditResults:
    """An audit with those of its cases that the reader may see, and what was judged of these. `hidden` are the others.

    `items` and `sections` are in the order of the form.
    """

    audit: Audit
    cases: tuple[AuditedCase, ...]
    hidden: int
    items: tuple[Result, ...]
    sections: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class AuditForm:
    """A case to judge: what the record itself says of an item, and what was judged before (notes by item)."""

    audit_id: UUID
    audit_name: str
    case: AuditedCase
    facts: Mapping[str, str]
    answers: Mapping[str, str]
    notes: Mapping[str, str]
    may_judge: bool


def open_to(engine: ProcessEngine, *, actor: Actor) -> list[UUID]:
    """Return the open cases that the actor oversees, by id: what a sample is drawn from. Raises `NotPermitted`."""
    _require_may(actor)
    with viewing(engine, actor) as view:
        own = supervision.overseen(view).subquery()
        return sorted(view.connection.execute(sa.select(own.c.id)).scalars())


def index(engine: ProcessEngine, *, actor: Actor) -> tuple[Audit, ...]:
    """Return the audits, the latest first: one's own, for coordinators all. Raises `NotPermitted`."""
    _require_may(actor)
    with viewing(engine, actor) as view:
        rows = view.connection.execute(_AUDITS.where(*_whose(view)).order_by(audits.c.made_at.desc(), audits.c.id))
        return tuple(Audit(*row) for row in rows)


def read(engine: ProcessEngine, *, actor: Actor, audit_id: UUID) -> AuditResults:
    """Return an audit with its results. Raises `NotFound`, `NotPermitted`."""
    _require_may(actor)
    with viewing(engine, actor) as view:
        row = view.connection.execute(_AUDITS.where(*_whose(view), audits.c.id == audit_id)).first()
        if row is None:
            raise NotFound("There is no such audit", audit_id=audit_id)
        found, hidden = _cases(view, audit_id)
        counts = _counts(view, [each.audit_case_id for each in found])
        items = tuple(
            _result(section.name, question, JUDGEMENTS, counts[key])
            for section in SECTIONS
            for key, question in section.items
        )
        sections = tuple(_result(each.name, "The whole section", SCORES, counts[each.key]) for each in SECTIONS)
        return AuditResults(Audit(*row), found, hidden, items, sections)


def form(engine: ProcessEngine, *, actor: Actor, audit_case_id: UUID) -> AuditForm:
    """Return a case of an audit to be judged, after keeping that its record was read. Raises `NotFound`."""
    _require_may(actor)
    with viewing(engine, actor) as view:
        row = view.connection.execute(_CASES.where(audit_cases.c.id == audit_case_id, *_whose(view))).first()
    if row is None:
        raise NotFound("There is no such case in an audit", audit_case_id=audit_case_id)
    visibility.record_read(engine, actor, row.case_id, "an audit")
    with viewing(engine, actor) as view:
        relation = visibility.require_case(view, row.case_id)
        return AuditForm(
            audit_id=row.audit_id,
            audit_name=row.audit_name,
            case=_case(row),
            facts=audit_facts.of_case(view, row.case_id),
            answers=_answers(view, audit_case_id),
            notes=_notes(view, row.event_id),
            may_judge=row.closed_on is None and oversight.may_oversee(actor, relation),
        )


def _require_may(actor: Actor) -> None:
    if not oversight.may_see_supervision(actor):
        raise NotPermitted("Line managers and coordinators audit cases")


def _whose(view: View) -> list[sa.ColumnElement[bool]]:
    own = audits.c.authority_id == view.actor.authority_id
    if permissions.sees_whole_authority(view.actor):
        return [own]
    return [own, audits.c.made_by == view.actor.practitioner_id]


_SIZE = sa.func.count(audit_cases.c.id)
_AUDITS: Final = (
    sa.select(
        audits.c.id, audits.c.name, practitioners.c.name.label("who"), audits.c.made_at, audits.c.seed,
        audits.c.drawn_from, audits.c.drawn_from_digest, _SIZE.label("size"),
        sa.func.count(audit_cases.c.judged_on).label("judged"),
    )
    .select_from(
        audits.join(practitioners, practitioners.c.id == audits.c.made_by).join(
            audit_cases, audit_cases.c.audit_id == audits.c.id
        )
    )
    .group_by(audits.c.id, practitioners.c.name)
)  # fmt: skip
_judge = practitioners.alias("judge")
_CASES: Final = (
    sa.select(
        audit_cases.c.id, audit_cases.c.audit_id, audit_cases.c.case_id, audit_cases.c.judged_on,
        audit_cases.c.event_id, audits.c.name.label("audit_name"), _judge.c.name.label("judge"), cases.c.reference,
        cases.c.closed_on, children.c.given_name, children.c.family_name, children.c.known_as,
    )
    .select_from(
        audit_cases.join(audits, audits.c.id == audit_cases.c.audit_id)
        .join(cases, cases.c.id == audit_cases.c.case_id)
        .join(children, children.c.id == cases.c.child_id)
        .outerjoin(_judge, _judge.c.id == audit_cases.c.judged_by)
    )
    .order_by(audit_cases.c.place)
)  # fmt: skip


def _cases(view: View, audit_id: UUID) -> tuple[tuple[AuditedCase, ...], int]:
    rows = view.connection.execute(_CASES.where(audit_cases.c.audit_id == audit_id)).all()
    seen = visibility.visible(view, [row.case_id for row in rows])
    found = tuple(_case(row) for row in rows if row.case_id in seen)
    return found, len(rows) - len(found)


def _case(row: Any) -> AuditedCase:
    name = words.child_name(row.given_name, row.family_name, row.known_as)
    closed = row.closed_on is not None
    return AuditedCase(row.id, row.case_id, row.reference, name, closed, row.judged_on, row.judge or "")


def _counts(view: View, audit_case_ids: Sequence[UUID]) -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = {key: Counter() for key in (*ITEMS, *(each.key for each in SECTIONS))}
    rows = view.connection.execute(
        sa.select(audit_answers.c.item, audit_answers.c.answer).where(
            audit_answers.c.audit_case_id.in_(list(audit_case_ids))
        )
    )
    for row in rows:
        if row.item in counts:  # an item that is asked no more
            counts[row.item][row.answer] += 1
    return counts


def _result(section: str, question: str, among: Sequence[str], counts: Counter[str]) -> Result:
    scored = sum(counts[each] for each in SCORES)
    total = sum(int(each) * counts[each] for each in SCORES)
    average = round(total / scored, 1) if scored else None
    return Result(section, question, {each: counts[each] for each in among}, average)


def _answers(view: View, audit_case_id: UUID) -> dict[str, str]:
    own = sa.select(audit_answers.c.item, audit_answers.c.answer)
    rows = view.connection.execute(own.where(audit_answers.c.audit_case_id == audit_case_id))
    return {row.item: row.answer for row in rows}


def _notes(view: View, event_id: UUID | None) -> Mapping[str, str]:
    if event_id is None:
        return {}
    body = view.connection.execute(
        sa.select(history_payloads.c.body).where(history_payloads.c.event_id == event_id)
    ).scalar()
    return dict((body or {}).get("notes") or {})
