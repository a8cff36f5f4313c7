"""The figures of a simulated caseload, counted in the record and the history. Never used by pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.bpmn import ElementInfo, case_opening
from engine.process_engine import ProcessEngine
from engine.queries.simulated_stages import CLOSED, set_aside, stage_of
from engine.store.json import dumps
from engine.store.tables.keeping import history, history_payloads, outbox
from engine.store.tables.people import practitioners
from engine.store.tables.record import (
    action_plans,
    assessments,
    cases,
    escalations,
    lead_professionals,
    reviews,
    tac_meetings,
)
from engine.store.tables.running import definitions, incidents, instances, timers, user_tasks


@dataclass(frozen=True, slots=True)
class CaseSpan:
    """A child's case: its days, at which stage it is, and what it waits for now (element names; empty when closed)."""

    opened_on: date
    closed_on: date | None
    closure_reason: str
    waits_for: tuple[str, ...]
    stage: str


@dataclass(frozen=True, slots=True)
class DoneTask:
    """A task that was completed or is still open (`closed_at` None), with the promised day and its diagram's name."""

    name: str
    diagram: str
    due_on: date | None
    closed_at: datetime | None
    done_by: UUID | None
    assignee_id: UUID | None


@dataclass(frozen=True, slots=True)
class Begun:
    """An escalation that began, and what the table calls the first of its rows that raised it."""

    on: date
    row: str
    reason: str
    level: str


def case_spans(engine: ProcessEngine, authority_id: UUID) -> list[CaseSpan]:
    """Return every child's case; what it waits for is told of the process that it began with."""
    with engine.sessions.read() as connection:
        rows = connection.execute(
            sa.select(cases.c.id, cases.c.opened_on, cases.c.closed_on, cases.c.closure_reason)
            .where(cases.c.authority_id == authority_id, cases.c.child_id.is_not(None))
            .order_by(cases.c.id)
        ).all()
        at, aside = _standing_at(engine, connection), set_aside(connection)
    return [
        CaseSpan(
            row.opened_on,
            row.closed_on,
            row.closure_reason,
            tuple(sorted({_standing(info) for info in _own(at.get(row.id, []))})),
            CLOSED if row.closed_on else aside.get(row.id) or stage_of({info.id for info in at.get(row.id, ())}),
        )
        for row in rows
    ]


def _standing_at(engine: ProcessEngine, connection: sa.Connection) -> Mapping[UUID, list[ElementInfo]]:
    """Return, by case, the steps at which its own process is, with those that call another diagram."""
    running = connection.execute(
        sa.select(instances.c.case_id, instances.c.definition_id, instances.c.current).where(
            instances.c.status != "ended"
        )
    ).all()
    found = {}
    for row in running:
        definition = engine.library.process(connection, row.definition_id)
        if case_opening(definition) is None:
            continue
        known = {each: info for inside in definition.family.values() for each, info in inside.items()}
        found[row.case_id] = [known[each] for each in row.current if each in known]
    return found


def _own(steps: list[ElementInfo]) -> list[ElementInfo]:
    """Leave out the boxes that call another diagram: where one runs, its step says more."""
    return [info for info in steps if info.kind != "callActivity"] or steps


def _standing(info: ElementInfo) -> str:
    """Say where a case stands: at a step, or, while nobody has to do anything, what it waits for."""
    name = info.name or info.id
    return f"Waiting until: {name}" if info.kind == "intermediateCatchEvent" else name


def processes_beside(engine: ProcessEngine) -> dict[str, int]:
    """Return how many instances of each process run now beside those that cases began with, by key."""
    with engine.sessions.read() as connection:
        which = (instances.c.process_key, instances.c.definition_id)
        query = sa.select(*which, sa.func.count().label("number")).where(instances.c.status != "ended")
        found: Counter[str] = Counter()
        for row in connection.execute(query.group_by(*which).order_by(instances.c.process_key)):
            if case_opening(engine.library.process(connection, row.definition_id)) is None:
                found[row.process_key] += row.number
    return dict(found)


def first_steps(engine: ProcessEngine, authority_id: UUID) -> dict[str, list[tuple[date, date]]]:
    """Return, by step, (day opened, day it was first done) of every child's case in which it was done."""

    def first(day: sa.Column[date]) -> sa.ScalarSelect[Any]:
        return sa.select(sa.func.min(day)).where(day.table.c.case_id == cases.c.id).scalar_subquery()

    steps = {
        "the assessment was complete": first(assessments.c.completed_on),
        "somebody led": first(lead_professionals.c.from_on),
        "the team met first": first(tac_meetings.c.held_on),
        "the plan was agreed": first(action_plans.c.agreed_on),
    }
    children_s = (cases.c.authority_id == authority_id, cases.c.child_id.is_not(None))
    with engine.sessions.read() as connection:
        rows = connection.execute(sa.select(cases.c.opened_on, *steps.values()).where(*children_s).order_by(cases.c.id))
        known = [(opened, dict(zip(steps, days, strict=True))) for opened, *days in rows]
    return {step: [(opened, days[step]) for opened, days in known if days[step] is not None] for step in steps}


