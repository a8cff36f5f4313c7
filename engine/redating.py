"""A calendar that changes: which open promises were reckoned by it, and where they lie by another.

A due date or a timer was reckoned by the calendar when working out the same rule again, as of the instant at which it
was set, gives the day it has. Only such a one moves. What people agreed on (the day of a meeting, a date that somebody
changed by hand) stays, and so does what is late already: no calendar makes a missed promise a kept one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.assignment import due_day
from engine.calendar import WorkingCalendar, bank_holidays
from engine.corrections import as_day, timer_due_at
from engine.errors import Conflict, EngineError, Invalid, NotFound
from engine.process_engine import ProcessEngine
from engine.store.authorities import Authority
from engine.store.history import Head
from engine.store.locking import CaseLine
from engine.store.tables.people import local_closures
from engine.store.tables.record import cases
from engine.store.tables.running import instances, timers, user_tasks
from engine.work import Work, open_work

FARTHEST: Final = timedelta(days=1096)
"""How far from today a closure may lie."""
LONGEST: Final = 31
"""How many days one closure may last: a month."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A change of an authority's local closures: days to close on, by what for, and ids of closures to take away."""

    close: Mapping[date, str] = field(default_factory=dict)
    end: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Held:
    """A closure as stored."""

    id: UUID
    on_day: date
    name: str


@dataclass(frozen=True, slots=True)
class Redated:
    """A promise that moves: `was` and `now` are a task's local days, or a timer's instants (aware UTC)."""

    id: UUID
    case_id: UUID
    is_task: bool
    name: str
    assignee_id: UUID | None
    version: int
    was: date | datetime
    now: date | datetime


def period(first: date, last: date | None, name: str) -> Wanted:
    """Return that the offices close from `first` to `last`, both included. Raises `Invalid` naming the field."""
    if not name.strip():
        raise Invalid("Say what the offices are closed for", field="name")
    days = ((last or first) - first).days + 1
    if days < 1:
        raise Invalid("The last day is before the first", field="last_on")
    if days > LONGEST:
        raise Invalid(f"Close at most {LONGEST} days at once", field="last_on")
    return Wanted(close={first + timedelta(days=number): name.strip() for number in range(days)})


def closures_of(connection: sa.Connection, authority_id: UUID) -> list[Held]:
    """Return an authority's local closures, the earliest first."""
    columns = (local_closures.c.id, local_closures.c.on_day, local_closures.c.name)
    own = sa.select(*columns).where(local_closures.c.authority_id == authority_id)
    return [Held(*row) for row in connection.execute(own.order_by(local_closures.c.on_day))]


def changed_calendar(
    connection: sa.Connection, authority: Authority, wanted: Wanted, *, today: date
) -> tuple[WorkingCalendar, list[Held], dict[date, str]]:
    """Return the calendar as it would be, the closures that go, and the days that come, by what they are closed for.

    Of a period, weekends and days that are off already are left out. Raises `NotFound` for a closure that is not there,
    `Conflict` when all of it is off already, `Invalid` for a day too far off.
    """
    held = {each.id: each for each in closures_of(connection, authority.id)}
    if missing := wanted.end - held.keys():
        raise NotFound("There is no such closure", closure_id=min(missing))
    stays = frozenset(each.on_day for each in held.values() if each.id not in wanted.end)
    if any(abs(day - today) > FARTHEST for day in wanted.close):
        raise Invalid("Enter a day within three years of today", field="first_on")
    kept = replace(authority.calendar, closures=stays)
    come = {day: name for day, name in wanted.close.items() if kept.is_working_day(day)}
    if wanted.close and not come:
        raise Conflict(_why_off(kept, min(wanted.close)), field="first_on")
    return replace(kept, closures=stays | come.keys()), [held[each] for each in sorted(wanted.end)], come


def _why_off(calendar: WorkingCalendar, day: date) -> str:
    if day in calendar.closures:
        return "This day is on the list already"
    holiday = day in bank_holidays(calendar.nation)
    return "This is a bank holiday already" if holiday else "Nobody works on this day anyway"


def redated(
    engine: ProcessEngine, connection: sa.Connection, authority: Authority, calendar: WorkingCalendar, *, now: datetime
) -> Iterator[Redated]:
    """Give every open promise of the authority that lies elsewhere by `calendar`, ordered by case."""
    today = now.astimezone(authority.zone).date()
    other = replace(authority, calendar=calendar)
    changed = authority.calendar.closures ^ calendar.closures
    span = _Span(min(changed, default=date.max), max(changed, default=date.min))
    for case_id, rows in groupby(_open_tasks(connection, authority.id, today), key=lambda row: row.case_id):
        reckoner = _Reckoner(engine, connection, authority, other, case_id, now)
        yield from (found for row in rows if (found := reckoner.task(row, span, today)) is not None)
    for case_id, rows in groupby(_waiting_timers(connection, authority.id, now), key=lambda row: row.case_id):
        reckoner = _Reckoner(engine, connection, authority, other, case_id, now)
        yield from (found for row in rows if (found := reckoner.timer(row, span)) is not None)


@dataclass(frozen=True, slots=True)
class _Span:
    """The first and the last of the days that change."""

    first: date
    last: date

    def untouched(self, one: date, other: date) -> bool:
        """Tell whether no changed day lies between two days, nor on them."""
        return max(one, other) < self.first or min(one, other) > self.last


