"""Tell the diagrams of cases what has happened elsewhere: queued in the act that causes it, given once, after it.

After the act, as a diagram that fails must not keep somebody's account open; queued with it, as nothing may be lost
when the machine stops in between. So waits, too, a diagram that could not be
started and may not be forgotten. What is still queued is given at the scheduler's next tick.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final
from uuid import UUID

from engine.acts import send_message, settle, start_process
from engine.bpmn import tag_variables, untag_variables
from engine.calling_off import book_alone
from engine.casework.permissions import Actor
from engine.guard import MOST_TRIES, Trouble, attempt, report
from engine.interim import end_vacancy
from engine.operations.held_letters import LOOK_AGAIN, tell_of_held
from engine.operations.joined_meetings import LET_GO
from engine.operations.vacancies import LED_AGAIN
from engine.process_engine import ProcessEngine
from engine.store import case_messages, locking
from engine.store.incidents import resolve_for
from engine.work import Work, open_work


def queue(work: Work, case_ids: Iterable[UUID], name: str, variables: Mapping[str, Any] | None = None) -> list[UUID]:
    """Queue the message `name` for each case, with the act of `work`; return the ids to `give` once it is committed."""
    rows = {work.engine.ids.new(): case_id for case_id in case_ids}
    return _queue(work, rows, {"name": name, "starts": False}, variables)


def put_off_starts(work: Work) -> list[UUID]:
    """Queue what the act was to start on its case, which could not be started; return the ids to `give`."""
    given: list[UUID] = []
    for process_key, variables in work.starts:
        row = {work.engine.ids.new(): work.case.id}
        given += _queue(work, row, {"name": process_key, "starts": True}, variables)
    work.starts.clear()
    return given


def _queue(
    work: Work, rows: Mapping[UUID, UUID], what: Mapping[str, Any], variables: Mapping[str, Any] | None
) -> list[UUID]:
    message = {
        **what,
        "authority_id": work.authority.id,
        "variables": tag_variables(variables or {}),
        "queued_by": work.actor.practitioner_id if work.actor else None,
    }
    stored = [{"id": id_, "case_id": case_id, **message} for id_, case_id in rows.items()]
    case_messages.queue(work.connection, stored, at=work.at)
    return list(rows)


def give(engine: ProcessEngine, message_ids: Sequence[UUID], *, actor: Actor | None = None) -> int:
    """Give queued messages to the diagrams of their cases, one act each, as asked by `actor`; return how many failed.

    One that cannot be given is an incident of its case and is tried again. When the database fails the rest wait too.
    Given by the service, later than the act that queued it, the history says whose act that was.
    """
    failed = 0
    for message_id in message_ids:
        told = partial(_give_one, engine, message_id, actor)
        trouble = attempt("telling a case's diagrams", told, tries=MOST_TRIES)
        if trouble is None:
            continue
        if trouble.down:
            break
        failed += 1
        _report(engine, message_id, trouble)
    return failed


def _give_one(engine: ProcessEngine, message_id: UUID, actor: Actor | None) -> None:
    with engine.sessions.act() as connection:
        row = case_messages.find(connection, message_id)
        case = locking.case(connection, row.case_id) if row else None
        # Asked again under the lock: of two that give it, one does.
        row = case_messages.find(connection, message_id)
        if row is None or case is None:
            return
        case_messages.remove(connection, message_id)
        if row.tries:
            resolve_for(connection, at=engine.clock.now(), case_id=row.case_id, kind=_kind(row), element_id=row.name)
        if case.closed and not row.starts:
            return
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now())
        if actor is None and row.queued_by is not None:
            work.record("message_passed_on", subject=row.queued_by, detail={"message": row.name})
        known = len(work.events)
        tell = start_process if row.starts else _ELSEWISE.get(row.name, send_message)
        tell(work, row.name, untag_variables(row.variables))
        if len(work.events) > known:
            settle(work)


_ELSEWISE: Final = {LET_GO: book_alone, LOOK_AGAIN: tell_of_held, LED_AGAIN: end_vacancy}
"""Messages that change the record of their case too, or that are looked at first -> what is done with them."""
STARTS_LATER: Final = "What follows on this case has not been started, and is tried again"


def _kind(row: Any) -> str:
    return "start" if row.starts else "step"


def _report(engine: ProcessEngine, message_id: UUID, trouble: Trouble) -> None:
    now = engine.clock.now()
    with engine.sessions.read() as connection:
        row = case_messages.find(connection, message_id)
    if row is None:
        return
    report(
        engine,
        trouble,
        said=STARTS_LATER if row.starts else f"The message '{row.name}' could not be given to this case",
        kind=_kind(row),
        at=now,
        authority_id=row.authority_id,
        case_id=row.case_id,
        element_id=row.name,
        also=partial(case_messages.put_off, message_id=message_id, now=now),
    )
