"""Find what is odd about a decision table: inputs no row covers, rows that clash or never count, outputs never given.

Each input is cut into pieces within which no cell changes its answer (`atoms`); a table is a grid of them. A way
through the grid that leaves no row is a gap; a row that shares a piece of every input with another overlaps it. What is
said to happen has been tried on the table itself. What cannot be told is named in `untold` or `gave_up`, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import combinations
from operator import or_
from typing import Any, Final

from engine.dmn.atoms import Atom, Cut, Surroundings, cut_columns
from engine.dmn.gaps import Way, merged, shortest, told
from engine.dmn.model import Decision, DecisionModel, KnowledgeModel
from engine.dmn.results import row_in_words
from engine.dmn.run import Journal, Run
from engine.dmn.tables import DecisionTable
from engine.dmn.types import MISFIT
from engine.errors import BudgetExceeded
from engine.feel import DEFAULT, Environment, Runtime, UnaryTests, equal, literal_text
from engine.feel import nodes as n

MOST_STATES: Final = 20_000
"""Ways through the grid looked at for one question; then it is given up, and said so."""
MOST_WAYS: Final = 100
"""Ways on which no row is left that are brought together into gaps."""
MOST_FOUND: Final = 5
"""Gaps, and overlaps, told of one table."""
COMPLETE: Final = frozenset({"UNIQUE", "FIRST", "ANY", "PRIORITY"})
"""Hit policies whose tables give one answer, and so should always have one."""


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something odd; `kind`: gap, overlap, conflict, hidden, never, output, type. `example` are inputs that show it."""

    kind: str
    what: str
    rows: tuple[int, ...]
    example: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Analysis:
    """What was found out about one decision's table."""

    decision: str
    policy: str
    rows: int
    oddities: tuple[Oddity, ...]
    untold: tuple[str, ...]
    """What could not be told, in sentences."""
    gave_up: tuple[str, ...] = ()
    """What was not looked at to the end as there are too many combinations, in sentences."""


class _GaveUp(Exception):
    """There are too many ways to look at."""


def analyse(model: DecisionModel, around: Surroundings) -> Iterator[Analysis]:
    """Analyse every decision table of a file, those of knowledge models too."""
    holders: list[Decision | KnowledgeModel] = [*model.decisions.values(), *model.knowledge.values()]
    for holder in holders:
        table = holder.logic
        if isinstance(table, DecisionTable):
            analyst = _Analyst(model, table, cut_columns(table.columns, len(table.rules), around), around)
            oddities = tuple(analyst.oddities())
            unsaid = tuple(analyst.untold), tuple(analyst.gave_up)
            yield Analysis(holder.id, table.policy.name, len(table.rules), oddities, *unsaid)


