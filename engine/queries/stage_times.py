"""What a period looks like: how long cases were at each stage, how many came and went, what was in time. Figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.casework.stages import CLOSED, ORDER
from engine.errors import Invalid
from engine.process_engine import ProcessEngine
from engine.queries import visibility, words
from engine.queries.event_sentences import CLOSED as CLOSURES
from engine.queries.kept_figures import kept
from engine.queries.reason_words import of_reason
from engine.queries.view import View, viewing
from engine.queries.where_cases_stand import require_figures
from engine.store.tables.boards import stage_spells
from engine.store.tables.record import assessments, cases, escalations, reviews, tac_meetings

LONGEST: Final = timedelta(days=5 * 366)
FIRST_TAC: Final = "first_tac_weeks"


@dataclass(frozen=True, slots=True)
class Period:
    """The local days from `from_on` to `to_on`, both included. Raises `Invalid` for none, or more than five years."""

    from_on: date
    to_on: date

    def __post_init__(self) -> None:
        if self.to_on < self.from_on:
            raise Invalid("The last day must not be before the first", field="to_on")
        if self.to_on - self.from_on > LONGEST:
            raise Invalid("Choose a period of at most five years", field="from_on")

    def holds(self, day: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        """Return the condition that a column's day is within the period."""
        return day.between(self.from_on, self.to_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class StageTime:
    """How many times cases left a stage in the period, and working days they were at it: median, 90th percentile."""

    stage: str
    number: int
    median: int
    ninetieth: int


@dataclass(frozen=True, slots=True)
class Week:
    """A week, by its Monday: how many cases opened and closed."""

    monday: date
    opened: int
    closed: int


@dataclass(frozen=True, slots=True)
class Share:
    """How many of a number were in time."""

    in_time: int
    number: int


@dataclass(frozen=True, slots=True)
class Escalated:
    """How many escalations of a reason began in the period, and how many of these hold today."""

    reason: str
    began: int
    hold: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of a period, as of `counted_at`. `closures` are reasons in words and their numbers.

    `reviews` were due in the period: in time when held by the first day promised. `first_meetings` were held in it: in
    time within `first_tac_weeks` weeks of the assessment.
    """

    stages: tuple[StageTime, ...]
    weeks: tuple[Week, ...]
    reviews: Share
    first_meetings: Share
    first_tac_weeks: int
    escalations: tuple[Escalated, ...]
    closures: tuple[tuple[str, int], ...]
    counted_at: datetime


def figures(engine: ProcessEngine, *, actor: Actor, period: Period) -> Figures:
    """Return what a period looks like over the cases that the actor may see. Raises `NotPermitted`."""
    require_figures(actor)
    with viewing(engine, actor) as view:
        return kept(view, period, lambda view: _Read(view, period).figures(), lambda view, _: _cases(view))


def default_period(engine: ProcessEngine, *, actor: Actor) -> Period:
    """Return the thirteen weeks up to today."""
    with viewing(engine, actor) as view:
        return Period(view.today - timedelta(weeks=13), view.today)


def _cases(view: View) -> int:
    own = cases.c.authority_id == view.actor.authority_id
    return view.connection.execute(sa.select(sa.func.count()).select_from(cases).where(own)).scalar_one()


class _Read:
    """One reading of a period."""

    def __init__(self, view: View, period: Period) -> None:
        self._view, self._period = view, period
        self._seen = visibility.seen(view, closed=True)

    def figures(self) -> Figures:
        weeks = int(self._view.engine.library.host(self._view.connection, self._view.authority).time_limit(FIRST_TAC))
        return Figures(
            stages=tuple(self._stages()),
            weeks=tuple(self._weeks()),
            reviews=self._reviews(),
            first_meetings=self._first_meetings(weeks),
            first_tac_weeks=weeks,
            escalations=tuple(self._escalations()),
            closures=tuple(self._closures()),
            counted_at=self._view.now,
        )

    def _of(self, table: sa.Table, *columns: Any) -> sa.Select[Any]:
        """Return a query of columns and how many rows have them, over the cases that the actor may see."""
        case_id = table.c.id if table is cases else table.c.case_id
        query = sa.select(*columns, sa.func.count().label("number")).group_by(*columns)
        return query.where(table.c.authority_id == self._view.actor.authority_id, self._seen(case_id))

    def _rows(self, query: sa.Select[Any]) -> Sequence[Any]:
        return self._view.connection.execute(query).all()

    def _stages(self) -> Iterator[StageTime]:
        between = self._view.authority.calendar.working_days_between
        found: dict[str, Counter[int]] = {}
        ended = sa.func.coalesce(stage_spells.c.to_on, cases.c.closed_on).label("ended_on")
        columns = (stage_spells.c.stage, stage_spells.c.from_on, ended)
        query = self._of(stage_spells, *columns).join(cases, cases.c.id == stage_spells.c.case_id)
        for row in self._rows(query.where(self._period.holds(ended))):
            found.setdefault(row.stage, Counter())[max(0, between(row.from_on, row.ended_on))] += row.number
        for stage in ORDER:
            if stage != CLOSED and (days := found.get(stage)):
                yield StageTime(
                    stage=self._view.said(stage), number=days.total(), median=percentile(days, 50),
                    ninetieth=percentile(days, 90),
                )  # fmt: skip

    def _weeks(self) -> Iterator[Week]:
        def by_week(day: sa.Column[Any]) -> Counter[date]:
            rows = self._rows(self._of(cases, day).where(self._period.holds(day), cases.c.child_id.is_not(None)))
            found: Counter[date] = Counter()
            for on, number in rows:
                found[_monday(on)] += number
            return found

        opened, closed = by_week(cases.c.opened_on), by_week(cases.c.closed_on)
        monday = _monday(self._period.from_on)
        while monday <= self._period.to_on:
            yield Week(monday, opened[monday], closed[monday])
            monday += timedelta(weeks=1)

    def _reviews(self) -> Share:
        calendar, today = self._view.authority.calendar, self._view.today
        rows = self._rows(
            self._of(reviews, reviews.c.first_due_on, reviews.c.held_on).where(
                self._period.holds(reviews.c.first_due_on), sa.or_(reviews.c.held_on.is_not(None), _of_open_case())
            )
        )
        due = [row for row in rows if row.held_on or calendar.days_overdue(row.first_due_on, today)]
        kept_ = (row.number for row in due if row.held_on and not calendar.days_overdue(row.first_due_on, row.held_on))
        return Share(sum(kept_), sum(row.number for row in due))

    def _first_meetings(self, weeks: int) -> Share:
        first = (
            sa.select(tac_meetings.c.case_id, sa.func.min(tac_meetings.c.held_on).label("held_on"))
            .where(tac_meetings.c.authority_id == self._view.actor.authority_id)
            .group_by(tac_meetings.c.case_id)
            .having(self._period.holds(sa.func.min(tac_meetings.c.held_on)))
            .subquery()
        )
        assessed = sa.select(sa.func.min(assessments.c.completed_on)).where(assessments.c.case_id == first.c.case_id)
        columns = (first.c.held_on, assessed.correlate(first).scalar_subquery().label("assessed_on"))
        query = sa.select(*columns).where(self._seen(first.c.case_id))
        rows = [row for row in self._rows(query) if row.assessed_on is not None]
        return Share(sum(row.held_on <= row.assessed_on + timedelta(weeks=weeks) for row in rows), len(rows))

    def _escalations(self) -> Iterator[Escalated]:
        ended = escalations.c.ended_on.is_not(None).label("ended")
        rows = self._rows(
            self._of(escalations, escalations.c.reason, ended).where(self._period.holds(escalations.c.first_true_on))
        )
        began: Counter[str] = Counter()
        hold: Counter[str] = Counter()
        for row in rows:
            began[row.reason] += row.number
            hold[row.reason] += 0 if row.ended else row.number
        for reason, number in began.most_common():
            yield Escalated(of_reason(reason), number, hold[reason])

    def _closures(self) -> Iterator[tuple[str, int]]:
        query = self._of(cases, cases.c.closure_reason).where(
            self._period.holds(cases.c.closed_on), cases.c.child_id.is_not(None)
        )
        found = Counter({row.closure_reason: row.number for row in self._rows(query)})
        for reason, number in found.most_common():
            yield words.capital(CLOSURES.get(reason, words.plain(reason))) or "No reason was given", number


def _of_open_case() -> sa.ColumnElement[bool]:
    return sa.exists().where(cases.c.id == reviews.c.case_id, cases.c.closed_on.is_(None))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def percentile(days: Counter[int], percent: int) -> int:
    """Return the least value that at least `percent` per cent of the values do not exceed (nearest rank)."""
    wanted, passed = -(-days.total() * percent // 100), 0
    for value in sorted(days):
        passed += days[value]
        if passed >= wanted:
            return value
    return 0
