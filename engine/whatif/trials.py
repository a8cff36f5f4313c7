"""Ask a draft and the rules in force about every open case, alike cases once, and say where they differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.bpmn.lint import Finding
from engine.casework.escalation import DECISION, Judgement
from engine.casework.facts import RecordedFacts, derive
from engine.dmn.explaining import inputs_by_row
from engine.errors import EngineError, Invalid
from engine.judging import Rules
from engine.process_engine import ProcessEngine
from engine.store import facts as fact_store
from engine.store import past
from engine.store.authorities import Authority
from engine.store.past import CaseThen
from engine.whatif.differences import About, Difference, compare
from engine.whatif.drafts import Draft
from engine.whatif.figures import Figures, Tally
from engine.whatif.sides import Sides, moment_of, sides_of

BATCH: Final = 1_000
MOST_REMEMBERED: Final = 20_000
"""Answers that are kept for cases to come, of each set of rules: a bound for memory, which an ordinary caseload never
reaches."""
NOTHING_KEPT: Final = "nothing was kept of this case by the end of that day"

_UNKEPT: Final = "Not kept yet on that day, so taken as if there were nothing: {}."
_FACTS: Final = frozenset(field.name for field in fields(RecordedFacts))

Say = Callable[[int, int], None]
"""Told how many cases were asked about, of how many."""


@dataclass(frozen=True, slots=True)
class RulesInForce:
    """A rules file that a draft was compared with; `since` (aware UTC) is when it was deployed."""

    file: str
    version: int
    since: datetime


@dataclass(frozen=True, slots=True)
class CaseDifference:
    """One difference of one case."""

    case_id: UUID
    reference: str
    difference: Difference


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What trying a draft out came to.

    `on` is the local day that was asked about and `past` whether it is over; `against` are the rules compared with,
    `notes` say what could not be had as it was then, `notices` what is to be known of the files, `digest` names the
    text that was tried. It says nothing of any case.
    """

    files: tuple[str, ...]
    digest: str
    on: date
    past: bool
    against: tuple[RulesInForce, ...]
    figures: Figures
    notes: tuple[str, ...]
    notices: tuple[Finding, ...]

    def kept(self) -> dict[str, Any]:
        """Return what is kept of it, as JSON values: figures, day and versions, and nothing of any case."""
        return {
            "digest": self.digest,
            "on": self.on.isoformat(),
            "against": [{"file": each.file, "version": each.version} for each in self.against],
            "figures": self.figures.as_json(),
        }


def try_out(
    engine: ProcessEngine,
    connection: sa.Connection,
    authority: Authority,
    draft: Draft,
    *,
    on: date | None = None,
    rules_of_the_day: bool = False,
    keep_cases: bool = True,
    say: Say = lambda _done, _all: None,
) -> tuple[Trial, tuple[CaseDifference, ...]]:
    """Compare a draft with the rules in force over every open case of an authority; only reads.

    The differences go case by case, in no order of weight.

    `on` is a local day that has passed (None: now), as it stood when it ended. `rules_of_the_day` compares with the
    rules that were in force then instead of those of today. Without `keep_cases` only figures are made. What goes
    wrong with one case makes it one that could not be judged. Raises `Invalid` for a day to come, `NotFound` when
    there are no rules to compare with.
    """
    moment = moment_of(on, authority, now=engine.clock.now())
    sides = sides_of(engine, connection, authority, draft, moment, rules_of_the_day=rules_of_the_day)
    asking = _Asking(connection, sides)
    found: list[CaseDifference] = []
    day, end = moment.past_day, moment.end
    whole = past.count_open(connection, authority.id, day=day, end=end)
    say(0, whole)
    for batch in past.open_cases(connection, authority.id, day=day, end=end, size=BATCH):
        for case, differences in asking.batch(batch, now=end is None):
            if keep_cases:
                found += [CaseDifference(case.id, case.reference, each) for each in differences]
        say(asking.tally.cases, whole)
    trial = Trial(
        files=draft.files,
        digest=draft.digest,
        on=moment.today,
        past=end is not None,
        against=tuple(RulesInForce(each.file, each.version, each.since) for each in sides.against),
        figures=asking.tally.figures(),
        notes=sides.notes + asking.notes(),
        notices=draft.notices,
    )
    return trial, tuple(found)


class _Asking:
    """Asks both sets of rules, batch by batch, and counts."""

    def __init__(self, connection: sa.Connection, sides: Sides) -> None:
        self._connection, self._sides = connection, sides
        self._about = About(*(inputs_by_row(rules.model.decision(DECISION)) for rules in (sides.now, sides.draft)))
        self._unkept: Counter[str] = Counter()
        self.tally = Tally()

    def notes(self) -> tuple[str, ...]:
        """Say which facts an earlier version of the service did not keep yet, and of how many cases."""
        told = (f"{name} ({cases:,} cases)" for name, cases in sorted(self._unkept.items()))
        return (_UNKEPT.format(", ".join(told)),) if self._unkept else ()

    def batch(self, batch: Sequence[CaseThen], *, now: bool) -> Iterator[tuple[CaseThen, tuple[Difference, ...]]]:
        """Give the cases of a batch that differ; facts that are not kept are gathered when it is about `now`."""
        read = {case.id: _read(case.facts) for case in batch}
        missing = [id_ for id_, facts in read.items() if not isinstance(facts, RecordedFacts)] if now else []
        if missing:
            read |= fact_store.gather(self._connection, missing)
            self.tally.gathered += len(missing)
        if not now:
            self._unkept.update(name for case in batch if case.facts for name in _FACTS - case.facts.keys())
        for case in batch:
            differences = self._case(read[case.id])
            if differences:
                yield case, differences
        for rules in (self._sides.now, self._sides.draft):
            if len(rules.said) > MOST_REMEMBERED:
                rules.said.clear()

    def _case(self, recorded: RecordedFacts | str) -> tuple[Difference, ...]:
        if isinstance(recorded, str):
            return self._fail(recorded)
        rules = self._sides.now
        try:
            facts = derive(recorded, today=rules.today, calendar=rules.authority.calendar)
        except EngineError as error:
            return self._fail(str(error))
        now, draft = _ask(self._sides.now, facts), _ask(self._sides.draft, facts)
        differences = compare(now, draft, self._about) if now is not draft else ()
        self.tally.add(now, draft, differences)
        return differences

    def _fail(self, why: str) -> tuple[Difference, ...]:
        difference = Difference("unjudged", said=why)
        self.tally.fail(difference)
        return (difference,)


def _ask(rules: Rules, facts: Mapping[str, Any]) -> Judgement:
    """Return a judgement; of rules that fail on these facts one that is unsure, and why."""
    try:
        return rules.ask_alike(facts)[1]
    except EngineError as error:
        return Judgement({}, str(error))


def _read(kept: Mapping[str, Any] | None) -> RecordedFacts | str:
    """Return kept facts, or why there are none."""
    if kept is None:
        return NOTHING_KEPT
    try:
        return RecordedFacts.from_json(kept)
    except Invalid as error:
        return str(error)
