"""Correct a date of the record: history keeps what it was, and the deadlines that followed from it move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine import corrections
from engine.acts import settle
from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.corrections import KINDS, Move, Recorded
from engine.errors import Conflict, Invalid, NotPermitted
from engine.process_engine import ProcessEngine
from engine.store import due, locking, relations, requests, running
from engine.store.tables.record import assessments
from engine.work import Work, open_work, require_on_case

CONCERN: Final = "concern_raised"
FARTHEST: Final = timedelta(days=3 * 366)
"""How far back a corrected date may lie."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A date, what it becomes, and what moves with it."""

    was: date
    now: date
    moves: tuple[Move, ...]


def preview(
    engine: ProcessEngine, *, actor: Actor, case_id: UUID, kind: str, recorded_id: UUID, on: date
) -> Correction:
    """Return what correcting a date to `on` would move; nothing is changed. Raises as `correct` does."""
    with engine.sessions.act() as connection:
        work = open_work(engine, connection, locking.case(connection, case_id), actor=actor, at=engine.clock.now())
        found, moves = _judged(work, actor, kind, recorded_id, on)
        return Correction(found.on, on, tuple(moves))


def correct(
    engine: ProcessEngine,
    *,
    actor: Actor,
    case_id: UUID,
    kind: str,
    recorded_id: UUID,
    on: date,
    why: str,
    request_key: str | None = None,
) -> Correction:
    """Correct a date of `engine.corrections.KINDS` to `on` and move the deadlines that followed from it.

    A repeated `request_key` changes nothing more. Raises `NotFound`, `NotPermitted`, `Conflict` for a closed case,
    `Invalid` naming the field for a day that cannot be and without a reason.
    """
    if not why.strip():
        raise Invalid("Say why the date is corrected", field="why")
    request = requests.asked(actor, request_key, "correct a date", about=case_id, content=[kind, recorded_id, on, why])
    with engine.sessions.act() as connection:
        case = locking.case(connection, case_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now(), request=request)
        if requests.answered(connection, request) is not None:
            return Correction(on, on, ())
        found, moves = _judged(work, actor, kind, recorded_id, on)
        _write(work, found, on)
        _move(work, moves)
        work.changed()
        detail = {"what": kind, "was": found.on, "now": on, "moved": [_told(each) for each in moves]}
        payload = {"why": why.strip()}
        if kind == CONCERN:
            work.record("concern_date_corrected", subject=found.id, detail=detail, payload=payload, effective_on=on)
        else:
            work.record("date_corrected", subject=found.id, detail=detail, payload=payload, effective_on=on)
        settle(work)
        return Correction(found.on, on, tuple(moves))


def _judged(work: Work, actor: Actor, kind: str, recorded_id: UUID, on: date) -> tuple[Recorded, list[Move]]:
    require_on_case(work)
    relation = relations.of(work.connection, actor, work.case.id)
    if not permissions.may_correct_dates(actor, relation):
        raise NotPermitted("Who leads or assesses, their line manager or a coordinator corrects a date")
    found = corrections.find(work, kind, recorded_id)
    if on > work.today:
        raise Invalid("Enter a day that is not in the future", field="on")
    if on < work.today - FARTHEST:
        raise Invalid("Enter a day within the last three years", field="on")
    if on == found.on:
        raise Invalid("This is the day that is recorded already", field="on")
    if kind == "assessment_completed" and (started := _started(work, found)) and on < started:
        raise Invalid("The assessment cannot be completed before it began", field="on")
    return found, corrections.moves(work, found, on, may_delay=relation.manages_someone)


def _started(work: Work, found: Recorded) -> date | None:
    query = sa.select(assessments.c.started_on).where(assessments.c.id == found.id)
    return work.connection.execute(query).scalar()


def _write(work: Work, found: Recorded, on: date) -> None:
    column = KINDS[found.kind].column
    table, value = column.table, _value(work, column, found, on)
    work.connection.execute(sa.update(table).where(table.c.id == found.id).values({column.name: value}))
    if found.kind == "consent_given":
        # The assessment's days began with the family's yes.
        began = (assessments.c.case_id == work.case.id) & (assessments.c.started_on == found.on)
        work.connection.execute(sa.update(assessments).where(began).values(started_on=on))


def _value(work: Work, column: sa.Column[Any], found: Recorded, on: date) -> date | datetime:
    """Return the day, or for an instant the same time of that day."""
    was = work.connection.execute(sa.select(column).where(column.table.c.id == found.id)).scalar_one()
    if not isinstance(was, datetime):
        return on
    return datetime.combine(on, was.astimezone(work.authority.zone).timetz())


def _move(work: Work, moves: Sequence[Move]) -> None:
    for each in moves:
        if each.held:
            continue
        if isinstance(each.now, datetime):
            due.move(work.connection, each.id, due_at=each.now)
        elif not running.redate(work.connection, each.id, was=each.version, due_on=each.now):
            raise Conflict("Somebody changed a task of this case a moment ago. Look again before you go on.")


def _told(move: Move) -> dict[str, Any]:
    return {
        "of": "task" if move.is_task else "timer", "id": str(move.id), "from": move.was, "to": move.now,
        "held": move.held,
    }  # fmt: skip
