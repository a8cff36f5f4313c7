"""How open cases stand, as boards ask: which the asker may see, chosen by team or stage, ranked; no child is named.

Most of it is read as it was kept when each case was last judged (`engine.store.standings`). A case whose record has
moved since is worked out of the record at the look itself, so that a board is never behind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from heapq import merge
from itertools import islice
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.severity import SIGNALS, STATES, State
from engine.queries import protecting_late, supervision, visibility
from engine.queries.choice import LATE, NO_LEAD, NOBODY, Choice
from engine.queries.due_states import Thresholds, thresholds
from engine.queries.event_sentences import NO_WORK
from engine.queries.view import View
from engine.standings import work_out
from engine.store.standings import CaseStanding
from engine.store.tables.boards import stage_spells, standings
from engine.store.tables.keeping import history
from engine.store.tables.people import practitioners, team_memberships
from engine.store.tables.record import cases, lead_professionals
from engine.store.tables.running import user_tasks

MOST_WORKED_OUT: Final = 500
"""How many cases that have just moved one look works out; the scheduler judges as many within seconds."""


CLOSING_LONG: Final = 20
"""Working days after which a case that is being closed may have been forgotten: a month."""
UNTOUCHED_LONG: Final = 20
"""Working days without an act of anybody after which an open case may have been forgotten: the same."""


@dataclass(frozen=True, slots=True, order=True)
class Ranked:
    """A case in its place among others: the worst group first, then what outranks days, then the longest wait.

    `severity` is the place of its group in `STATES`; `since` the day since which something is late or escalated,
    or else the day of the next promise.
    """

    severity: int
    harm: int
    calm: int
    since: date
    case_id: UUID
    stage: str = ""
    signals: tuple[str, ...] = ()

    @property
    def state(self) -> State:
        """The group."""
        return STATES[self.severity]


@dataclass(frozen=True, slots=True)
class Standings:
    """The open cases of one look: who asks, which they may see, and those that have moved since they were judged."""

    view: View
    choice: Choice
    limits: Thresholds
    protecting: sa.ColumnElement[bool]
    source: sa.FromClause
    condition: sa.ColumnElement[bool]
    moved: tuple[Ranked, ...]

    def counts(self) -> dict[State, int]:
        """Return how many cases each group holds, all that the asker may see and no other."""
        severity = self._severity().label("severity")
        query = sa.select(severity, sa.func.count().label("number")).select_from(self.source).where(self.condition)
        rows = self.view.connection.execute(query.group_by("severity"))
        return self._with_moved({row.severity: row.number for row in rows})

    def page(self, *, first: int, limit: int) -> tuple[list[Ranked], dict[State, int]]:
        """Return `ranked` and `counts` of one reading: finding a manager's cases costs more than counting them."""
        rows = self.view.connection.execute(self._counted().limit(first + limit)).all()
        if not rows and self.choice.state:
            return self._merged(rows, first=first, limit=limit), self.counts()
        known = {place: rows[0]._mapping[f"number_{place}"] if rows else 0 for place in range(len(STATES))}
        return self._merged(rows, first=first, limit=limit), self._with_moved(known)

    def _with_moved(self, known: Mapping[int, int]) -> dict[State, int]:
        found = Counter(known)
        found.update(each.severity for each in self.moved)
        return {state: found[place] for place, state in enumerate(STATES)}

    def by_stage(self) -> list[tuple[str, int, int]]:
        """Return how many cases are at each stage in each group: stage, place of the group in `STATES`, number."""
        columns = (standings.c.stage, self._severity().label("severity"))
        query = sa.select(*columns, sa.func.count().label("number")).select_from(self.source).where(self.condition)
        rows = self.view.connection.execute(query.group_by("stage", "severity"))
        found: Counter[tuple[str, int]] = Counter({(row.stage, row.severity): row.number for row in rows})
        found.update((each.stage, each.severity) for each in self.moved)
        return [(stage, severity, number) for (stage, severity), number in found.items()]

    def ranked(self, *, first: int, limit: int) -> list[Ranked]:
        """Return `limit` cases from the place `first` (0 for the top)."""
        stored = self.view.connection.execute(self._query().limit(first + limit)).all()
        return self._merged(stored, first=first, limit=limit)

    def _merged(self, stored: Sequence[Any], *, first: int, limit: int) -> list[Ranked]:
        return list(islice(merge((self._of(row) for row in stored), self._moved()), first, first + limit))

    def each(self, *, at_a_time: int) -> Iterator[list[Ranked]]:
        """Give every case in order, some at a time, without holding all of them."""
        streamed = self.view.connection.execution_options(yield_per=at_a_time).execute(self._query())
        in_order = merge((self._of(row) for row in streamed), self._moved())
        while some := list(islice(in_order, at_a_time)):
            yield some

    def _severity(self) -> sa.ColumnElement[int]:
        return _severity(self.limits, self.protecting)

    def _moved(self) -> list[Ranked]:
        wanted = [each for each in self.moved if self.choice.state in ("", each.state)]
        return sorted(wanted)

    def _query(self) -> sa.Select[Any]:
        query = _ranked_rows(self)
        if self.choice.state:
            query = query.where(self._severity() == STATES.index(self.choice.state))
        return query.order_by(*_ORDER)

    def _counted(self) -> sa.Select[Any]:
        """Return `_query` whose every row has the number of cases in each group, whatever group is chosen."""
        severity = self._severity()
        numbers = (
            sa.func.count().filter(severity == place).over().label(f"number_{place}") for place in range(len(STATES))
        )
        query = _ranked_rows(self).add_columns(*numbers)
        if self.choice.state:
            counted = query.subquery("counted")
            query = sa.select(counted).where(counted.c.severity == STATES.index(self.choice.state))
        return query.order_by(*_ORDER)

    def _of(self, row: Any) -> Ranked:
        signals = tuple(words for name, words in SIGNALS.items() if row._mapping[name])
        return Ranked(row.severity, row.harm, row.calm, row.since, row.case_id, row.stage, signals)


