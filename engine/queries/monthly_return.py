"""A month's return: what came, went and was in time, in all and by agency and team. Figures, nobody's name.

It counts the cases that the asker may see. A case counts with the agency and the team of who led it last in that month,
or assessed it while nobody led.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.errors import Invalid
from engine.process_engine import ProcessEngine
from engine.queries import visibility, words
from engine.queries.event_sentences import CLOSED as CLOSURES
from engine.queries.reason_words import of_reason
from engine.queries.stage_times import FIRST_TAC, Period, Share
from engine.queries.view import View, viewing
from engine.queries.where_cases_stand import require_figures
from engine.store.tables.people import agencies, practitioners, team_memberships, teams
from engine.store.tables.record import (
    assessments,
    case_members,
    cases,
    escalations,
    lead_professionals,
    mag_referrals,
    manager_discussions,
    reviews,
    tac_meetings,
)

ASSESSMENT: Final = "assessment_remind_days"
"""The limit in `timescales.dmn` that the assessment's task is due by: working days from when it was begun."""
NOBODY: Final = ("Nobody leads yet", "")
COUNTS: Final = ("opened", "closed", "open_at_end", "escalations", "referrals")
SHARES: Final = ("assessments", "first_meetings", "reviews")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnRow:
    """The figures of one agency and team; both are empty in the row of all.

    `assessments` were completed in the month: in time within the limit for the assessment. `first_meetings` were held
    in it: in time within the limit after the assessment. `reviews` were due in it: in time when held by the first day
    promised. `escalations` began, `referrals` to a Multi-Agency Group were made in it.
    """

    agency: str
    team: str
    opened: int
    closed: int
    open_at_end: int
    assessments: Share
    first_meetings: Share
    reviews: Share
    escalations: int
    referrals: int


@dataclass(frozen=True, slots=True)
class EscalatedRow:
    """How many escalations of a reason and level began, how many of these had ended by the month's end or not."""

    reason: str
    level: str
    began: int
    ended: int
    hold: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyReturn:
    """The return of `period`, which ends today while the month is not over (`so_far`); as of `counted_at`.

    `closures` are reasons, `discussions` what managers decided about plans that had stalled, in words with their
    numbers; `group_decisions` how many referrals each Multi-Agency Group decided: what it decided is written freely,
    and nothing that anybody typed belongs here. The limits are those in force now.
    """

    period: Period
    so_far: bool
    total: ReturnRow
    rows: tuple[ReturnRow, ...]
    closures: tuple[tuple[str, int], ...]
    escalations: tuple[EscalatedRow, ...]
    discussions: tuple[tuple[str, int], ...]
    group_decisions: tuple[tuple[str, int], ...]
    assessment_days: int
    first_tac_weeks: int
    counted_at: datetime


def read(engine: ProcessEngine, *, actor: Actor, month: date | None = None) -> MonthlyReturn:
    """Return the month that holds a local day, the last whole one when none is given.

    Raises `NotPermitted` for who answers for nobody's cases, `Invalid` for a month that has not begun.
    """
    require_figures(actor)
    with viewing(engine, actor) as view:
        day = month or view.today.replace(day=1) - timedelta(days=1)
        first = day.replace(day=1)
        if first > view.today:
            raise Invalid("This month has not begun yet", field="month")
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        return _Read(view, Period(first, min(last, view.today))).made(so_far=last >= view.today)


Fact = tuple[str, UUID, bool]
"""What is counted, of which case, and whether it was in time."""


