"""What was raised about a case: safeguarding concerns, escalations with why, incidents. Never for a family's copy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.escalation import DECISION
from engine.queries import concern_names, words
from engine.queries.view import View
from engine.queries.why import Rules, Why, WhyRow, newest
from engine.store.tables.keeping import outbox
from engine.store.tables.people import practitioners
from engine.store.tables.record import concerns, escalations, evaluations
from engine.store.tables.running import incidents


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """A safeguarding concern; open until social care's answer is recorded.

    `names_too` are the other children whom it names, of those whose cases the reader may see; `other_children`, in
    words, those who have no case. Its own words are empty and `words_kept` true for somebody of the team who may not
    see the child's case on which they were written: they may be about that child.
    """

    concern_id: UUID
    raised_by: str
    raised_at: datetime
    harm: str
    immediate_danger: bool
    what_happened: str
    other_children: str
    names_too: tuple[str, ...]
    words_kept: bool
    acknowledged_at: datetime | None
    accepted: bool | None
    note: str
    ended_on: date | None


@dataclass(frozen=True, slots=True)
class Informed:
    """Who was written to about a reason, and when (aware UTC)."""

    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Escalation:
    """A reason that holds now. `rows` are those of the latest evaluation that gave it, by `rules`.

    `informed` are those who were written to about it, the first first. One letter goes out to each addressee, for the
    most serious of the reasons that begin together: `told_with` is that one's sentence when this one had no letter of
    its own, empty when nobody was written to.
    """

    reason: str
    sentence: str
    level: str
    addressee: str
    since: date
    rows: tuple[WhyRow, ...]
    definition_id: UUID | None
    rules: Rules | None
    informed: tuple[Informed, ...]
    told_with: str


@dataclass(frozen=True, slots=True)
class CaseIncident:
    """Something of this case that stopped and waits for an operator."""

    incident_id: UUID
    sentence: str
    opened_at: datetime


def concerns_of(view: View, case_id: UUID) -> tuple[Concern, ...]:
    """Return the safeguarding concerns, the latest first."""
    rows = view.connection.execute(_CONCERNS, {"case": case_id}).all()
    named = concern_names.of_case(view, case_id) if rows else {}
    return tuple(_concern(row, named.get(row.raised_with or row.id, concern_names.ALONE)) for row in rows)


def _concern(row: Any, named: concern_names.Named) -> Concern:
    said = {name: row._mapping[name] for name in _SAID}
    if named.words_kept:
        said = dict.fromkeys(said, "")
    told = {name: row._mapping[name] for name in _TOLD}
    return Concern(
        concern_id=row.id, raised_by=row.name, names_too=named.names, words_kept=named.words_kept, **said, **told
    )


_SAID: Final = ("harm", "what_happened", "other_children")
_TOLD: Final = ("raised_at", "immediate_danger", "acknowledged_at", "accepted", "note", "ended_on")


def escalations_of(view: View, case_id: UUID) -> tuple[Escalation, ...]:
    """Return the reasons that hold now, the oldest first, each with the rows and inputs that gave it."""
    every = view.connection.execute(_ESCALATIONS, {"case": case_id}).all()
    rows = [row for row in every if row.ended_on is None]
    if not rows:
        return ()
    latest = view.connection.execute(_LATEST, {"case": case_id}).first()
    matched = latest.result.get("matched", ()) if latest else ()
    why = Why(view, latest) if latest else None
    informed = _informed(view, case_id)
    return tuple(
        Escalation(
            reason=row.reason,
            sentence=_sentence(view, row),
            level=row.level,
            addressee=row.addressee,
            since=row.first_true_on,
            rows=tuple(why.row(each) for each in matched if why and each["outputs"].get("reason") == row.reason),
            definition_id=latest.definition_id if latest else None,
            rules=why.rules if why else None,
            informed=tuple(_in_spell(row, informed)),
            told_with=_told_with(view, row, every, informed),
        )
        for row in rows
    )


def _sentence(view: View, row: Any) -> str:
    return words.sentence(view.said(row.sentence) or words.plain(row.reason))


def _told_with(view: View, row: Any, every: Sequence[Any], informed: Mapping[str, list[tuple[str, Informed]]]) -> str:
    """Return the sentence of the reason in whose letter the addressee of `row` heard of it; empty without one."""
    if _in_spell(row, informed):
        return ""
    together = (
        each
        for each in every
        if (each.addressee, each.first_true_on) == (row.addressee, row.first_true_on) and _in_spell(each, informed)
    )
    louder = next(together, None)
    return "" if louder is None else _sentence(view, louder)


def _in_spell(row: Any, informed: Mapping[str, list[tuple[str, Informed]]]) -> list[Informed]:
    """Return who was written to since this reason began: it may have held before, and been told of then."""
    began, ended = row.first_true_on.isoformat(), row.ended_on.isoformat() if row.ended_on else ""
    return [who for day, who in informed.get(row.reason, ()) if day >= began and (not ended or day <= ended)]


def asked_with(case_id: UUID) -> dict[str, str]:
    """Return the values of `BY_CASE` besides the case."""
    return {"keyed": f"{case_id}:"}


def _informed(view: View, case_id: UUID) -> dict[str, list[tuple[str, Informed]]]:
    """Return by reason the day and who was written to: `engine.reminders` keeps case, reason, day, person as a key."""
    found: dict[str, list[tuple[str, Informed]]] = {}
    for key, at, name in view.connection.execute(_LETTERS, {"case": case_id, **asked_with(case_id)}):
        _, reason, day, *_ = f"{key}::".split(":")
        found.setdefault(reason, []).append((day, Informed(name, at)))
    return found


_LETTERS = (
    sa.select(outbox.c.dedupe_key, outbox.c.queued_at, practitioners.c.name)
    .join(practitioners, practitioners.c.id == outbox.c.practitioner_id)
    .where(
        outbox.c.case_id == sa.bindparam("case"), outbox.c.dedupe_key.startswith(sa.bindparam("keyed", type_=sa.Text))
    )
    .order_by(outbox.c.queued_at, practitioners.c.name)
)


def incidents_of(view: View, case_id: UUID) -> tuple[CaseIncident, ...]:
    """Return what has stopped on this case, the oldest first."""
    rows = view.connection.execute(_INCIDENTS, {"case": case_id})
    return tuple(CaseIncident(row.id, words.sentence(row.message), row.opened_at) for row in rows)


_CASE: Final = sa.bindparam("case", type_=sa.Uuid)
_CONCERNS = (
    sa.select(concerns, practitioners.c.name)
    .join(practitioners, practitioners.c.id == concerns.c.raised_by)
    .where(concerns.c.case_id == _CASE)
    .order_by(concerns.c.raised_at.desc(), concerns.c.id.desc())
)
_ESCALATIONS = (
    sa.select(escalations).where(escalations.c.case_id == _CASE).order_by(escalations.c.first_true_on, escalations.c.id)
)
_INCIDENTS = (
    sa.select(incidents.c.id, incidents.c.message, incidents.c.opened_at)
    .where(incidents.c.case_id == _CASE, incidents.c.resolved_at.is_(None))
    .order_by(incidents.c.opened_at, incidents.c.id)
)
_LATEST = newest(1, evaluations.c.decision == DECISION)
BY_CASE: Final = (_CONCERNS, _ESCALATIONS, _INCIDENTS, _LATEST, _LETTERS)