def review_days(engine: ProcessEngine) -> list[tuple[date, date | None]]:
    """Return (due day, day held or None) of every review that was held or is awaited, as first promised."""
    counts = sa.or_(reviews.c.held_on.is_not(None), cases.c.closed_on.is_(None))
    query = sa.select(reviews.c.first_due_on, reviews.c.held_on).join(cases, cases.c.id == reviews.c.case_id)
    with engine.sessions.read() as connection:
        rows = connection.execute(query.where(counts).order_by(reviews.c.id))
        return [(due_on, held_on) for due_on, held_on in rows]


def tasks(engine: ProcessEngine) -> list[DoneTask]:
    """Return every task that was completed or is open, in the order in which they opened."""
    columns = (
        user_tasks.c.name, user_tasks.c.process_key, user_tasks.c.due_on, user_tasks.c.closed_at,
        user_tasks.c.closed_by, user_tasks.c.assignee_id,
    )  # fmt: skip
    with engine.sessions.read() as connection:
        query = sa.select(*columns).where(user_tasks.c.state != "cancelled")
        rows = connection.execute(query.order_by(user_tasks.c.opened_at, user_tasks.c.id)).all()
        diagrams = _diagrams(connection)
    return [DoneTask(name, diagrams.get(key) or key, *rest) for name, key, *rest in rows]


def _diagrams(connection: sa.Connection) -> dict[str, str]:
    """Return the name of every diagram, by its key: the one deployed last."""
    query = sa.select(definitions.c.key, definitions.c.name).where(definitions.c.kind == "process")
    return {row.key: row.name for row in connection.execute(query.order_by(definitions.c.version))}


def escalations_begun(engine: ProcessEngine) -> list[Begun]:
    """Return every escalation that began, in order, with the row of the rules that raised it."""
    with engine.sessions.read() as connection:
        rows = connection.execute(
            sa.select(history.c.effective_on, history.c.detail)
            .where(history.c.kind == "escalation_begun")
            .order_by(history.c.recorded_at, history.c.case_id, history.c.seq)
        ).all()
    return [
        Begun(row.effective_on, str(row.detail["row"]), str(row.detail["reason"]), str(row.detail["level"]))
        for row in rows
    ]


def escalations_open(engine: ProcessEngine) -> int:
    """Return how many escalations hold now."""
    with engine.sessions.read() as connection:
        query = sa.select(sa.func.count()).select_from(escalations).where(escalations.c.ended_on.is_(None))
        return connection.execute(query).scalar_one()


def led_cases(engine: ProcessEngine) -> dict[UUID, int]:
    """Return how many open cases each practitioner leads now."""
    query = (
        sa.select(lead_professionals.c.practitioner_id, sa.func.count().label("number"))
        .join(cases, cases.c.id == lead_professionals.c.case_id)
        .where(lead_professionals.c.to_on.is_(None), cases.c.closed_on.is_(None))
        .group_by(lead_professionals.c.practitioner_id)
    )
    with engine.sessions.read() as connection:
        return {row.practitioner_id: row.number for row in connection.execute(query)}


def names(engine: ProcessEngine, authority_id: UUID) -> dict[UUID, tuple[str, str]]:
    """Return the name and job title of every practitioner, by id, in order of their names."""
    with engine.sessions.read() as connection:
        query = sa.select(practitioners.c.id, practitioners.c.name, practitioners.c.job_title)
        rows = connection.execute(query.where(practitioners.c.authority_id == authority_id).order_by("name"))
        return {row.id: (row.name, row.job_title) for row in rows}


def counts(engine: ProcessEngine) -> dict[str, int]:
    """Return how many there are of `events`, `timers_fired`, `timers_late`, `timers_waiting`, `messages`, `unsent`."""
    late = timers.c.late_seconds > 300
    waiting = timers.c.fired_at.is_(None) & timers.c.cancelled_at.is_(None)
    wanted = {
        "events": sa.select(sa.func.count()).select_from(history),
        "timers_fired": sa.select(sa.func.count()).where(timers.c.fired_at.is_not(None)),
        "timers_late": sa.select(sa.func.count()).where(timers.c.fired_at.is_not(None), late),
        "timers_waiting": sa.select(sa.func.count()).where(waiting),
        "messages": sa.select(sa.func.count()).where(outbox.c.state == "sent"),
        "unsent": sa.select(sa.func.count()).where(outbox.c.state != "sent"),
    }
    with engine.sessions.read() as connection:
        return {name: connection.execute(query).scalar_one() for name, query in wanted.items()}


def incidents_by_message(engine: ProcessEngine) -> dict[str, int]:
    """Return how often each incident was opened, by kind, place and words."""
    with engine.sessions.read() as connection:
        rows = connection.execute(sa.select(incidents.c.kind, incidents.c.element_id, incidents.c.message)).all()
    said = Counter(f"{row.kind} {row.element_id or ''}: {row.message}".replace(" :", ":") for row in rows)
    return dict(sorted(said.items()))


def history_lines(engine: ProcessEngine) -> Iterator[bytes]:
    """Give the whole history as lines of JSON, a case at a time, each event with what was said in it."""
    query = (
        sa.select(history, history_payloads.c.body, history_payloads.c.form_id)
        .outerjoin(history_payloads, history_payloads.c.event_id == history.c.id)
        .order_by(history.c.case_id, history.c.seq)
    )
    with engine.sessions.read() as connection:
        for row in connection.execution_options(yield_per=1000).execute(query).mappings():
            yield dumps({str(name): _plain(value) for name, value in row.items()}) + b"\n"


def _plain(value: Any) -> Any:
    return value.hex if isinstance(value, UUID) else value
