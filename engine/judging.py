"""Ask the escalation rules about many cases at once: what they say today, and until when that stays so.

Everything here is read; what follows from a judgement is done by `engine.escalations`.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.escalation import DECISION, Judgement, judge
from engine.casework.facts import FACTS, RecordedFacts, derive
from engine.casework.feel_functions import FeelHost
from engine.casework.turning_days import next_turn
from engine.dmn import DecisionModel, DecisionResult, TurningPoints
from engine.feel import Environment, to_plain
from engine.process_engine import ProcessEngine
from engine.store import checks, escalations
from engine.store import facts as fact_store
from engine.store.authorities import Authority
from engine.store.checks import OpenCase
from engine.store.escalations import OpenReasons

COUNTS_AS_NEW_AFTER: Final = 10
"""Working days after an escalation ended when a reason still true counts as new."""
NO_REASONS: Final = OpenReasons()
LONGEST_UNLOOKED_AT: Final = timedelta(days=60)
"""A plan is judged again after this at the latest, whatever the rules seem to hang on."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A case as it was read, its facts, what the rules say today and what is open.

    `differs` when something is to be done; otherwise the same would be said on every day before `judge_on`. `again`
    are the processes that ended so long ago that a reason which still holds counts as new, `woken` the reasons that
    waited while the case was paused and wait no longer.
    """

    case: OpenCase
    facts: RecordedFacts
    facts_changed: bool
    result: DecisionResult
    judgement: Judgement
    open_now: Mapping[str, str]
    again: frozenset[str]
    woken: frozenset[str]
    differs: bool
    judge_on: date

    def moved_sentences(self) -> list[tuple[UUID, str, str]]:
        """Return (case, reason, sentence of the day) of every reason that goes on and is said otherwise today."""
        return [
            (self.case.id, reason, row.sentence)
            for reason, row in self.judgement.reasons.items()
            if self.open_now.get(reason, row.sentence) != row.sentence
        ]


@dataclass(frozen=True, slots=True)
class Rules:
    """An authority's escalation rules as of an instant, and where their answers may change."""

    id: UUID
    model: DecisionModel
    host: FeelHost
    authority: Authority
    now: datetime
    today: date
    points: TurningPoints | None
    said: dict[Hashable, tuple[DecisionResult, Judgement]] = field(default_factory=dict, repr=False)
    """What they said of some case, by the place of its facts between the turning points and what its rows read."""
    read: dict[Hashable, tuple[str, ...]] = field(default_factory=dict, repr=False)
    """The facts that the rows read which match in a place."""

    def ask_alike(self, facts: Mapping[str, Any]) -> tuple[DecisionResult, Judgement]:
        """Return what the rules say of facts, or said of others that they cannot tell from these.

        The result may then be another case's, and does not explain this one's. Many plans are alike to the rules.
        """
        if self.points is None:
            return self.ask(facts)
        place = self.points.place(facts)
        known = self.said.get(self._alike(place, facts)) if place in self.read else None
        if known is not None:
            return known
        result, judgement = self.ask(facts)
        if not judgement.unsure:
            self.read[place] = tuple(self.points.whole_given(row.row for row in result.own_rows))
            self.said[self._alike(place, facts)] = result, judgement
        return result, judgement

    def _alike(self, place: Hashable, facts: Mapping[str, Any]) -> Hashable:
        return place, *(facts.get(name) for name in self.read[place])

    def ask(self, facts: Mapping[str, Any]) -> tuple[DecisionResult, Judgement]:
        """Return what the rules say of facts (`facts.derive`), and how that is read."""
        environment = Environment(now=self.now, zone=self.authority.zone, warnings=[], host=self.host)
        result = self.model.evaluate(DECISION, facts, environment)
        warnings = [warning.message for warning in result.warnings]
        # A fact may well be null; a name that is no fact can never be told.
        warnings += [f"there is no fact called '{name}'" for name in sorted(result.missing - FACTS.keys())]
        return result, judge(to_plain(result.value), [row.label for row in result.own_rows], warnings)

    def next_day(
        self, recorded: RecordedFacts, facts: Mapping[str, Any], result: DecisionResult, judgement: Judgement
    ) -> date:
        """Return the first day after today on which they could say otherwise of a case left alone."""
        tomorrow, last = self.today + timedelta(days=1), self.today + LONGEST_UNLOOKED_AT
        if self.points is None or judgement.unsure:
            return tomorrow
        whole = self.points.whole_given(row.row for row in result.own_rows)
        calendar = self.authority.calendar
        turn = next_turn(recorded, facts, today=self.today, calendar=calendar, steps=self.points.steps, whole=whole)
        return last if turn is None else min(last, turn)


def rules_of(engine: ProcessEngine, connection: sa.Connection, authority: Authority, *, at: datetime) -> Rules:
    """Return an authority's escalation rules as of `at` (aware UTC). Raises `NotFound` when none are deployed."""
    rules_id, model = engine.library.decision(connection, authority, DECISION)
    host = engine.library.host(connection, authority)
    today = at.astimezone(authority.zone).date()
    return Rules(rules_id, model, host, authority, at, today, model.turning_points(DECISION, host))


def judge_cases(
    engine: ProcessEngine, connection: sa.Connection, rules: Rules, batch: Sequence[OpenCase]
) -> list[Judged]:
    """Judge open cases of one authority (best at most 1,000), with a fixed number of queries.

    Facts are gathered of the cases that moved since they were last judged; of the others they are those kept.
    """
    ids = [case.id for case in batch]
    kept = checks.kept_facts(connection, [case.id for case in batch if case.checked_version == case.version])
    missing = [case_id for case_id in ids if case_id not in kept]
    gathered = fact_store.gather(connection, missing) if missing else {}
    open_now, ended = escalations.open_reasons(connection, ids), escalations.ended_processes(connection, ids)
    return [
        _judge(rules, case, gathered.get(case.id) or kept[case.id], case.id in gathered,
               open_now.get(case.id, NO_REASONS), ended.get(case.id, {}))
        for case in batch
    ]  # fmt: skip


def _judge(
    rules: Rules,
    case: OpenCase,
    recorded: RecordedFacts,
    changed: bool,
    open_now: OpenReasons,
    ended: Mapping[str, datetime],
) -> Judged:
    facts = derive(recorded, today=rules.today, calendar=rules.authority.calendar)
    result, judgement = rules.ask_alike(facts)
    starts = _starts_again(rules, judgement, ended)
    again = frozenset(process for process, day in starts.items() if day <= rules.today)
    still = open_now.waiting & judgement.reasons.keys()
    woken = frozenset(reason for reason in still if not judgement.reasons[reason].waits)
    differs = judgement.differs_from(open_now.sentences) or bool(again or woken)
    judge_on = min([rules.next_day(recorded, facts, result, judgement), *starts.values()])
    if differs:
        result, judgement = rules.ask(facts)  # what is kept as the reason is this case's own
    return Judged(case, recorded, changed, result, judgement, open_now.sentences, again, woken, differs, judge_on)


def _starts_again(rules: Rules, judgement: Judgement, ended: Mapping[str, datetime]) -> dict[str, date]:
    """Return, by ended process, the local day from which a reason for it that still holds counts as new."""
    wanted = {row.process for row in judgement.reasons.values() if row.process and not row.waits} & ended.keys()
    zone, calendar = rules.authority.zone, rules.authority.calendar
    return {
        process: calendar.add_working_days(ended[process].astimezone(zone).date(), COUNTS_AS_NEW_AFTER)
        for process in wanted
    }