_ORDER: Final = ("severity", "harm", "calm", "since", "case_id")


def _ranked_rows(found: Standings) -> sa.Select[Any]:
    columns = (*_ranking(found.limits, found.protecting), standings.c.stage, *(standings.c[name] for name in SIGNALS))
    return sa.select(*columns).select_from(found.source).where(found.condition)


def read(view: View, choice: Choice) -> Standings:
    """Return the open cases of one choice that the actor may see."""
    limits = thresholds(view.today, view.authority.calendar)
    moved = _just_moved(view)
    is_seen = visibility.seen(view)
    whole = permissions.sees_whole_authority(view.actor)
    condition = sa.and_(
        standings.c.authority_id == view.actor.authority_id,
        # Whom a case is open to for other reasons than seeing them all sees it only while it is open.
        *([cases.c.closed_on.is_(None)] if whole else []),
        is_seen(standings.c.case_id),
        *([standings.c.case_id.not_in(moved)] if moved else []),
        *_chosen(view, choice),
    )
    seen = sorted(visibility.visible(view, moved)) if moved else []
    fresh = work_out(view.engine, view.connection, seen) if seen else []
    holds = _matching(view, choice)
    also_late = protecting_late.among_cases(view, seen)
    ranked = tuple(rank(each, limits, also_late) for each in fresh if holds(each))
    source, protecting = protecting_late.joined_to(view, _ALL if whole else standings)
    return Standings(view, choice, limits, protecting, source, condition, ranked)


def _just_moved(view: View) -> list[UUID]:
    """Return the open cases whose record has moved since they were judged."""
    found = sa.select(cases.c.id).where(cases.c.checked_version != cases.c.version, cases.c.closed_on.is_(None))
    own = found.where(cases.c.authority_id == view.actor.authority_id, cases.c.child_id.is_not(None))
    return list(view.connection.execute(own.limit(MOST_WORKED_OUT)).scalars())


_ALL = standings.join(cases, cases.c.id == standings.c.case_id)
_FAR: Final = date.max
_OVERDUE: Final = STATES.index("overdue")
_NOT_DUE: Final = STATES.index("not_due")


