"""How the people who might lead compare, as the rules explain it: shown while somebody chooses, never a choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.errors import NotFound
from engine.feel import Environment
from engine.queries.view import View
from engine.ranking import DECISION, Placed, rank
from engine.store.tables.people import agencies, practitioners
from engine.store.tables.record import lead_professionals

OPERATION: Final = "choose_lead"
"""The record operation whose answers hold candidates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One person who might lead: their place (people with equal points share one), and why, in sentences.

    `leads_now` counts the cases they lead today.
    """

    place: int
    practitioner_id: UUID
    who: str
    leads_now: int
    points: int
    reasons: tuple[str, ...]


def compared(view: View, answers: Mapping[str, Any]) -> tuple[Compared, ...]:
    """Return the candidates of answers, valid or not, in the order of the rules; none when no rules are deployed."""
    rows = [row for row in answers.get("candidates") or () if isinstance(row, Mapping)]
    if not rows:
        return ()
    try:
        _, model = view.engine.library.decision(view.connection, view.authority, DECISION)
    except NotFound:
        return ()
    host = view.engine.library.host(view.connection, view.authority)
    order = rank(model, rows, environment=Environment(now=view.now, zone=view.authority.zone, warnings=[], host=host))
    known = _people(view, [each.practitioner_id for each in order])
    return tuple(_compared(view, each, known[each.practitioner_id]) for each in order if each.practitioner_id in known)


def as_rows(order: Sequence[Compared]) -> list[dict[str, Any]]:
    """Return what a form's table shows of an order: `place`, `who`, `leads` and the list of `reasons`."""
    return [
        {
            "place": str(each.place),
            "who": each.who,
            "leads": f"{each.leads_now} {'case' if each.leads_now == 1 else 'cases'}",
            "reasons": list(each.reasons),
        }
        for each in order
    ]


def _compared(view: View, placed: Placed, row: Any) -> Compared:
    return Compared(
        place=placed.place,
        practitioner_id=placed.practitioner_id,
        who=", ".join(part for part in (row.name, row.job_title, row.agency) if part),
        leads_now=row.leads,
        points=placed.points,
        reasons=tuple(view.said(reason) for reason in placed.reasons),
    )


def _people(view: View, ids: Sequence[UUID]) -> Mapping[UUID, Any]:
    leads = (
        sa.select(sa.func.count())
        .where(lead_professionals.c.practitioner_id == practitioners.c.id, lead_professionals.c.to_on.is_(None))
        .scalar_subquery()
    )
    rows = view.connection.execute(
        sa.select(
            practitioners.c.id,
            practitioners.c.name,
            practitioners.c.job_title,
            agencies.c.name.label("agency"),
            leads.label("leads"),
        )
        .outerjoin(agencies, agencies.c.id == practitioners.c.agency_id)
        .where(practitioners.c.id.in_(ids), practitioners.c.authority_id == view.authority.id)
    )
    return {row.id: row for row in rows}
