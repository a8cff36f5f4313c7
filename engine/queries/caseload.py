"""The plans that somebody leads, with whom the asker might ask to lead each instead: proposed, never chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine import planning
from engine.casework.permissions import LEADS_CASES, Actor
from engine.process_engine import ProcessEngine
from engine.queries import visibility, words
from engine.queries.people import in_service
from engine.queries.recipients import Choice, labelled
from engine.queries.view import View, viewing
from engine.queries.workload import require_may
from engine.store.tables.boards import standings
from engine.store.tables.changes import handovers
from engine.store.tables.people import practitioners
from engine.store.tables.record import cases, children, lead_professionals, reviews


@dataclass(frozen=True, slots=True, kw_only=True)
class LedCase:
    """A plan that somebody leads. `review_on` is the next review's day, `proposed` who might lead it instead.

    `asked` names whom a handover that is under way asks already.
    """

    case_id: UUID
    reference: str
    child_name: str
    born_on: date | None
    stage: str
    interim: bool
    review_on: date | None
    proposed: UUID | None
    asked: str


@dataclass(frozen=True, slots=True)
class Caseload:
    """The plans of one person, by the child's name, and everybody who could be asked to lead one, by theirs."""

    cases: tuple[LedCase, ...]
    people: tuple[Choice, ...]


def read(engine: ProcessEngine, *, actor: Actor, practitioner_id: UUID) -> Caseload:
    """Return the plans somebody leads and the actor may see. Raises `NotPermitted`."""
    require_may(actor)
    with viewing(engine, actor) as view:
        rows = _led(view, practitioner_id)
        free = [row.id for row in rows if row.asked is None]
        found = planning.propose_leads(view.connection, actor, practitioner_id, free, today=view.today)
        people = [each for each in in_service(view, roles=LEADS_CASES) if each.practitioner_id != practitioner_id]
        return Caseload(tuple(_case(view, row, found) for row in rows), labelled(view, people))


def _led(view: View, practitioner_id: UUID) -> Sequence[Any]:
    is_seen, successor = visibility.seen(view), practitioners.alias("successor")
    return view.connection.execute(
        sa.select(
            cases.c.id, cases.c.reference, children.c.given_name, children.c.family_name, children.c.known_as,
            children.c.born_on,
            lead_professionals.c.interim, standings.c.stage, reviews.c.due_on, successor.c.name.label("asked"),
        )
        .select_from(
            lead_professionals.join(cases, cases.c.id == lead_professionals.c.case_id)
            .join(children, children.c.id == cases.c.child_id)
            .outerjoin(standings, standings.c.case_id == cases.c.id)
            .outerjoin(reviews, (reviews.c.case_id == cases.c.id) & reviews.c.held_on.is_(None))
            .outerjoin(handovers, (handovers.c.case_id == cases.c.id) & handovers.c.ended_on.is_(None))
            .outerjoin(successor, successor.c.id == handovers.c.successor_id)
        )
        .where(
            lead_professionals.c.practitioner_id == practitioner_id,
            lead_professionals.c.to_on.is_(None),
            cases.c.authority_id == view.actor.authority_id,
            cases.c.closed_on.is_(None),
            is_seen(cases.c.id),
        )
        .order_by(children.c.family_name, children.c.given_name, cases.c.id)
    ).all()  # fmt: skip


def _case(view: View, row: Any, proposed: Mapping[UUID, UUID]) -> LedCase:
    return LedCase(
        case_id=row.id, reference=row.reference,
        child_name=words.child_name(row.given_name, row.family_name, row.known_as), born_on=row.born_on,
        stage=view.said(row.stage or ""), interim=bool(row.interim), review_on=row.due_on,
        proposed=proposed.get(row.id), asked=row.asked or "",
    )  # fmt: skip
