"""Send a message to a case: whatever waits for it in a diagram goes on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from engine.acts import send_message, settle
from engine.awaited import from_outside
from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import Conflict, Invalid, NotPermitted
from engine.process_engine import ProcessEngine
from engine.protecting import Step
from engine.stopping import undone_told
from engine.store import locking, relations, requests
from engine.store.requests import Request
from engine.work import Work, open_work, require_on_case


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
    with _act(engine, actor, case_id, name, request) as work:
        if requests.answered(work.connection, request) is None:
            _send(work, name, variables or {})


def bring(
    engine: ProcessEngine,
    *,
    actor: Actor,
    case_id: UUID,
    name: str,
    note: str,
    variables: Mapping[str, Any] | None = None,
    request_key: str | None = None,
) -> None:
    """Tell a case that `name` has come from outside, for which something on it waits; `note` says from whom and what.

    `variables` are scalars that the diagram is given. A repeated `request_key` tells nothing more. Raises `NotFound`,
    `NotPermitted`, `Conflict` on a closed case and when nothing waits for it now, or the service itself tells it;
    `Invalid` naming the field, and for what a diagram could not carry through: that is undone, and an incident too.
    """
    if not note.strip():
        raise Invalid("Say who told you, and what", field="note")
    wrong = next((each for each, value in (variables or {}).items() if not _is_scalar(value)), None)
    if wrong is not None:
        raise Invalid("Give one value: a text, a number, yes or no, or nothing", field=f"variables.{wrong}")
    sent = [name, note, variables]
    request = requests.asked(actor, request_key, "bring a message", about=case_id, content=sent)
    with _act(engine, actor, case_id, name, request) as work:
        if not permissions.may_bring_message(actor, relations.of(work.connection, actor, case_id)):
            raise NotPermitted("A line manager of who leads or assesses, or a coordinator, says what has come.")
        if requests.answered(work.connection, request) is not None:
            return
        waits = from_outside(work.connection, engine.library, work.authority, case_id)
        if name not in {each.name for each in waits}:
            raise Conflict("Nothing on this case waits for this now", case_id=case_id)
        _send(work, name, variables or {}, why=note.strip())


@contextmanager
def _act(
    engine: ProcessEngine, actor: Actor, case_id: UUID, name: str, request: Request | None
) -> Iterator[Work]:
    with (
        Step(engine, actor, f"message {name} {case_id} {actor.practitioner_id}") as step,
        undone_told(engine, authority_id=actor.authority_id, case_id=case_id),
        engine.sessions.act() as connection,
    ):
        case = locking.case(connection, case_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now(), request=request)
        step.begin(work)
        require_on_case(work)
        yield work


def _send(work: Work, name: str, variables: Mapping[str, Any], *, why: str = "") -> None:
    work.record("message_sent", detail={"message": name}, payload={"why": why} if why else None)
    send_message(work, name, variables)
    settle(work)


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, str | bool | int | float | Decimal | date)
