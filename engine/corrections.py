"""A date that was recorded wrongly: which dates may be corrected, and which deadlines follow from each.

A deadline follows from a date when it was set in the act that recorded the date, by a rule that counts from that day:
it is reckoned again as if the act had been on the corrected day. So does one set later by a rule that reads the day
itself from the record: it is reckoned again with the corrected day. One that somebody has moved since, or that an
agreed date gives, stays. What the rules say of a case follows by itself, as they read the record.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.assignment import due_day
from engine.bpmn.timers import is_iso, schedule
from engine.casework.consent_cover import SHARED
from engine.casework.lateness import PROTECTING
from engine.errors import Invalid, NotFound
from engine.feel import Environment
from engine.routing import compiled
from engine.store.consent_cover import said_now
from engine.store.tables.keeping import history
from engine.store.tables.record import action_plans, assessments, concerns, consents, reviews, tac_meetings
from engine.store.tables.running import instances, timers, user_tasks
from engine.work import Work

NEVER_STOPPED: Final = PROTECTING | {"caf_episode"}
"""Processes that nobody stops by hand: a case ends by being closed, and what protects a child is answered."""
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of date: where it is kept, which rows count, the event that recorded it, and what it says in words.

    `fact` is the name under which due dates of diagrams read it, empty when they read none.
    """

    column: sa.Column[Any]
    event: str
    words: str
    where: sa.ColumnElement[bool]
    by_subject: bool = False
    newest_only: bool = False
    fact: str = ""


KINDS: Final[Mapping[str, Kind]] = {
    "consent_given": Kind(
        consents.c.from_on, "consent_recorded", "The family agreed to sharing",
        said_now() & consents.c.answer.in_(SHARED),
    ),
    "assessment_completed": Kind(
        assessments.c.completed_on, "assessment_completed", "The assessment was completed",
        assessments.c.completed_on.is_not(None), newest_only=True, fact="assessment_completed_on",
    ),
    "meeting_held": Kind(
        tac_meetings.c.held_on, "tac_meeting_held", "A TAC meeting was held", tac_meetings.c.held_on.is_not(None),
        by_subject=True, fact="review_met_on",
    ),
    "plan_agreed": Kind(
        action_plans.c.agreed_on, "action_plan_agreed", "The plan was agreed", action_plans.c.ended_on.is_(None),
    ),
    "review_held": Kind(
        reviews.c.held_on, "review_held", "The last review was held", reviews.c.held_on.is_not(None), newest_only=True,
    ),
    "concern_raised": Kind(
        concerns.c.raised_at, "concern_raised", "A concern was raised", concerns.c.ended_on.is_(None), by_subject=True,
    ),
}  # fmt: skip
"""The dates that may be corrected."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A date as the record has it. `at` is the instant of the act that recorded it, None when history has none."""

    kind: str
    id: UUID
    on: date
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Move:
    """A deadline that follows from a date. `was` and `now` are a task's days, or a timer's instants (aware UTC).

    `held` tells that it stays all the same, as it protects a child and would come later. Else nothing is due before the
    day on which it was asked, and no reminder goes out that would be over already: that one stays too.
    """

    id: UUID
    is_task: bool
    name: str
    was: date | datetime
    now: date | datetime
    held: bool
    version: int = 0


def recorded(work: Work) -> list[Recorded]:
    """Return the dates of a case that may be corrected, the newest of each kind first."""
    found = [each for name, kind in KINDS.items() for each in _of_kind(work, name, kind)]
    return sorted(found, key=lambda each: (each.on, each.kind), reverse=True)


def find(work: Work, kind: str, id_: UUID) -> Recorded:
    """Return one of `recorded`. Raises `NotFound`."""
    for each in recorded(work):
        if (each.kind, each.id) == (kind, id_):
            return each
    raise NotFound("There is no such date to correct on this case", case_id=work.case.id)


def moves(work: Work, date_: Recorded, on: date, *, may_delay: bool) -> list[Move]:
    """Return the deadlines that follow from a recorded date and would lie elsewhere had it been `on`.

    `may_delay` lets those that protect a child come later.
    """
    if date_.at is None:
        return []
    zone = work.authority.zone
    moved_at = datetime.combine(on, date_.at.astimezone(zone).timetz())
    then, instead = _as_of(work, date_.at), _as_of(work, moved_at)
    found = [*_tasks(then, instead, date_, on), *_timers(then, instead, date_.at)]
    return [replace(each, held=each.held and _later(each) and not may_delay) for each in found if each.was != each.now]


def _later(move: Move) -> bool:
    return move.now > move.was


