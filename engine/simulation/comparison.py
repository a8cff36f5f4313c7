"""The same caseload played twice, by the rules as they are and by a draft of them: what the draft makes of a year."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from textwrap import wrap
from typing import Final

from engine.casework.escalation import LEVELS
from engine.process_engine import ProcessEngine
from engine.queries.simulated_load import Timed, escalations_timed, managers_tasks, only_calendar
from engine.simulation.plots import Plot, table
from engine.simulation.reason_words import in_words, level_in_words
from engine.simulation.summary import Summary, row_order

DRAFT: Final = "Draft"
IN_FORCE: Final = "in force"
APART: Final = (
    "From the first escalation that differs the two plays go apart, as people act otherwise: what differs later is not "
    "all the draft's doing."
)
_WIDTH: Final = 58
_WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Played:
    """One play of the caseload: when what escalated, and on which days tasks came to line managers."""

    summary: Summary
    escalations: Sequence[Timed]
    managers: Sequence[date]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both plays. Ages are the median of working days from the opening of a case to the escalation.

    `base` says which rules those before the draft are: `shipped` with the service, `given`, or `in force` in a record.
    """

    before: Played
    draft: Played
    base: str = "shipped"

    @property
    def sides(self) -> tuple[Played, Played]:
        """The play by the rules as they are, then the one by the draft."""
        return self.before, self.draft

    @property
    def heads(self) -> tuple[str, str]:
        """What the two sides are called above their figures."""
        return self.base.capitalize(), DRAFT

    @property
    def base_rules(self) -> str:
        """What the rules before the draft are called in a sentence."""
        return "rules in force" if self.base == IN_FORCE else f"{self.base} rules"

    def text(self) -> str:
        """Return the comparison as it is printed."""
        return "\n".join(_lines(self)) + "\n"

    def figures(self) -> str:
        """Return the comparison as sections of HTML: plots with their tables, and the rows of the rules."""
        return "".join((
            f"<p>By the {self.base_rules}, and by the draft. {APART}</p>",
            table("What the draft changes", ("", *self.heads), [(words, *cells) for words, cells in _totals(self)]),
            _by_week(self, "Escalations by week", "Escalations that began in each week.", [
                [each.on for each in side.escalations] for side in self.sides
            ]).figure(),
            _by_week(self, "Tasks of line managers by week", "Tasks that came to line managers in each week.", [
                side.managers for side in self.sides
            ]).figure(),
            table(_BY_ROW, _columns(self), [(words, *cells) for words, cells in _rows(self)]),
            "<p>All that follows is of the second time, by the draft.</p>",
        ))  # fmt: skip


_BY_ROW: Final = "Escalations by row of the rules, with the typical working days after opening"


def played(engine: ProcessEngine, summary: Summary) -> Played:
    """Count in the record of a caseload that was just played, the only one of its database."""
    calendar = only_calendar(engine)
    return Played(summary, escalations_timed(engine, calendar), managers_tasks(engine, calendar))


def _lines(found: Comparison) -> Iterator[str]:
    plan = found.draft.summary.plan
    yield f"{plan.cases} cases over {plan.days} days, seed {plan.seed}, by the {found.base_rules} and by the draft"
    yield from wrap(APART, _WIDTH + 2 * 11)
    yield ""
    before, draft = found.heads
    yield f"{'':<{_WIDTH}} {before:>10} {draft:>10}"
    for words, cells in _totals(found):
        yield f"{words:<{_WIDTH}} {cells[0]:>10} {cells[1]:>10}"
    yield ""
    yield f"{'By row: begun, and typical working days after opening':<{_WIDTH}} {before:>10} {draft:>10}"
    for words, (now, then, days_now, days_then) in _rows(found):
        yield f"{words[:_WIDTH]:<{_WIDTH}} {_dated(now, days_now):>10} {_dated(then, days_then):>10}"


def _columns(found: Comparison) -> tuple[str, ...]:
    return "Row and reason", *found.heads, *(f"Days, {head.lower()}" for head in found.heads)


def _dated(count: str, days: str) -> str:
    return f"{count} ({days})" if days else count


def _totals(found: Comparison) -> Iterator[tuple[str, tuple[str, str]]]:
    """Give each figure of the whole in words, for both sides."""
    now, draft = found.sides
    levels = {each.level for side in found.sides for each in side.escalations}
    yield "Escalations that began", _both(*(len(side.escalations) for side in found.sides))
    yield "Cases with any", _both(*(len({each.case_id for each in side.escalations}) for side in found.sides))
    yield "Working days from opening to the first of a case", (_first(now), _first(draft))
    for level in sorted(levels, key=lambda level: (LEVELS.index(level) if level in LEVELS else len(LEVELS), level)):
        counts = (sum(each.level == level for each in side.escalations) for side in found.sides)
        yield f"Escalations for: {level_in_words(level)}", _both(*counts)
    yield "Hold at the end", _both(*(side.summary.escalations_open for side in found.sides))
    yield "Tasks that came to line managers, a week", (_a_week(now), _a_week(draft))
    yield "In their busiest week", _both(*(max(_weekly(side), default=0) for side in found.sides))
    closed = (sum(case.closed_on is not None for case in side.summary.cases) for side in found.sides)
    yield "Cases closed at the end", _both(*closed)


def _both(now: int, draft: int) -> tuple[str, str]:
    return f"{now:,}", f"{draft:,}"


def _first(side: Played) -> str:
    """Say the typical age of a case at its first escalation."""
    first: dict[object, int] = {}
    for each in side.escalations:
        first.setdefault(each.case_id, each.days)
    return f"{median(first.values()):g}" if first else "none"


def _a_week(side: Played) -> str:
    return f"{len(side.managers) / len(_weeks(side.summary)):.1f}"


def _weekly(side: Played) -> list[int]:
    return list(Counter(_week(day) for day in side.managers).values())


def _rows(found: Comparison) -> Iterator[tuple[str, tuple[str, str, str, str]]]:
    """Give, for each row of either rules, how often it began and its typical age, for both sides."""
    by_row: dict[tuple[str, str], tuple[list[int], list[int]]] = {}
    for number, side in enumerate(found.sides):
        for each in side.escalations:
            by_row.setdefault((each.row, each.reason), ([], []))[number].append(each.days)
    for row, reason in sorted(by_row, key=lambda key: (row_order(key[0]), key[1])):
        now, draft = by_row[row, reason]
        yield f"{row}: {in_words(reason)}", (*_both(len(now), len(draft)), _typical(now), _typical(draft))


def _typical(days: Sequence[int]) -> str:
    return f"{median(days):g}" if days else ""


def _by_week(found: Comparison, title: str, words: str, days: Sequence[Sequence[date]]) -> Plot:
    weeks = _weeks(found.draft.summary)
    counted = [Counter(map(_week, some)) for some in days]
    series = {side: [float(count[week]) for week in weeks] for side, count in zip(found.heads, counted, strict=True)}
    return Plot(title=title, words=words, steps=[f"{week.day} {week:%b}" for week in weeks], series=series)


def _weeks(summary: Summary) -> list[date]:
    first, last = _week(summary.first), _week(summary.last)
    return [first + number * _WEEK for number in range((last - first) // _WEEK + 1)]


def _week(day: date) -> date:
    return day - timedelta(days=day.weekday())