def _severity(limits: Thresholds, protecting: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    due = sa.case(
        (standings.c.due_on <= limits.critical, 0),
        (sa.or_(standings.c.due_on <= limits.overdue, protecting), 1),
        (standings.c.due_on <= limits.soon, 2),
        else_=3,
    )
    base = sa.case((standings.c.escalated < due, standings.c.escalated), else_=due)
    signal = sa.or_(*(standings.c[name] for name in SIGNALS))
    return sa.case((sa.and_(base == 1, signal), 0), else_=base)


def _ranking(limits: Thresholds, protecting: sa.ColumnElement[bool]) -> list[sa.Label[Any]]:
    """Return the columns of `Ranked` in the order in which cases stand."""
    escalated, due = standings.c.escalated_on, standings.c.due_on
    late = sa.case((sa.and_(due <= limits.overdue, sa.or_(escalated.is_(None), due < escalated)), due), else_=escalated)
    signals = [sa.case((standings.c[name], 1), else_=0) for name in SIGNALS]
    calm: sa.ColumnElement[int] = sa.literal(len(signals), sa.Integer)
    for signal in signals:
        calm = calm - signal
    since = sa.func.coalesce(late, due, sa.literal(_FAR, sa.Date), type_=sa.Date)
    return [
        _severity(limits, protecting).label("severity"), standings.c.harm.label("harm"), calm.label("calm"),
        since.label("since"), standings.c.case_id.label("case_id"),
    ]  # fmt: skip


def rank(found: CaseStanding, limits: Thresholds, protecting: Collection[UUID] = ()) -> Ranked:
    """Return the place of one case on the day of `limits`: the same as the query says of what is kept.

    `protecting` are the cases on which a task is late only as it protects a child.
    """
    signals = tuple(words for name, words in SIGNALS.items() if getattr(found, name))
    due = min(limits.place(found.due_on), _OVERDUE if found.case_id in protecting else _NOT_DUE)
    base = min(due, found.escalated)
    late = [found.due_on] if found.due_on and found.due_on <= limits.overdue else []
    since = min([*late, *([found.escalated_on] if found.escalated_on else [])], default=found.due_on or _FAR)
    severity = 0 if base == 1 and signals else base
    return Ranked(severity, found.harm, len(SIGNALS) - len(signals), since, found.case_id, found.stage, signals)


def _chosen(view: View, choice: Choice) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of a choice; which group is asked where rows are read, as the counts are of all groups."""
    found: list[sa.ColumnElement[bool]] = []
    if choice.worker == NOBODY:
        found.append(standings.c.holder_id.is_(None))
    elif choice.worker not in ("", NO_LEAD):
        found.append(standings.c.holder_id == UUID(choice.worker))
    found += [standings.c.holder_id.in_(those) for those in _holders(view, choice)]
    if choice.stage:
        found.append(standings.c.stage == choice.stage)
    if choice.only:
        found.append(_ONLY[choice.only](view))
    found += [standings.c.case_id.in_(those) for those in _named(view, choice)]
    return found


def _named(view: View, choice: Choice) -> list[sa.Select[Any]]:
    """Return selects of cases: whom nobody leads, at the choice's step, and without supervision for as long."""
    found = [_no_lead(view)] if choice.worker == NO_LEAD else []
    found += [_at_step(view, choice.step)] if choice.step else []
    return found + ([supervision.none_for(view, int(choice.unsupervised))] if choice.unsupervised else [])


def _closing_long(view: View) -> sa.ColumnElement[bool]:
    since = view.authority.calendar.add_working_days(view.today, -CLOSING_LONG)
    current = (stage_spells.c.case_id == standings.c.case_id, stage_spells.c.to_on.is_(None))
    long_ago = sa.exists().where(*current, stage_spells.c.from_on < since).correlate(standings)
    return sa.and_(standings.c.stage == "Closing", long_ago)


def _untouched(view: View) -> sa.ColumnElement[bool]:
    """Return the condition that no person did any work on a case for long; what the service did by itself is none."""
    calendar = view.authority.calendar
    since = calendar.add_working_days(view.today, -UNTOUCHED_LONG)
    by_somebody = history.c.practitioner_id.is_not(None) & history.c.kind.not_in(sorted(NO_WORK))
    acts = (history.c.case_id == standings.c.case_id, by_somebody)
    # The last act alone, from the end of the case's own index: a case of years has thousands.
    last = sa.select(history.c.recorded_at).where(*acts).order_by(history.c.seq.desc()).limit(1)
    long_ago = last.correlate(standings).scalar_subquery() < calendar.start_of_day(since)
    new = sa.exists().where(cases.c.id == standings.c.case_id, cases.c.opened_on >= since).correlate(standings)
    return sa.and_(sa.func.coalesce(long_ago, sa.true()), ~new)


def _is_late(view: View) -> sa.ColumnElement[bool]:
    those = protecting_late.cases_of(view)
    protecting = sa.false() if those is None else standings.c.case_id.in_(those)
    return _severity(thresholds(view.today, view.authority.calendar), protecting) <= _OVERDUE


_ONLY: Final[Mapping[str, Callable[[View], sa.ColumnElement[bool]]]] = {
    "undated": lambda _view: sa.and_(standings.c.due_on.is_(None), standings.c.escalated == _NOT_DUE),
    "closing": _closing_long,
    "silent": lambda _view: standings.c.silent.is_(sa.true()),
    "untouched": _untouched,
    LATE: _is_late,
}


def _only_holds(view: View, choice: Choice) -> Callable[[CaseStanding], bool]:
    """Return what is shown `only`, as a test of what was worked out just now."""
    if choice.only in ("closing", "untouched"):
        query = sa.select(standings.c.case_id).where(standings.c.authority_id == view.actor.authority_id)
        long = set(view.connection.execute(query.where(_ONLY[choice.only](view))).scalars())
        return lambda found: found.case_id in long and (choice.only != "closing" or found.stage == "Closing")
    if choice.only == LATE:
        limits = thresholds(view.today, view.authority.calendar)
        return lambda found: (
            rank(found, limits, protecting_late.among_cases(view, [found.case_id])).severity <= _OVERDUE
        )
    if choice.only == "undated":
        return lambda found: found.due_on is None and found.escalated == _NOT_DUE
    return lambda found: found.silent or choice.only != "silent"


def _holders(view: View, choice: Choice) -> list[sa.Select[Any]]:
    """Return selects of those who may hold a case of the choice's team, and of its agency."""
    found = []
    if choice.team:
        current = (team_memberships.c.team_id == UUID(choice.team), team_memberships.c.to_on.is_(None))
        found.append(sa.select(team_memberships.c.practitioner_id).where(*current))
    if choice.agency:
        own = practitioners.c.authority_id == view.actor.authority_id
        found.append(sa.select(practitioners.c.id).where(practitioners.c.agency_id == UUID(choice.agency), own))
    return found


def _no_lead(view: View) -> sa.Select[Any]:
    """Select the open cases that nobody leads who is still in the service, whoever assesses them."""
    led = (
        sa.exists()
        .where(
            lead_professionals.c.case_id == cases.c.id,
            lead_professionals.c.to_on.is_(None),
            practitioners.c.id == lead_professionals.c.practitioner_id,
            practitioners.c.left_on.is_(None),
        )
        .correlate(cases)
    )
    return sa.select(cases.c.id).where(
        cases.c.authority_id == view.actor.authority_id, cases.c.closed_on.is_(None), ~led
    )


def _at_step(view: View, step: str) -> sa.Select[Any]:
    own = (user_tasks.c.authority_id == view.actor.authority_id) & (user_tasks.c.element_id == step)
    return sa.select(user_tasks.c.case_id).where(own, user_tasks.c.state == sa.literal_column("'open'"))


def _matching(view: View, choice: Choice) -> Callable[[CaseStanding], bool]:
    """Return the choice as a test of what was worked out just now."""
    holders = [set(view.connection.execute(those).scalars()) for those in _holders(view, choice)]
    only = _only_holds(view, choice)
    named = [set(view.connection.execute(those).scalars()) for those in _named(view, choice)]

    def holds(found: CaseStanding) -> bool:
        held = "" if found.holder_id is None else str(found.holder_id)
        return (
            (
                choice.worker in ("", NO_LEAD)
                or (choice.worker == NOBODY) is not bool(held)
                and choice.worker in (held, NOBODY)
            )
            and all(found.holder_id in those for those in holders)
            and choice.stage in ("", found.stage)
            and only(found)
            and all(found.case_id in those for those in named)
        )

    return holds


def names(ranked: Sequence[Ranked]) -> list[UUID]:
    """Return the cases of rows, in their order."""
    return [each.case_id for each in ranked]


def one(view: View, case_id: UUID) -> Ranked | None:
    """Return how one case stands, out of the record as it is now; None when it is closed."""
    limits = thresholds(view.today, view.authority.calendar)
    protecting = protecting_late.among_cases(view, [case_id])
    fresh = work_out(view.engine, view.connection, [case_id])
    return next((rank(each, limits, protecting) for each in fresh), None)