class _Analyst:
    def __init__(
        self, model: DecisionModel, table: DecisionTable, cuts: Sequence[Cut], around: Surroundings
    ) -> None:
        self._model, self._table, self._cuts, self._around = model, table, cuts, around
        self._plain = all(cut.plain for cut in cuts)
        self.untold: list[str] = []
        self.gave_up: list[str] = []

    def oddities(self) -> Iterator[Oddity]:
        policy = self._table.policy.name
        for cut in self._cuts:
            if cut.beyond:
                rows = _numbers(cut.beyond)
                where = f"row{'s' if len(rows) > 1 else ''} {', '.join(map(self._table.row_in_words, rows))}"
                self.untold.append(f"what '{cut.label}' matches in {where}: it is more than constants")
        never = set(self._never())
        yield from (
            Oddity("never", f"row {self._named(row)} can never match: {why}", (row,), {}) for row, why in sorted(never)
        )
        dead = {row for row, _ in never}
        if policy in COMPLETE and not any(self._table.defaults):
            yield from self._gaps()
        if policy == "FIRST":
            yield from self._hidden(dead)
        if policy in ("UNIQUE", "ANY"):
            yield from self._clashes(dead)
        yield from self._outputs_never_given(dead)
        yield from self._outputs_of_another_type()

    def _never(self) -> Iterator[tuple[int, str]]:
        for row in range(1, len(self._table.rules) + 1):
            bit = 1 << (row - 1)
            for cut in self._cuts:
                if not any(atom.may & bit for atom in cut.atoms):
                    yield row, f"no value of '{cut.label}' meets its cell"
                    break

    def _gaps(self) -> Iterator[Oddity]:
        cuts = [(cut.name, [(atom.value, atom.may) for atom in _expected(cut)]) for cut in self._cuts]
        untried, found = 0, []
        for way in self._ways(cuts, "whether every input is covered"):
            if not self._plain or self._matching({name: values[0] for name, values, _ in way}):
                untried += 1
                continue
            found.append(shortest(way))
        whole = {name: len(atoms) for name, atoms in cuts}
        for region, example in merged(found, whole)[:MOST_FOUND]:
            yield Oddity("gap", f"no row covers {told(region)}", (), example)
        if untried:
            self.untold.append("whether every input is covered: some inputs are worked out from others")

    def _hidden(self, dead: set[int]) -> Iterator[Oddity]:
        for row in range(2, len(self._table.rules) + 1):
            if row in dead:
                continue
            bit = 1 << (row - 1)
            cuts = [
                (cut.name, [(atom.value, atom.must & (bit - 1)) for atom in cut.atoms if atom.may & bit])
                for cut in self._cuts
            ]
            try:
                seen = next(_uncovered(cuts, bit - 1), None)
            except _GaveUp:
                whether = f"whether row {self._table.row_in_words(row)} is hidden by rows before it"
                self.gave_up.append(f"{whether}: there are too many combinations")
                continue
            if seen is None:
                example = {name: next(iter(atoms))[0] for name, atoms in cuts}
                hiding = self._matching(example) if self._plain else ()
                by = f"row {self._named(hiding[0])}" if hiding and hiding[0] < row else "the rows before it"
                what = f"row {self._named(row)} never counts: {by} comes first whenever it matches"
                yield Oddity("hidden", what, (*hiding[:1], row), example)

    def _clashes(self, dead: set[int]) -> Iterator[Oddity]:
        unique, found = self._table.policy.name == "UNIQUE", 0
        for one, other in combinations(range(1, len(self._table.rules) + 1), 2):
            example = None if {one, other} & dead else self._shared(one, other)
            if example is None or not (unique or self._differ(one, other)):
                continue
            if not self._plain or not {one, other} <= set(self._matching(example)):
                pair = " and ".join(map(self._table.row_in_words, (one, other)))
                self.untold.append(f"whether rows {pair} can match together: inputs hang on others")
                continue
            found += 1
            if found > MOST_FOUND:
                self.untold.append(f"more than {MOST_FOUND} pairs of rows clash; these are the first")
                return
            both = f"rows {self._named(one)} and {self._named(other)} both match {_told(example)}"
            why = "and UNIQUE allows one" if unique else "with different outputs, which ANY does not allow"
            yield Oddity("overlap" if unique else "conflict", f"{both}, {why}", (one, other), example)

    def _shared(self, one: int, other: int) -> dict[str, Any] | None:
        both = 1 << (one - 1) | 1 << (other - 1)
        example: dict[str, Any] = {}
        for cut in self._cuts:
            # A value is told where the pieces differ, and a null only where a cell speaks of it.
            common = [atom for atom in _expected(cut, others=True) if atom.must & both == both]
            if not common:
                return None
            if len(common) < len(cut.atoms):
                example[cut.name] = common[0].value
        return example

    def _differ(self, one: int, other: int) -> bool:
        first, second = (self._table.rules[row - 1].constants for row in (one, other))
        return any(equal(first[name], second[name]) is False for name in first.keys() & second.keys())

    def _outputs_of_another_type(self) -> Iterator[Oddity]:
        for number, rule in enumerate(self._table.rules, start=1):
            for name, kind in zip(self._table.outputs, self._table.kinds, strict=True):
                value = rule.constants.get(name)
                if kind is not None and value is not None and kind.fit(value) is MISFIT:
                    what = f"row {self._named(number)}, column '{name}': {literal_text(value)} is not {kind.describe()}"
                    yield Oddity("type", what, (number,), {})

    def _outputs_never_given(self, dead: set[int]) -> Iterator[Oddity]:
        rules = [rule for number, rule in enumerate(self._table.rules, 1) if number not in dead]
        for name, tests in zip(self._table.outputs, self._table.listed, strict=True):
            given = [rule.constants.get(name, _UNKNOWN) for rule in rules]
            if any(value is _UNKNOWN for value in given):
                continue
            for value in _listed(tests):
                if not any(equal(value, each) is True for each in given):
                    what = f"no row gives {literal_text(value)}, which the output '{name}' lists"
                    yield Oddity("output", what, (), {})

    def _ways(self, cuts: Sequence[tuple[str, Sequence[tuple[Any, int]]]], question: str) -> Iterator[Way]:
        every = (1 << len(self._table.rules)) - 1
        try:
            for count, way in enumerate(_uncovered(cuts, every)):
                if count == MOST_WAYS:
                    self.untold.append(f"more than {MOST_WAYS} combinations are not covered; these are the first")
                    return
                yield way
        except _GaveUp:
            self.gave_up.append(f"{question}: there are too many combinations")

    def _matching(self, example: Mapping[str, Any]) -> tuple[int, ...]:
        """Return the rows that match an example when it is put to the table itself."""
        around = self._around.environment
        own = Environment(around.now, around.zone, [], around.host)
        journal = Journal()
        run = Run(self._model, {}, Runtime(own, DEFAULT), journal)
        try:
            self._table(run.scope(dict(example)), run)
        except BudgetExceeded:
            return ()
        return tuple(row.row for row in journal.matched if row.decision == self._table.owner)

    def _named(self, row: int) -> str:
        rule = self._table.rules[row - 1]
        return row_in_words(rule.annotations, row, rule.id)


