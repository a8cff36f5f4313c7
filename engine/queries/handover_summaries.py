"""What successors are told of a case before they agree to lead it, and find again afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.handover_summaries import KINDS, SECTIONS
from engine.casework.permissions import Actor
from engine.errors import NotFound
from engine.process_engine import ProcessEngine
from engine.queries import consent_limits, visibility
from engine.queries.view import View, viewing
from engine.store import handover_summaries as kept
from engine.store import kept_addresses, relations
from engine.store.tables.changes import handover_summaries, handovers
from engine.store.tables.people import practitioners


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverSummary:
    """A summary as it stands: its parts as (name, heading, text), those that the reader may see and that say something.

    `written_by` is empty where the service put it together. `under_way` while the lead has not moved yet and nobody
    has declined; `may_change` tells whether the reader may change it now. `left_out` are the headings of what the
    family's consent keeps from them.
    """

    handover_id: UUID
    successor: str
    proposed_on: date
    planned_on: date
    under_way: bool
    accepted_on: date | None
    version: int
    written_by: str
    written_at: datetime
    sections: tuple[tuple[str, str, str], ...]
    left_out: tuple[str, ...]
    may_change: bool


@dataclass(frozen=True, slots=True)
class KeptSummary:
    """A summary of a case, by the day it was proposed to a successor."""

    handover_id: UUID
    successor: str
    proposed_on: date
    under_way: bool


def of_case(engine: ProcessEngine, *, actor: Actor, case_id: UUID) -> tuple[KeptSummary, ...]:
    """Return a case's summaries, the latest first. Raises `NotFound` as for the case."""
    with viewing(engine, actor) as view:
        visibility.require_case(view, case_id)
        summarised = sa.select(handover_summaries.c.handover_id).where(handover_summaries.c.case_id == case_id)
        rows = view.connection.execute(
            sa.select(handovers, practitioners.c.name)
            .join(practitioners, practitioners.c.id == handovers.c.successor_id)
            .where(handovers.c.case_id == case_id, handovers.c.id.in_(summarised))
            .order_by(handovers.c.proposed_on.desc(), handovers.c.id.desc())
        )
        return tuple(KeptSummary(row.id, row.name, row.proposed_on, row.ended_on is None) for row in rows)


def read(engine: ProcessEngine, *, actor: Actor, case_id: UUID, handover_id: UUID) -> HandoverSummary:
    """Return a summary, after keeping that it was read. Raises `NotFound` as for the case, and for no such summary."""
    visibility.record_read(engine, actor, case_id, "the handover summary")
    with viewing(engine, actor) as view:
        row = view.connection.execute(
            sa.select(handovers, practitioners.c.name)
            .join(practitioners, practitioners.c.id == handovers.c.successor_id)
            .where(handovers.c.id == handover_id, handovers.c.case_id == case_id)
        ).first()
        newest = None if row is None else kept.newest(view.connection, handover_id)
        if row is None or newest is None:
            raise NotFound("There is no such summary", handover_id=handover_id)
        return _summary(view, row, newest)


def told(view: View, case_id: UUID) -> tuple[tuple[str, str], ...]:
    """Return the summary of the proposal under way as (heading, text), as far as the reader may see it."""
    current = handovers.c.case_id == case_id, handovers.c.ended_on.is_(None)
    row = view.connection.execute(sa.select(handovers.c.id).where(*current)).first()
    newest = None if row is None else kept.newest(view.connection, row.id)
    reads = permissions.may_see_case(view.actor, relations.of(view.connection, view.actor, case_id))
    if newest is None or not reads:
        return ()
    return tuple((heading, text) for _, heading, text in _sections(newest.sections, _kept_back(view, case_id)))


def _summary(view: View, row: Any, newest: Any) -> HandoverSummary:
    kept_back = _kept_back(view, row.case_id)
    relation = relations.of(view.connection, view.actor, row.case_id)
    whole = _sections(newest.sections, kept_back)
    sections = kept_addresses.left_out(view, row.case_id, whole, relation)
    changes = row.ended_on is None and sections == whole and permissions.may_keep_family(view.actor, relation)
    return HandoverSummary(
        handover_id=row.id,
        successor=row.name,
        proposed_on=row.proposed_on,
        planned_on=row.planned_on,
        under_way=row.ended_on is None,
        accepted_on=row.accepted_on,
        version=newest.version,
        written_by=newest.name or "",
        written_at=newest.written_at,
        sections=sections,
        left_out=tuple(SECTIONS[name] for name in SECTIONS if KINDS.get(name) in kept_back),
        may_change=changes,
    )


def _kept_back(view: View, case_id: UUID) -> frozenset[str]:
    return consent_limits.kept_from(view, case_id, relations.of(view.connection, view.actor, case_id))


def _sections(said: Mapping[str, str], kept_back: frozenset[str]) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (name, heading, said[name])
        for name, heading in SECTIONS.items()
        if said.get(name) and KINDS.get(name) not in kept_back
    )

