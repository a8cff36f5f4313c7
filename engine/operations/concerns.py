"""Safeguarding concerns and the manager's harm check. Nothing here waits for consent or a gate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.operations.reading import text
from engine.store.tables.record import concerns
from engine.work import Work


def open_concern(work: Work, answers: Mapping[str, Any], *, raised_by: UUID) -> UUID:
    """Keep a concern as raised, however little was written, and return its id."""
    id_ = work.engine.ids.new()
    danger = _yes(answers, "immediate_danger")
    work.connection.execute(
        sa.insert(concerns).values(
            id=id_,
            authority_id=work.authority.id,
            case_id=work.case.id,
            raised_by=raised_by,
            raised_at=work.at,
            harm=text(answers, "harm"),
            immediate_danger=danger,
            what_happened=text(answers, "what_happened"),
        )
    )
    work.changed()
    work.record("concern_raised", subject=id_, detail={"immediate_danger": danger}, payload=dict(answers))
    return id_


def ensure_concern(work: Work, what_happened: str) -> None:
    """Open a concern unless one is open: a diagram is about to put one to social care."""
    waiting = sa.select(concerns.c.id).where(concerns.c.case_id == work.case.id, concerns.c.ended_on.is_(None))
    if work.connection.execute(waiting).first() is None:
        open_concern(work, {"what_happened": what_happened}, raised_by=_writer(work))


def acknowledge_concern(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep social care's answer; gives back `accepted` as yes or no. The concern is then no longer open."""
    accepted = _yes(answers, "accepted")
    work.connection.execute(
        sa.update(concerns)
        .where(concerns.c.case_id == work.case.id, concerns.c.ended_on.is_(None))
        .values(acknowledged_at=work.at, accepted=accepted, note=text(answers, "note"), ended_on=work.today)
    )
    work.changed()
    work.record("concern_acknowledged", detail={"accepted": accepted})
    return {"accepted": "yes" if accepted else "no"}


def record_harm_check(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the manager's finding; one that there is a concern opens it. Gives back `finding`."""
    finding = text(answers, "finding")
    work.record("harm_check_recorded", detail={"finding": finding})
    if finding == "concern":
        ensure_concern(work, text(answers, "note"))
    return {"finding": finding}


def _yes(answers: Mapping[str, Any], key: str) -> bool:
    return answers.get(key) in (True, "yes", "true")


def _writer(work: Work) -> UUID:
    """Return who is writing: the actor, or the lead professional or assessor when the service itself acts."""
    if work.actor is not None:
        return work.actor.practitioner_id
    facts = work.facts()
    return UUID(facts["lead_professional"] or facts["assessor"])
