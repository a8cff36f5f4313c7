"""Close an authority's offices on a day, change or end a closure: the promises reckoned by the calendar move with it.

All of it is one act: the calendar, every due date and timer that follows from it, and the history of each case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor, may_keep_authority
from engine.errors import Conflict, Invalid, NotPermitted
from engine.process_engine import ProcessEngine
from engine.redating import Held, Redated, Wanted, changed_calendar, period, redated, still
from engine.store import administration, authorities, due, locking, requests, running
from engine.store.tables.people import local_closures
from engine.work import Work, open_work


@dataclass(frozen=True, slots=True)
class Moved:
    """What moved with a change of the calendar: due dates of tasks, timers, and on how many cases."""

    tasks: int
    timers: int
    cases: int


def close(
    engine: ProcessEngine,
    *,
    actor: Actor,
    first_on: date,
    last_on: date | None = None,
    name: str,
    why: str,
    expected_version: int | None = None,
    request_key: str | None = None,
) -> Moved:
    """Close the offices from `first_on` to `last_on` (that day alone when None), for what `name` says.

    Days that are off already are left out. Raises as `carry_out` does, `Invalid` naming the field for a wrong period.
    """
    wanted = period(first_on, last_on, name)
    return carry_out(
        engine, actor=actor, wanted=wanted, why=why, expected_version=expected_version, request_key=request_key
    )


def end(
    engine: ProcessEngine, *, actor: Actor, closure_id: UUID, why: str, expected_version: int | None = None
) -> Moved:
    """Take a closure away: it is a working day again. Raises as `carry_out` does."""
    wanted = Wanted(end=frozenset({closure_id}))
    return carry_out(engine, actor=actor, wanted=wanted, why=why, expected_version=expected_version)


def carry_out(
    engine: ProcessEngine,
    *,
    actor: Actor,
    wanted: Wanted,
    why: str,
    expected_version: int | None = None,
    request_key: str | None = None,
) -> Moved:
    """Change the calendar and move every open promise that was reckoned by it, in one act; history keeps both.

    What is late already and what was agreed on stays (`engine.redating`). A repeated `request_key` changes nothing
    more. Raises `NotPermitted`, `NotFound` for a closure that is not there, `Invalid` naming the field, `Conflict` when
    the days are off already, or when the authority has changed since `expected_version` was looked at.
    """
    _require_may(actor)
    if not why.strip():
        raise Invalid("Say why the calendar changes", field="why")
    content = [sorted(wanted.close.items()), sorted(wanted.end), why]
    request = requests.asked(actor, request_key, "change the calendar", about=actor.authority_id, content=content)
    with engine.sessions.act() as connection:
        chain = administration.lock(connection, actor.authority_id)
        work = open_work(engine, connection, chain, actor=actor, at=engine.clock.now(), request=request)
        if requests.answered(connection, request) is not None:
            return Moved(0, 0, 0)
        if expected_version is not None and expected_version != work.authority.version:
            raise Conflict("Somebody changed this a moment ago. Look again before you go on.")
        calendar, gone, come = changed_calendar(connection, work.authority, wanted, today=work.today)
        found = list(redated(engine, connection, work.authority, calendar, now=work.at))
        # Before the calendar is written: the acts on cases must not make the library keep what may yet be undone.
        moved = _move(work, found)
        _write(work, gone, come)
        _record(work, gone, come, moved, why.strip())
        work.finish()
    return moved


def _require_may(actor: Actor) -> None:
    if not may_keep_authority(actor):
        raise NotPermitted("An administrator changes the authority's calendar")


def _write(work: Work, gone: Sequence[Held], come: dict[date, str]) -> None:
    connection, authority_id = work.connection, work.authority.id
    if gone:
        connection.execute(sa.delete(local_closures).where(local_closures.c.id.in_([each.id for each in gone])))
    new = [
        {"id": work.engine.ids.new(), "authority_id": authority_id, "on_day": day, "name": name}
        for day, name in sorted(come.items())
    ]
    if new:
        connection.execute(sa.insert(local_closures), new)
    authorities.touch(connection, authority_id)


def _move(work: Work, found: Sequence[Redated]) -> Moved:
    """Lock the cases in one order and move what is still as it was found; each case's history says so."""
    lines = locking.cases_of(work.connection, {each.case_id for each in found})
    lasting = [each for each in still(work.connection, found) if not lines[each.case_id].closed]
    lasting.sort(key=lambda each: (each.case_id, each.id))
    dated = [{"id_": each.id, "was": each.version, "due": each.now} for each in lasting if each.is_task]
    running.redate_all(work.connection, dated)
    for case_id, own in groupby(lasting, key=lambda each: each.case_id):
        _move_on_case(work, lines[case_id], list(own))
    tasks = sum(each.is_task for each in lasting)
    return Moved(tasks, len(lasting) - tasks, len({each.case_id for each in lasting}))


def _move_on_case(work: Work, line: locking.CaseLine, found: Sequence[Redated]) -> None:
    for each in found:
        if isinstance(each.now, datetime):
            due.move(work.connection, each.id, due_at=each.now)
    own = open_work(work.engine, work.connection, line, actor=work.actor, at=work.at)
    own.record("calendar_moved_dates", detail={"number": len(found), "moved": [_told(each) for each in found]})
    own.finish()


def _told(each: Redated) -> dict[str, Any]:
    return {"of": "task" if each.is_task else "timer", "id": str(each.id), "from": each.was, "to": each.now}


def _record(work: Work, gone: Sequence[Held], come: dict[date, str], moved: Moved, why: str) -> None:
    """Write one event for each day, the first with what moved."""
    counts = {"moved": {"tasks": moved.tasks, "timers": moved.timers, "cases": moved.cases}}
    for each in gone:
        told = {"on_day": each.on_day, "name": each.name, **counts}
        work.record("closure_removed", detail=told, payload={"why": why})
        counts = {}
    for day, name in sorted(come.items()):
        work.record("closure_added", detail={"on_day": day, "name": name, **counts}, payload={"why": why})
        counts = {}