@dataclass(frozen=True, slots=True)
class _Reckoner:
    """Works out the rules of one case's promises by the calendar as it is and as it would be."""

    engine: ProcessEngine
    connection: sa.Connection
    authority: Authority
    other: Authority
    case_id: UUID
    now: datetime

    def task(self, row: Any, span: _Span, today: date) -> Redated | None:
        definition = self.engine.library.process(self.connection, row.definition_id)
        info = definition.element(row.process_key, row.element_id)
        beyond = span.untouched(self._day(row.opened_at), row.due_on)
        if info.due_date is None or (beyond and _from_today(info.due_date)):
            return None
        then, instead = self._both(row.opened_at)
        variables = {name: as_day(value) for name, value in row.variables.items()}
        try:
            if due_day(then, info, variables) != row.due_on:
                return None
            new = due_day(instead, info, variables)
        except EngineError:  # what cannot be worked out any more stays as it was promised
            return None
        new = max(new, today) if new else row.due_on
        if new == row.due_on:
            return None
        return Redated(row.id, self.case_id, True, row.name, row.assignee_id, row.version, row.due_on, new)

    def timer(self, row: Any, span: _Span) -> Redated | None:
        if span.untouched(self._day(row.armed_at), self._day(row.due_at)):
            return None
        then, instead = self._both(row.armed_at)
        try:
            new = timer_due_at(instead, row.rule)
            if new is None or new == row.due_at or timer_due_at(then, row.rule) != row.due_at:
                return None
        except EngineError:
            return None
        return Redated(row.id, self.case_id, False, row.element_id, None, 0, row.due_at, max(new, self.now))

    def _day(self, instant: datetime) -> date:
        return instant.astimezone(self.authority.zone).date()

    def _both(self, at: datetime) -> tuple[Work, Work]:
        """Return the act at an instant as it was, and by the other calendar; nothing is ever written with them."""
        line = CaseLine(self.case_id, self.authority.id, self.authority.version, None, False, 0, Head(0, ""))
        then = open_work(self.engine, self.connection, line, actor=None, at=at)
        host = replace(then.host, calendar=self.other.calendar)
        return then, replace(then, authority=self.other, host=host, events=[], letters=[], _facts=None, _people=None)


def _from_today(expression: str) -> bool:
    """Tell whether a rule counts from the day on which it is worked out alone, as nearly all do."""
    return expression.replace(" ", "").startswith("addworkingdays(today(),timelimit(")


def still(connection: sa.Connection, found: Sequence[Redated]) -> list[Redated]:
    """Return those that are as they were found, once their cases are locked."""
    tasks = _as_stored(connection, user_tasks, (user_tasks.c.version, user_tasks.c.due_on),
                       [each.id for each in found if each.is_task], user_tasks.c.state == "open")  # fmt: skip
    waiting = _as_stored(connection, timers, (sa.literal(0), timers.c.due_at),
                         [each.id for each in found if not each.is_task],
                         timers.c.fired_at.is_(None) & timers.c.cancelled_at.is_(None))  # fmt: skip
    return [each for each in found if (tasks | waiting).get(each.id) == (each.version, each.was)]


def _as_stored(
    connection: sa.Connection,
    table: sa.Table,
    columns: tuple[Any, Any],
    ids: Sequence[UUID],
    which: sa.ColumnElement[bool],
) -> dict[UUID, tuple[int, Any]]:
    found: dict[UUID, tuple[int, Any]] = {}
    for part in _parts(ids, 500):
        rows = connection.execute(sa.select(table.c.id, *columns).where(table.c.id.in_(part), which))
        found.update({row[0]: (row[1], row[2]) for row in rows})
    return found


def _parts(ids: Sequence[UUID], size: int) -> Iterable[Sequence[UUID]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))


def _open_tasks(connection: sa.Connection, authority_id: UUID, today: date) -> Iterator[Any]:
    columns = (
        user_tasks.c.id, user_tasks.c.case_id, user_tasks.c.process_key, user_tasks.c.element_id, user_tasks.c.name,
        user_tasks.c.assignee_id, user_tasks.c.variables, user_tasks.c.due_on, user_tasks.c.opened_at,
        user_tasks.c.version, instances.c.definition_id,
    )  # fmt: skip
    own = (user_tasks.c.authority_id == authority_id) & (user_tasks.c.state == "open") & (user_tasks.c.due_on >= today)
    query = sa.select(*columns).join(instances, instances.c.id == user_tasks.c.instance_id).where(own)
    yield from connection.execute(query.order_by(user_tasks.c.case_id, user_tasks.c.id)).all()


def _waiting_timers(connection: sa.Connection, authority_id: UUID, now: datetime) -> Iterator[Any]:
    waits = timers.c.fired_at.is_(None) & timers.c.cancelled_at.is_(None)
    query = (
        sa.select(
            timers.c.id, timers.c.element_id, timers.c.rule, timers.c.armed_at, timers.c.due_at, instances.c.case_id
        )
        .join(instances, instances.c.id == timers.c.instance_id)
        .join(cases, cases.c.id == instances.c.case_id)
        .where(cases.c.authority_id == authority_id, waits, timers.c.due_at > now, timers.c.armed_at.is_not(None))
    )
    yield from connection.execute(query.order_by(instances.c.case_id, timers.c.id)).all()
