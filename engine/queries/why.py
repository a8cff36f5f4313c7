"""Why a decision answered what it did on a case: the rows that matched, in sentences, by the rules of that moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.facts import RecordedFacts
from engine.dmn import MatchedRow
from engine.dmn.results import label_of, told_source
from engine.dmn.tables import DecisionTable
from engine.explaining import Setting, explain
from engine.feel import to_feel
from engine.queries import rule_words, words
from engine.queries.view import View
from engine.store.tables.record import case_facts, evaluations
from engine.store.tables.running import definitions


@dataclass(frozen=True, slots=True)
class Tested:
    """Something that a row looked at: the column's heading, and the value it had, in words."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class WhyRow:
    """A row of the rules that matched: what the table calls it, where it comes from, and the values it tested.

    `inputs` has them by input expression, `tested` in words for people, and `sentence` says it all: what was counted
    from which day, the limit here, the row and where it comes from. `anchor` is where the page of the rules file shows
    the row, "" for a reader who may not see that page.
    """

    row: str
    description: str
    inputs: Mapping[str, Any]
    tested: tuple[Tested, ...]
    sentence: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Rules:
    """The version of a rules file that judged a case, and when."""

    name: str
    file: str
    version: int
    judged_at: datetime


def kept(case_id: UUID | sa.ColumnElement[UUID]) -> sa.Select[Any]:
    """Return the query of what decisions answered on a case, the newest first: rows that `Why` takes.

    Of the newest few, `newest` chooses first which: of each row the facts as they were then are looked up.
    """
    return _KEPT.where(evaluations.c.case_id == case_id).order_by(evaluations.c.at.desc(), evaluations.c.id.desc())


def newest(most: int, *which: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Return the query of the newest answers of `which`, at most so many, on the case that is its parameter."""
    chosen = sa.select(evaluations.c.id).where(evaluations.c.case_id == _CASE, *which)
    in_order = chosen.order_by(evaluations.c.at.desc(), evaluations.c.id.desc()).limit(most)
    return kept(_CASE).where(evaluations.c.id.in_(in_order))


_CASE: Final = sa.bindparam("case", type_=sa.Uuid)
_FACTS_THEN = (
    sa.select(case_facts.c.facts)
    .where(case_facts.c.case_id == evaluations.c.case_id, case_facts.c.valid_from <= evaluations.c.at)
    .where(sa.or_(case_facts.c.valid_to.is_(None), case_facts.c.valid_to > evaluations.c.at))
    .limit(1)
    .scalar_subquery()
)
_KEPT = sa.select(
    evaluations.c.decision, evaluations.c.result, evaluations.c.definition_id, evaluations.c.at,
    definitions.c.name, definitions.c.key, definitions.c.file, definitions.c.version, _FACTS_THEN.label("facts"),
).join(definitions, definitions.c.id == evaluations.c.definition_id)  # fmt: skip


class Why:
    """Tells the rows of one answer about a case (a row of `kept`): the rules as they were then, and the facts."""

    def __init__(self, view: View, row: Any) -> None:
        engine, authority = view.engine, view.authority
        self._view = view
        self._model = engine.library.rules(view.connection, row.definition_id)
        self.decision = self._model.decision(row.decision)
        table = self.decision.logic if isinstance(self.decision.logic, DecisionTable) else None
        self._columns = table.columns if table else ()
        self.headings: Mapping[str, str] = table.labels if table else {}
        """What the outputs are called for people, by their names."""
        recorded = RecordedFacts.from_json(row.facts) if row.facts else None
        facts = {} if recorded is None else {each.name: getattr(recorded, each.name) for each in fields(recorded)}
        limit = engine.library.host(view.connection, authority).time_limit
        today = row.at.astimezone(authority.zone).date()
        self._setting = Setting(today, authority.calendar, limit, facts)
        self.rules = Rules(row.name or row.key, row.file, row.version, row.at)

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
        may_see = permissions.may_try_rules(self._view.actor)
        anchor = rule_words.anchor(kept["rule"], number) if may_see else ""
        return WhyRow(
            label_of(kept["annotations"], number), told_source(kept), inputs, tested, self.sentence(kept), anchor
        )

    def sentence(self, kept: Mapping[str, Any]) -> str:
        """Say why a row matched (`MatchedRow.as_json`)."""
        values = {text: to_feel(value) for text, value in kept["inputs"].items()}
        row = MatchedRow(
            kept["decision"], kept["table"], kept["row"], kept["rule"], values, {}, kept["annotations"],
            kept.get("description", ""),
        )  # fmt: skip
        return self._view.said(explain(self._model, self.decision.name, row, self._setting).sentence)
