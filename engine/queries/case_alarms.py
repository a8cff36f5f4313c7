"""What was raised about a case: safeguarding concerns, escalations with why, incidents. Never for a family's copy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.facts import RecordedFacts
from engine.dmn import MatchedRow
from engine.dmn.results import ROW, told_source
from engine.dmn.tables import DecisionTable
from engine.explaining import Setting, explain
from engine.feel import to_feel
from engine.queries import concern_names, words
from engine.queries.view import View
from engine.store.tables.keeping import outbox
from engine.store.tables.people import practitioners
from engine.store.tables.record import case_facts, concerns, escalations, evaluations
from engine.store.tables.running import definitions, incidents

DECISION = "escalation"


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
class Tested:
    """Something that a row looked at: the column's heading, and the value it had, in words."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class WhyRow:
    """A row of the rules that matched: what the table calls it, where it comes from, and the values it tested.

    `inputs` has them by input expression, `tested` in words for people, and `sentence` says it all: what was counted
    from which day, the limit here, the row and where it comes from.
    """

    row: str
    description: str
    inputs: Mapping[str, Any]
    tested: tuple[Tested, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Informed:
    """Who was written to about a reason, and when (aware UTC)."""

    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Rules:
    """The version of a rules file that judged a case, and when."""

    name: str
    file: str
    version: int
    judged_at: datetime


@dataclass(frozen=True, slots=True)
class Escalation:
    """A reason that holds now. `rows` are those of the latest evaluation that gave it, by `rules`.

    `informed` are those who were written to about it, the first first.
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


@dataclass(frozen=True, slots=True)
class CaseIncident:
    """Something of this case that stopped and waits for an operator."""

    incident_id: UUID
    sentence: str
    opened_at: datetime


def concerns_of(view: View, case_id: UUID) -> tuple[Concern, ...]:
    """Return the safeguarding concerns, the latest first."""
    rows = view.connection.execute(
        sa.select(concerns, practitioners.c.name)
        .join(practitioners, practitioners.c.id == concerns.c.raised_by)
        .where(concerns.c.case_id == case_id)
        .order_by(concerns.c.raised_at.desc(), concerns.c.id.desc())
    ).all()
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
    rows = view.connection.execute(
        sa.select(escalations)
        .where(escalations.c.case_id == case_id, escalations.c.ended_on.is_(None))
        .order_by(escalations.c.first_true_on, escalations.c.id)
    ).all()
    if not rows:
        return ()
    latest = view.connection.execute(_LATEST, {"case": case_id}).first()
    matched = latest.result.get("matched", ()) if latest else ()
    why = _Why(view, case_id, latest.definition_id, latest.at) if latest else None
    informed = _informed(view, case_id)
    rules = Rules(latest.name or latest.key, latest.file, latest.version, latest.at) if latest else None
    return tuple(
        Escalation(
            reason=row.reason,
            sentence=words.sentence(view.said(row.sentence) or words.plain(row.reason)),
            level=row.level,
            addressee=row.addressee,
            since=row.first_true_on,
            rows=tuple(why.row(each) for each in matched if why and each["outputs"].get("reason") == row.reason),
            definition_id=latest.definition_id if latest else None,
            rules=rules,
            informed=tuple(informed.get(row.reason, ())),
        )
        for row in rows
    )


_LATEST = (
    sa.select(
        evaluations.c.result, evaluations.c.definition_id, evaluations.c.at,
        definitions.c.name, definitions.c.key, definitions.c.file, definitions.c.version,
    )
    .join(definitions, definitions.c.id == evaluations.c.definition_id)
    .where(evaluations.c.case_id == sa.bindparam("case", type_=sa.Uuid), evaluations.c.decision == DECISION)
    .order_by(evaluations.c.at.desc(), evaluations.c.id.desc())
    .limit(1)
)  # fmt: skip


def _informed(view: View, case_id: UUID) -> dict[str, list[Informed]]:
    """Return by reason who was written to: `engine.reminders` keeps case, reason, day and person as a message's key."""
    keyed = outbox.c.dedupe_key.startswith(f"{case_id}:", autoescape=True)
    rows = view.connection.execute(
        sa.select(outbox.c.dedupe_key, outbox.c.queued_at, practitioners.c.name)
        .join(practitioners, practitioners.c.id == outbox.c.practitioner_id)
        .where(outbox.c.case_id == case_id, keyed)
        .order_by(outbox.c.queued_at, practitioners.c.name)
    )
    found: dict[str, list[Informed]] = {}
    for key, at, name in rows:
        found.setdefault(key.split(":")[1], []).append(Informed(name, at))
    return found


class _Why:
    """Tells the rows of one judgement of a case: the rules as they were then, and the facts."""

    def __init__(self, view: View, case_id: UUID, definition_id: UUID, at: datetime) -> None:
        engine, authority = view.engine, view.authority
        self._view = view
        self._model = engine.library.rules(view.connection, definition_id)
        decision = self._model.decision(DECISION)
        table = decision.logic if isinstance(decision.logic, DecisionTable) else None
        self._columns = table.columns if table else ()
        kept = view.connection.execute(_FACTS_THEN, {"case": case_id, "at": at}).scalar()
        recorded = RecordedFacts.from_json(kept) if kept else None
        facts = {} if recorded is None else {each.name: getattr(recorded, each.name) for each in fields(recorded)}
        limit = engine.library.host(view.connection, authority).time_limit
        today = at.astimezone(authority.zone).date()
        self._setting = Setting(today, authority.calendar, limit, facts)

    def row(self, kept: Mapping[str, Any]) -> WhyRow:
        """Keep of the inputs those that the row tests: a table has a column for whatever any of its rows looks at."""
        number, today = kept["row"], self._view.today
        anything = {column.expression for column in self._columns if column.always >> (number - 1) & 1}
        headings = {column.expression: column.label for column in self._columns if column.label}
        inputs = {text: value for text, value in kept["inputs"].items() if text not in anything}
        tested = tuple(
            Tested(headings.get(text) or words.plain(text), words.value(value, today=today))
            for text, value in inputs.items()
        )
        return WhyRow(
            kept["annotations"].get(ROW) or str(number), told_source(kept), inputs, tested, self._sentence(kept)
        )

    def _sentence(self, kept: Mapping[str, Any]) -> str:
        values = {text: to_feel(value) for text, value in kept["inputs"].items()}
        row = MatchedRow(
            kept["decision"], kept["table"], kept["row"], kept["rule"], values, {}, kept["annotations"],
            kept.get("description", ""),
        )  # fmt: skip
        return self._view.said(explain(self._model, DECISION, row, self._setting).sentence)


_AT = sa.bindparam("at", type_=case_facts.c.valid_from.type)
_FACTS_THEN = (
    sa.select(case_facts.c.facts)
    .where(case_facts.c.case_id == sa.bindparam("case", type_=sa.Uuid))
    .where(case_facts.c.valid_from <= _AT, sa.or_(case_facts.c.valid_to.is_(None), case_facts.c.valid_to > _AT))
    .limit(1)
)


def incidents_of(view: View, case_id: UUID) -> tuple[CaseIncident, ...]:
    """Return what has stopped on this case, the oldest first."""
    rows = view.connection.execute(
        sa.select(incidents.c.id, incidents.c.message, incidents.c.opened_at)
        .where(incidents.c.case_id == case_id, incidents.c.resolved_at.is_(None))
        .order_by(incidents.c.opened_at, incidents.c.id)
    )
    return tuple(CaseIncident(row.id, words.sentence(row.message), row.opened_at) for row in rows)
