"""Start a diagram on a case because something has changed: which, who may and what is asked are all in the diagram."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from engine.acts import settle
from engine.casework.permissions import Actor
from engine.process_engine import ProcessEngine
from engine.protecting import Step
from engine.starting_on_case import start_on
from engine.stopping import undone_told
from engine.store import locking, requests
from engine.work import Work, open_work, require_on_case


def start(
    engine: ProcessEngine,
    *,
    actor: Actor,
    case_id: UUID,
    process_key: str,
    answers: Mapping[str, Any],
    request_key: str | None = None,
) -> UUID:
    """Start `process_key` on a case with the answers of its start form, and return the instance's id.

    What the start event records is recorded first, in the same transaction. A repeated `request_key` gives the
    first answer again. Raises `NotFound` when the case, or a diagram that is started this way, is not there,
    `NotPermitted` for who is not listed in it, `Conflict` for a closed case, when one at a time runs already, when
    nothing waits for what it would change or the case has not come to it,
    `InvalidAnswers` with each field's sentence, `Invalid`; a diagram that stops at its start is an incident too,
    and what protects a child is kept all the same (`engine.protecting`).
    """
    sent = [process_key, answers]
    request = requests.asked(actor, request_key, "start on a case", about=case_id, content=sent)

    def act(step: Step, first: tuple[UUID, ...]) -> UUID:
        with engine.sessions.act() as connection:
            if first:
                locking.cases_of(connection, first)
            case = locking.case(connection, case_id)
            work = open_work(engine, connection, case, actor=actor, at=engine.clock.now(), request=request)
            step.begin(work)
            require_on_case(work)
            before = _same_request(work)
            if before is not None:
                return before
            instance_id = start_on(work, actor, process_key, answers)
            settle(work)
        return instance_id

    name = f"start {process_key} {case_id} {actor.practitioner_id}"
    with (
        Step(engine, actor, name) as step,
        undone_told(engine, authority_id=actor.authority_id, case_id=case_id),
    ):
        return locking.in_order(partial(act, step))


def _same_request(work: Work) -> UUID | None:
    """Return the instance that this very request has started on this case already."""
    first = requests.answered(work.connection, work.request)
    if first is None:
        return None
    started = requests.next_event(work.connection, first, "case_process_started")
    return None if started is None else started.subject_id
