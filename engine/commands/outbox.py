"""Send what waits in the outbox: claim under a lease, send, mark. At least once, under a stable id."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from smtplib import SMTPException
from typing import Protocol

from engine.casework import reply_tokens
from engine.casework.case_mails import MARK
from engine.process_engine import ProcessEngine
from engine.store import case_mails, outbox
from engine.store.incidents import open_incident
from engine.store.outbox import Claimed


class Courier(Protocol):
    """Takes a message away.

    Raises `OSError` or `SMTPException` when it cannot, `ValueError` when no letter can be made of it.
    """

    def send(self, message: Claimed) -> None:
        """Hand over one message; its id is the message id, the same at every try."""
        ...


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one run sent and what it could not."""

    sent: int
    failed: int


def deliver_due(engine: ProcessEngine, courier: Courier | None, *, limit: int = 50) -> Delivered:
    """Send up to `limit` messages that are due; one that fails is tried again later, five times, then an incident.

    Each is claimed just before it is sent: a slow mail server would outlast a lease that all of them shared. Without a
    courier, where all people are invented, all that are due count as sent.
    """
    if courier is None:
        with engine.sessions.act() as connection:
            return Delivered(outbox.let_go(connection, now=engine.clock.now()), 0)
    with engine.sessions.read() as connection:
        if not outbox.any_due(connection, now=engine.clock.now()):
            return Delivered(0, 0)
    sent = failed = 0
    gone: Claimed | None = None
    while (message := _next(engine, gone, claims=sent + failed < limit)) is not None:
        gone = message if _hand_over(engine, courier, message) else None
        sent, failed = sent + (gone is not None), failed + (gone is None)
    return Delivered(sent, failed)


def _next(engine: ProcessEngine, gone: Claimed | None, *, claims: bool) -> Claimed | None:
    """Record that the message `gone` went out and claim the one after it, in one transaction."""
    now = engine.clock.now()
    with engine.sessions.act() as connection:
        if gone is not None:
            outbox.mark_sent(connection, gone, at=now)
        return outbox.claim(connection, now=now) if claims else None


def _hand_over(engine: ProcessEngine, courier: Courier, message: Claimed) -> bool:
    told = reply_tokens.told(_told(engine, message), engine.settings.secret_key)
    try:
        courier.send(replace(message, body=told))
    except (OSError, SMTPException, ValueError) as error:
        _report(engine, message, error, now=engine.clock.now())
        return False
    return True


def _told(engine: ProcessEngine, message: Claimed) -> str:
    if MARK not in message.body:
        return message.body
    with engine.sessions.read() as connection:
        about = {"case_id": message.case_id, "to": message.practitioner_id}
        return case_mails.told(connection, message.body, **about, now=engine.clock.now())


def _report(engine: ProcessEngine, message: Claimed, error: Exception, *, now: datetime) -> None:
    with engine.sessions.act() as connection:
        given_up = outbox.mark_failed(connection, message, at=now, problem=str(error))
        if given_up:
            open_incident(
                connection,
                id_=engine.ids.new(),
                authority_id=message.authority_id,
                case_id=message.case_id,
                outbox_id=message.id,
                kind="outbox",
                message=f"A message could not be sent: {getattr(error, 'strerror', None) or error}",
                tries=message.tries,
                at=now,
            )
