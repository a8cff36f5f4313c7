"""What trying rules out came to, in figures that name nobody: for designers, and to be kept with a deployment."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from engine.casework.escalation import LEVELS, Judgement
from engine.whatif.differences import KINDS, Difference, Kind

_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class RowFigure:
    """In how many cases a row makes a difference of a kind. `level_now` and `level_draft` are "" where there is none.

    `row` is what the table calls it (of the draft, else of the rules in force); `reason` its stable word.
    """

    kind: Kind
    row: str
    reason: str
    level_now: str
    level_draft: str
    cases: int


@dataclass(frozen=True, slots=True)
class LevelFigure:
    """How many reasons of a level hold by the rules in force and by the draft, and how many of them are new or gone."""

    level: str
    now: int
    draft: int
    new: int
    gone: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How many of the `cases` asked about differ, by kind, row and level.

    `new`, `gone`, `changed` and `unjudged` count cases with a difference of that kind; a case may have several kinds.
    `more` are those of `new` of which something is said now already, so they escalate for one reason more.
    `escalating_now` and `escalating_draft` count the cases of which something is said at all, `first` those of which
    nothing is said now and something by the draft, `quiet` the reverse. `gathered` had to be read from the record, as
    no facts were kept that still hold.
    """

    cases: int = 0
    gathered: int = 0
    new: int = 0
    gone: int = 0
    changed: int = 0
    unjudged: int = 0
    escalating_now: int = 0
    escalating_draft: int = 0
    first: int = 0
    quiet: int = 0
    rows: tuple[RowFigure, ...] = ()
    levels: tuple[LevelFigure, ...] = ()

    @property
    def more(self) -> int:
        """How many cases that escalate now would for a further reason."""
        return self.new - self.first

    @property
    def same(self) -> bool:
        """Whether the draft says of every case what the rules in force say."""
        return not (self.new or self.gone or self.changed or self.unjudged)

    def as_json(self) -> dict[str, Any]:
        """Return every figure as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Figures:
        """Read what `as_json` gave."""
        rows = tuple(RowFigure(**row) for row in kept["rows"])
        levels = tuple(LevelFigure(**level) for level in kept["levels"])
        return cls(**{**kept, "rows": rows, "levels": levels})


@dataclass(slots=True)
class Tally:
    """Counts as cases come by."""

    cases: int = 0
    gathered: int = 0
    _totals: Counter[str] = field(default_factory=Counter)
    _rows: Counter[tuple[Kind, str, str, str, str]] = field(default_factory=Counter)
    _levels: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, now: Judgement, draft: Judgement, differences: Sequence[Difference]) -> None:
        """Count one case."""
        self.cases += 1
        said = bool(now.reasons), bool(draft.reasons)
        self._totals["escalating_now"] += said[0]
        self._totals["escalating_draft"] += said[1]
        self._totals["first"] += said == (False, True)
        self._totals["quiet"] += said == (True, False)
        for side, judgement in (("now", now), ("draft", draft)):
            for row in judgement.reasons.values():
                self._level(row.level)[side] += 1
        self._differences(differences)

    def fail(self, difference: Difference) -> None:
        """Count a case that could not be asked about at all."""
        self.cases += 1
        self._differences([difference])

    def figures(self) -> Figures:
        """Return what was counted, the most serious levels and the first rows before others."""
        rows = [RowFigure(*where, cases) for where, cases in self._rows.items()]
        rows.sort(key=lambda each: (KINDS.index(each.kind), row_order(each.row), each.reason, each.level_now))
        levels = sorted(self._levels, key=lambda level: (LEVELS.index(level) if level in LEVELS else 99, level))
        return Figures(
            cases=self.cases,
            gathered=self.gathered,
            rows=tuple(rows),
            levels=tuple(
                LevelFigure(level, *(self._levels[level][each] for each in ("now", "draft", "new", "gone")))
                for level in levels
            ),
            **self._totals,
        )

    def _differences(self, differences: Sequence[Difference]) -> None:
        for kind in {each.kind for each in differences}:
            self._totals[kind] += 1
        for each in differences:
            if each.told is not None:
                levels = (each.now.level if each.now else "", each.draft.level if each.draft else "")
                self._rows[each.kind, each.told.row, each.told.reason, *levels] += 1
            if each.kind in ("new", "gone") and each.told is not None:
                self._level(each.told.level)[each.kind] += 1

    def _level(self, level: str) -> Counter[str]:
        found = self._levels.get(level)
        if found is None:
            found = self._levels[level] = Counter()
        return found


def row_order(row: str) -> tuple[int, str]:
    """Return a key that puts rows in order of the numbers they begin with."""
    found = _NUMBER.match(row)
    return (int(found[0]) if found else 10**6), row
