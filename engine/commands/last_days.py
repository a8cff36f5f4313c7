"""Carry out, in the night, leavings whose last day is over, and absences that begin or are over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from engine import leaving, telling
from engine.guard import MOST_TRIES, attempt, report
from engine.process_engine import ProcessEngine
from engine.store import absences
from engine.store.incidents import resolve_authority_wide
from engine.store.tables.people import authorities

_INCIDENT = "step"


@dataclass(frozen=True, slots=True)
class Turned:
    """How many last days were over and absences began; `failed` are incidents, `left` are still to be done."""

    over: int
    failed: int = 0
    left: int = 0


def turn_day(engine: ProcessEngine, *, authority_id: UUID) -> Turned:
    """Carry out the leavings of an authority whose last day is over, and begin and end its absences.

    One that fails, or meets other writers again and again, is an incident and is tried again the next night; the
    incident closes once all of them are done. One that finds no database is left for the next tick. Run before the
    night's sweep, which sees it.
    """
    now = engine.clock.now()
    with engine.sessions.read() as connection:
        zone = connection.execute(sa.select(authorities.c.zone).where(authorities.c.id == authority_id)).scalar_one()
        today = now.astimezone(ZoneInfo(zone)).date()
        turning = absences.turning(connection, authority_id, today=today)
    acts = [partial(_carry_out, engine, authority_id, practitioner_id) for practitioner_id in turning.leavers]
    acts += [partial(_begin_by_itself, engine, authority_id, absence_id) for absence_id in turning.begun]
    acts += [partial(_end_by_itself, engine, authority_id, absence_id) for absence_id in turning.over]
    results = [_guarded(engine, authority_id, act, now=now) for act in acts]
    turned = Turned(len(acts), failed=results.count(False), left=results.count(None))
    if not (turned.failed or turned.left):
        with engine.sessions.act() as connection:
            resolve_authority_wide(connection, authority_id, kind=_INCIDENT, at=now)
    return turned


def _carry_out(engine: ProcessEngine, authority_id: UUID, practitioner_id: UUID) -> None:
    with engine.sessions.act() as connection:
        work = leaving.open_staff_work(engine, connection, authority_id, None)
        row = absences.practitioner(connection, authority_id, practitioner_id)
        last_day = None if row is None else row.left_on or row.leaves_on
        if last_day is None or last_day >= work.today:
            return
        left = leaving.leave(work, practitioner_id, last_day)
        work.finish()
    telling.give(engine, left.messages)


def _begin_by_itself(engine: ProcessEngine, authority_id: UUID, absence_id: UUID) -> None:
    with engine.sessions.act() as connection:
        work = leaving.open_staff_work(engine, connection, authority_id, None)
        row = absences.absence(connection, authority_id, absence_id)
        if row is None or row.to_on is not None or row.begun_on is not None or row.from_on > work.today:
            return
        went = leaving.pass_tasks_on(work, row.practitioner_id, absence_id)
        work.record("absence_begun", subject=row.practitioner_id, detail={"tasks": went})
        work.finish()


def _end_by_itself(engine: ProcessEngine, authority_id: UUID, absence_id: UUID) -> None:
    with engine.sessions.act() as connection:
        work = leaving.open_staff_work(engine, connection, authority_id, None)
        row = absences.absence(connection, authority_id, absence_id)
        if row is None or row.to_on is not None or row.expected_to_on is None or row.expected_to_on >= work.today:
            return
        leaving.come_back(work, row, row.expected_to_on)
        work.finish()


def _guarded(engine: ProcessEngine, authority_id: UUID, act: Callable[[], None], *, now: datetime) -> bool | None:
    """Carry out one of them: True when it is done, False when it failed, None to be done at the next tick."""
    trouble = attempt("a last day that is over", act, tries=MOST_TRIES)
    if trouble is None:
        return True
    if trouble.down:
        return None
    said = "A leaving or an absence that is over could not be carried out"
    report(engine, trouble, said=said, kind=_INCIDENT, at=now, authority_id=authority_id)
    return False
