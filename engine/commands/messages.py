"""Send a message to a case: whatever waits for it in a diagram goes on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from engine.acts import send_message, settle
from engine.casework.permissions import Actor
from engine.process_engine import ProcessEngine
from engine.protecting import Step
from engine.stopping import undone_told
from engine.store import locking, requests
from engine.work import open_work, require_on_case


def send(
    engine: ProcessEngine,
    *,
    actor: Actor,
    case_id: UUID,
    name: str,
    variables: Mapping[str, Any] | None = None,
    request_key: str | None = None,
) -> None:
    """Send the message `name` to a case; `variables` are scalars that its process is given.

    One that nobody waits for and that starts nothing is only kept in the history. A repeated `request_key` sends
    nothing more. Raises `NotFound`, `Conflict`; what a diagram could not carry through is undone, and an incident too.
    """
    request = requests.asked(actor, request_key, "send a message", about=case_id, content=[name, variables])
    with (
        Step(engine, actor, f"message {name} {case_id} {actor.practitioner_id}") as step,
        undone_told(engine, authority_id=actor.authority_id, case_id=case_id),
        engine.sessions.act() as connection,
    ):
        case = locking.case(connection, case_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now(), request=request)
        step.begin(work)
        require_on_case(work)
        if requests.answered(connection, request) is not None:
            return
        work.record("message_sent", detail={"message": name})
        send_message(work, name, variables or {})
        settle(work)