def _of_kind(work: Work, name: str, kind: Kind) -> Iterator[Recorded]:
    table = kind.column.table
    rows = work.connection.execute(
        sa.select(table.c.id, kind.column.label("on_"))
        .where(table.c.case_id == work.case.id, kind.where)
        .order_by(kind.column.desc(), table.c.id.desc())
    ).all()
    for row in rows[:1] if kind.newest_only else rows:
        on = row.on_.astimezone(work.authority.zone).date() if isinstance(row.on_, datetime) else row.on_
        yield Recorded(name, row.id, on, _recorded_at(work, kind, row.id))


def _recorded_at(work: Work, kind: Kind, id_: UUID) -> datetime | None:
    query = sa.select(history.c.recorded_at).where(history.c.case_id == work.case.id, history.c.kind == kind.event)
    if kind.by_subject:
        query = query.where(history.c.subject_id == id_)
    return work.connection.execute(query.order_by(history.c.seq.desc()).limit(1)).scalar()


def _as_of(work: Work, at: datetime) -> Work:
    """Return the act as if it were at another instant; nothing is ever written with it."""
    return replace(work, at=at, today=at.astimezone(work.authority.zone).date(), events=[], letters=[], _facts=None)


def _tasks(then: Work, instead: Work, date_: Recorded, on: date) -> Iterator[Move]:
    rows = then.connection.execute(
        sa.select(user_tasks, instances.c.definition_id)
        .join(instances, instances.c.id == user_tasks.c.instance_id)
        .where(user_tasks.c.case_id == then.case.id, user_tasks.c.state == "open", user_tasks.c.opened_at >= date_.at)
        .order_by(user_tasks.c.due_on, user_tasks.c.id)
    )
    fact = KINDS[date_.kind].fact
    corrected = {fact: on} if fact else {}
    for row in rows.all():
        definition = then.engine.library.process(then.connection, row.definition_id)
        info = definition.element(row.process_key, row.element_id)
        variables = {name: as_day(value) for name, value in row.variables.items()}
        if row.opened_at == date_.at:
            was, now = due_day(then, info, variables), due_day(instead, info, variables | corrected)
        elif fact and info.due_date and fact in compiled(info.due_date).names_used - variables.keys():
            opened = _as_of(then, row.opened_at)
            was = due_day(opened, info, {**variables, fact: date_.on})
            now = due_day(opened, info, variables | corrected)
        else:
            continue
        # One that somebody has moved since, or whose limit has changed, is no longer what the rule says.
        if now is not None and row.due_on is not None and was == row.due_on:
            protects = row.process_key in PROTECTING
            asked_on = row.opened_at.astimezone(then.authority.zone).date()
            now = now if protects else max(now, asked_on)
            yield Move(row.id, True, row.name, row.due_on, now, protects, row.version)


def _timers(then: Work, instead: Work, at: datetime) -> Iterator[Move]:
    rows = then.connection.execute(
        sa.select(timers, instances.c.definition_id, instances.c.process_key)
        .join(instances, instances.c.id == timers.c.instance_id)
        .where(
            instances.c.case_id == then.case.id,
            timers.c.armed_at == at,
            timers.c.fired_at.is_(None),
            timers.c.cancelled_at.is_(None),
        )
        .order_by(timers.c.due_at, timers.c.id)
    )
    for row in rows.all():
        now, protects = timer_due_at(instead, row.rule), row.process_key in PROTECTING
        over = now is not None and now <= then.engine.clock.now() and not protects
        if now is not None and not over and timer_due_at(then, row.rule) == row.due_at:
            definition = then.engine.library.process(then.connection, row.definition_id)
            name = next((info.name for each in definition.family.values() if (info := each.get(row.element_id))), None)
            yield Move(row.id, False, name or row.element_id, row.due_at, now, protects)


def timer_due_at(work: Work, rule: str) -> datetime | None:
    """Return when a timer armed at the instant of `work` is due; None for one that an agreed date gives."""
    zone = work.authority.zone
    if is_iso(rule):
        return schedule(rule, now=work.at, zone=zone, repeats=False).due
    expression = compiled(rule)
    if expression.names_used:
        return None
    value = expression.evaluate({}, Environment(now=work.at, zone=zone, warnings=[], host=work.host))
    try:
        return schedule(value, now=work.at, zone=zone, repeats=False).due
    except Invalid:
        return None


def as_day(value: Any) -> Any:
    """Return a variable that is an ISO day as a date, any other as it is."""
    return date.fromisoformat(value) if isinstance(value, str) and _ISO_DAY.fullmatch(value) else value