_UNKNOWN: Final[Any] = object()


def _listed(tests: UnaryTests | None) -> list[Any]:
    written = tests.node.tests if tests is not None and isinstance(tests.node, n.Tests) else ()
    values = [each.value for each in written if isinstance(each, n.Literal)]
    return values if len(values) == len(written) else []


def _expected(cut: Cut, *, others: bool = False) -> list[Atom]:
    """Return the pieces that an author has to think of: a null, or a text not written, only where cells speak of it.

    The last piece, null, is all there is when the column asks nothing.
    """
    kept = [atom for atom in cut.atoms if atom.value is not None and (others or not atom.other)]
    return kept or list(cut.atoms)


def _uncovered(cuts: Sequence[tuple[str, Sequence[tuple[Any, int]]]], every: int) -> Iterator[Way]:
    """Yield ways through the pieces on which no row is left; each set of rows left is followed once an input.

    A way ends where no row is left: what comes after does not matter. Raises `_GaveUp` when there are too many.
    """
    seen: set[tuple[int, int]] = set()
    states = [0]

    def walk(index: int, left: int, way: Way) -> Iterator[Way]:
        if not left:
            yield way
            return
        if index == len(cuts) or (index, left) in seen:
            return
        seen.add((index, left))
        states[0] += 1
        if states[0] > MOST_STATES:
            raise _GaveUp
        name, atoms = cuts[index]
        alike: dict[int, list[tuple[Any, int]]] = {}
        for value, covered in atoms:
            alike.setdefault(left & covered, []).append((value, covered))
        for rest, group in alike.items():
            covered = reduce(or_, (rows for _, rows in group))
            step = (*way, (name, tuple(value for value, _ in group), covered)) if rest != left else way
            yield from walk(index + 1, rest, step)

    return walk(0, every, ())


def _told(example: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {literal_text(value)}" for name, value in example.items()) or "any input"


def _numbers(rows: int) -> list[int]:
    return [number + 1 for number in range(rows.bit_length()) if rows >> number & 1]
