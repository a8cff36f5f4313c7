"""Rule files on their own, without a database: what they may ask of an authority, and their examples put to them."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any, Final

from engine.bpmn.lint import Finding
from engine.calendar import WorkingCalendar
from engine.casework.feel_functions import HOST_FUNCTIONS
from engine.dmn import DecisionModel
from engine.dmn.analysis import Analysis, analyse
from engine.dmn.atoms import Surroundings
from engine.dmn.example_file import Example, ExampleFile
from engine.dmn.examples import Outcome, never_matched, row_labels, run, wrong_names
from engine.errors import EngineError
from engine.feel import Environment

TIMESCALES: Final = "timescales"
"""The decision that gives an authority's time limits."""
NOON: Final = time(12, tzinfo=UTC)
ADVICE: Final = (
    "mend the rules, or the example where it is the rule that is meant to change; "
    "left so, whoever approves it has to say why"
)


@dataclass(frozen=True, slots=True)
class FileHost:
    """What rule files may ask of an authority, from files alone: a calendar, and the limits of `timescales.dmn`.

    `limits` stand in for those of the table, in which `authority` (None: nobody in particular) may have its own rows.
    """

    timescales: DecisionModel | None
    authority: str | None = None
    limits: Mapping[str, Any] = field(default_factory=dict)
    calendar: WorkingCalendar = field(default_factory=WorkingCalendar)
    asker: object = field(default_factory=object)
    """Hosts of one asker, authority and limits give the same answers."""

    @property
    def fixed_key(self) -> Hashable:
        """The same for hosts that give the same limits."""
        return self.asker, self.authority, tuple(sorted((name, str(value)) for name, value in self.limits.items()))

    def environment(self, now: datetime | None) -> Environment:
        """Return an environment for one evaluation at `now` (aware; None: the day is not known)."""
        return Environment(now=now, zone=self.calendar.zone, warnings=[], host=self)

    def time_limit(self, name: str) -> Any:
        """Return the limit `name`, None when the table has none or there is no table."""
        if name in self.limits:
            return self.limits[name]
        if self.timescales is None:
            return None
        asked = {"limit": name, "authority": self.authority}
        return self.timescales.evaluate(TIMESCALES, asked, self.environment(None)).value


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules files that belong together, by key."""

    models: Mapping[str, DecisionModel]

    def holder(self, decision: str) -> DecisionModel | None:
        """Return the file that holds a decision, None when none does."""
        return next((model for model in self.models.values() if decision in model.decisions), None)

    def outcomes(self, examples: ExampleFile) -> list[Outcome]:
        """Put the examples to the decision, which must be there."""
        model = self.holder(examples.decision)
        if model is None:
            return []
        timescales, calendar, asker = self.holder(TIMESCALES), WorkingCalendar(), object()

        def surround(example: Example) -> Environment:
            host = FileHost(timescales, example.authority, example.limits, calendar, asker)
            return host.environment(_noon(example.today) if example.today else None)

        return list(run(examples, model, surround))


def example_findings(examples: ExampleFile, rules: Rules, before: Rules | None) -> Iterator[Finding]:
    """Yield a finding for each example that is not kept, and a notice for rows that no example reaches.

    `before` are the rules in force, for examples in force: what is not kept by them either stops nothing new.
    """
    model = rules.holder(examples.decision)
    if model is None:
        return
    outcomes = rules.outcomes(examples)
    red_before = _red(examples, before) if before is not None else frozenset()
    for each in outcomes:
        if each.problems:
            known = each.example.name in red_before
            what = "; ".join(each.problems) + (" (the rules in force do not keep it either)" if known else "")
            yield Finding(examples.file, each.example.name, what, ADVICE, "notice" if known else "error")
    yield from unreached(examples, rules, outcomes)


def unreached(examples: ExampleFile, rules: Rules, outcomes: Sequence[Outcome]) -> Iterator[Finding]:
    """Yield a notice for the rows that none of the examples reaches, once they were put to the rules."""
    model = rules.holder(examples.decision)
    missed = never_matched(outcomes, model, examples.decision) if model is not None and outcomes else []
    if model is not None and missed:
        named = ", ".join(row_labels(model.decision(examples.decision), missed))
        what = f"no example reaches {'the row' if len(missed) == 1 else 'the rows'} {named}"
        yield Finding(examples.file, examples.decision, what, "add an example for each", "notice")


def table_findings(file: str, model: DecisionModel, rules: Rules) -> Iterator[Finding]:
    """Yield what is odd about the tables of a file: rows that UNIQUE may not share refuse it, the rest is told."""
    for each in model.notices:
        yield Finding(file, model.key, each, "write it in FEEL", "notice")
    for found in analyses(model, rules):
        for odd in found.oddities:
            advice = _ADVICE[odd.kind]
            yield Finding(file, found.decision, odd.what, advice, "error" if odd.kind == "overlap" else "notice")
        for each in found.gave_up:
            yield Finding(file, found.decision, f"this could not be told: {each}", "look yourself", "notice")


def analyses(model: DecisionModel, rules: Rules) -> Iterator[Analysis]:
    """Analyse the tables of a file, with the time limits of `rules`."""
    host = FileHost(rules.holder(TIMESCALES))
    return analyse(model, Surroundings(host.environment(None), HOST_FUNCTIONS))


_ADVICE: Final = {
    "gap": "add a row for it, or a last row for everything else",
    "overlap": "change one of the rows so that only one of them matches",
    "conflict": "give both rows the same outputs, or change one so that only one of them matches",
    "hidden": "move it up, or take it out",
    "never": "mend its cells, or take it out",
    "type": "write a value of the column's type, or change the type",
    "output": "take it out of the output values, or add a row that gives it",
}


def name_findings(examples: ExampleFile, rules: Rules) -> Iterator[Finding]:
    """Yield a finding for a decision, inputs, outputs and rows that are not there."""
    model = rules.holder(examples.decision)
    if model is None:
        what = f"no rules file holds the decision '{examples.decision}'"
        yield Finding(examples.file, examples.decision, what, "name a decision by its id")
        return
    for example, what in wrong_names(examples, model):
        yield Finding(examples.file, example, what, "name what the decision has")


def _red(examples: ExampleFile, rules: Rules) -> frozenset[str]:
    try:
        return frozenset(each.example.name for each in rules.outcomes(examples) if each.problems)
    except EngineError:
        return frozenset()


def _noon(day: date) -> datetime:
    return datetime.combine(day, NOON)