class _Read:
    """One reading of a month."""

    def __init__(self, view: View, period: Period) -> None:
        self._view, self._period = view, period
        self._seen = visibility.seen(view, closed=True)
        host = view.engine.library.host(view.connection, view.authority)
        self._days, self._weeks = int(host.time_limit(ASSESSMENT)), int(host.time_limit(FIRST_TAC))

    def made(self, *, so_far: bool) -> MonthlyReturn:
        facts = [*self._cases(), *self._assessments(), *self._first_meetings(), *self._reviews(), *self._others()]
        groups: dict[tuple[str, str], list[Fact]] = defaultdict(list)
        held_by = self._holders({case_id for _, case_id, _ in facts})
        for fact in facts:
            groups[held_by.get(fact[1], NOBODY)].append(fact)
        return MonthlyReturn(
            period=self._period,
            so_far=so_far,
            total=_row("", "", facts),
            rows=tuple(_row(*group, groups[group]) for group in sorted(groups)),
            closures=tuple(self._closures()),
            escalations=tuple(self._escalations()),
            discussions=tuple(self._discussions()),
            group_decisions=tuple(self._group_decisions()),
            assessment_days=self._days,
            first_tac_weeks=self._weeks,
            counted_at=self._view.now,
        )

    def _of(self, table: sa.Table, *columns: Any, when: sa.ColumnElement[bool]) -> Sequence[Any]:
        """Return columns of the rows that hold `when`, of the children's cases that the actor may see."""
        case_id = cases.c.id if table is cases else table.c.case_id
        query = sa.select(*columns).where(table.c.authority_id == self._view.actor.authority_id, self._seen(case_id))
        if table is not cases:
            query = query.join(cases, cases.c.id == table.c.case_id)
        return self._view.connection.execute(query.where(when, cases.c.child_id.is_not(None))).all()

    def _cases(self) -> Iterator[Fact]:
        begun = cases.c.opened_on <= self._period.to_on
        of_now = sa.or_(cases.c.closed_on.is_(None), cases.c.closed_on >= self._period.from_on)
        for row in self._of(cases, cases.c.id, cases.c.opened_on, cases.c.closed_on, when=begun & of_now):
            if row.opened_on >= self._period.from_on:
                yield "opened", row.id, True
            ended = row.closed_on is not None and row.closed_on <= self._period.to_on
            yield "closed" if ended else "open_at_end", row.id, True

    def _assessments(self) -> Iterator[Fact]:
        calendar = self._view.authority.calendar
        columns = (assessments.c.case_id, assessments.c.started_on, assessments.c.completed_on)
        for row in self._of(assessments, *columns, when=self._period.holds(assessments.c.completed_on)):
            due_on = calendar.add_working_days(row.started_on, self._days)
            yield "assessments", row.case_id, not calendar.days_overdue(due_on, row.completed_on)

    def _first_meetings(self) -> Iterator[Fact]:
        earlier = tac_meetings.alias("earlier")
        same = earlier.c.case_id == tac_meetings.c.case_id
        first = ~sa.exists().where(same, earlier.c.held_on < tac_meetings.c.held_on)
        assessed = sa.select(sa.func.min(assessments.c.completed_on))
        assessed_on = assessed.where(assessments.c.case_id == tac_meetings.c.case_id).correlate(tac_meetings)
        columns = (tac_meetings.c.case_id, tac_meetings.c.held_on, assessed_on.scalar_subquery().label("assessed_on"))
        found = self._of(tac_meetings, *columns, when=self._period.holds(tac_meetings.c.held_on) & first)
        for row in {row.case_id: row for row in found}.values():
            if row.assessed_on is not None:
                in_time = row.held_on <= row.assessed_on + timedelta(weeks=self._weeks)
                yield "first_meetings", row.case_id, in_time

    def _reviews(self) -> Iterator[Fact]:
        overdue, today = self._view.authority.calendar.days_overdue, self._view.today
        columns = (reviews.c.case_id, reviews.c.first_due_on, reviews.c.held_on)
        to_hold = sa.or_(reviews.c.held_on.is_not(None), cases.c.closed_on.is_(None))
        for row in self._of(reviews, *columns, when=self._period.holds(reviews.c.first_due_on) & to_hold):
            if row.held_on or overdue(row.first_due_on, today):
                in_time = row.held_on is not None and not overdue(row.first_due_on, row.held_on)
                yield "reviews", row.case_id, in_time

    def _others(self) -> Iterator[Fact]:
        for name, table, day in (
            ("escalations", escalations, escalations.c.first_true_on),
            ("referrals", mag_referrals, mag_referrals.c.referred_on),
        ):
            for row in self._of(table, table.c.case_id, when=self._period.holds(day)):
                yield name, row.case_id, True

    def _closures(self) -> Iterator[tuple[str, int]]:
        rows = self._of(cases, cases.c.closure_reason, when=self._period.holds(cases.c.closed_on))
        for reason, number in _counted(row.closure_reason for row in rows):
            yield _said(CLOSURES.get(reason, reason)) or "No reason was given", number

    def _escalations(self) -> Iterator[EscalatedRow]:
        columns = (escalations.c.reason, escalations.c.level, escalations.c.ended_on)
        rows = self._of(escalations, *columns, when=self._period.holds(escalations.c.first_true_on))
        began = Counter((row.reason, row.level) for row in rows)
        over = Counter((row.reason, row.level) for row in rows if row.ended_on and row.ended_on <= self._period.to_on)
        for (reason, level), number in sorted(began.items(), key=lambda each: (-each[1], each[0])):
            ended = over[reason, level]
            yield EscalatedRow(of_reason(reason), _said(level), number, ended, number - ended)

    def _discussions(self) -> Iterator[tuple[str, int]]:
        table = manager_discussions
        rows = self._of(table, table.c.decision, when=self._period.holds(table.c.discussed_on))
        for decision, number in _counted(row.decision for row in rows):
            yield _said(decision) or "Nothing was decided", number

    def _group_decisions(self) -> Iterator[tuple[str, int]]:
        table = mag_referrals
        rows = self._of(table, table.c.mag, when=self._period.holds(table.c.decided_on))
        for name, number in _counted(row.mag for row in rows):
            yield name or "No group was named", number

    def _holders(self, wanted: set[UUID]) -> dict[UUID, tuple[str, str]]:
        """Return agency and team of who led or assessed each case last, no later than the period's end."""
        held: dict[UUID, UUID] = {}
        for table, which in ((case_members, case_members.c.role == "assessor"), (lead_professionals, sa.true())):
            columns = (table.c.case_id, table.c.practitioner_id)
            query = sa.select(*columns).where(table.c.authority_id == self._view.actor.authority_id, which)
            query = query.where(table.c.from_on <= self._period.to_on).order_by(table.c.from_on, table.c.id)
            found = self._view.connection.execute(query)
            held |= {row.case_id: row.practitioner_id for row in found if row.case_id in wanted}
        places = self._places()
        return {case_id: places[person] for case_id, person in held.items() if person in places}

    def _places(self) -> dict[UUID, tuple[str, str]]:
        member = (
            (team_memberships.c.practitioner_id == practitioners.c.id)
            & (team_memberships.c.from_on <= self._period.to_on)
            & (team_memberships.c.to_on.is_(None) | (team_memberships.c.to_on > self._period.to_on))
        )
        query = (
            sa.select(practitioners.c.id, agencies.c.name.label("agency"), teams.c.name.label("team"))
            .outerjoin(agencies, agencies.c.id == practitioners.c.agency_id)
            .outerjoin(team_memberships, member)
            .outerjoin(teams, teams.c.id == team_memberships.c.team_id)
            .where(practitioners.c.authority_id == self._view.actor.authority_id)
            .order_by(team_memberships.c.from_on, teams.c.name.desc())
        )
        rows = self._view.connection.execute(query)
        return {row.id: (row.agency or "No agency", row.team or "") for row in rows}


def _said(code: str) -> str:
    """Say a code as words that begin with a capital; short names stay in capitals."""
    text = re.sub(r"\b(caf|mag|tac)\b", lambda found: found[0].upper(), words.plain(code))
    return text[:1].upper() + text[1:]


def _counted(values: Iterable[str]) -> list[tuple[str, int]]:
    return sorted(Counter(values).items(), key=lambda each: (-each[1], each[0]))


def _row(agency: str, team: str, facts: Sequence[Fact]) -> ReturnRow:
    number = Counter(name for name, _, _ in facts)
    in_time = Counter(name for name, _, kept in facts if kept)
    shares = {name: Share(in_time[name], number[name]) for name in SHARES}
    return ReturnRow(agency=agency, team=team, **{name: number[name] for name in COUNTS}, **shares)  # type: ignore[arg-type]
