"""Messages that leave the machine: queued with the act, sent after it, at least once, under a stable id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from engine.store.sets import among
from engine.store.tables.keeping import outbox
from engine.store.tables.people import practitioners
from engine.store.writes import Change

LEASE = timedelta(minutes=5)
"""Longer than one message may take: ten answers of a server, each waited for at most `engine.mail.SMTP_SECONDS`."""
MOST_TRIES = 5


@dataclass(frozen=True, slots=True)
class Letter:
    """A message to one practitioner, or to the address `recipient` of somebody of a family; about a case or none.

    `dedupe_key` is unique for ever; `calendar` a calendar entry that goes with it, as text.
    """

    id: UUID
    practitioner_id: UUID | None
    case_id: UUID | None
    subject: str
    body: str
    dedupe_key: str
    recipient: str = ""
    calendar: str = ""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message this sender holds until its lease ends. `epoch` fences off an earlier holder."""

    id: UUID
    authority_id: UUID
    case_id: UUID | None
    recipient: str
    subject: str
    body: str
    epoch: int
    tries: int
    queued_at: datetime
    calendar: str = ""
    practitioner_id: UUID | None = None


def queue(
    connection: sa.Connection, letters: Sequence[Letter], *, authority_id: UUID, at: datetime
) -> list[Letter]:
    """Write messages to be sent; one whose key was used before is left out.

    Returns those that cannot be sent: the practitioner has no address.
    """
    if not letters:
        return []
    people = {letter.practitioner_id for letter in letters if letter.practitioner_id is not None}
    known = dict(connection.execute(_ADDRESSES, {"ids": list(people)}).all()) if people else {}
    addresses = {letter.id: letter.recipient or known.get(letter.practitioner_id) for letter in letters}
    rows = [
        {
            "id": letter.id,
            "authority_id": authority_id,
            "case_id": letter.case_id,
            "practitioner_id": letter.practitioner_id,
            "dedupe_key": letter.dedupe_key,
            "recipient": addresses[letter.id],
            "subject": letter.subject,
            "body": letter.body,
            "calendar": letter.calendar,
            "state": "waiting",
            "queued_at": at,
            "next_try_at": at,
            "problem": "",
        }
        for letter in letters
        if addresses[letter.id]
    ]
    if rows:
        _INSERT_ONCE[connection.dialect.name].each(connection, rows)
    return [letter for letter in letters if not addresses[letter.id]]


_ADDRESSES = sa.select(practitioners.c.id, practitioners.c.email).where(among(practitioners.c.id))
_QUEUED = {
    name: sa.bindparam(name, type_=outbox.c[name].type)
    for name in (
        "id", "authority_id", "case_id", "practitioner_id", "dedupe_key", "recipient", "subject", "body", "calendar",
        "state", "queued_at", "next_try_at", "problem",
    )
}  # fmt: skip
_INSERT_ONCE = {
    "postgresql": Change(
        postgresql.insert(outbox).values(_QUEUED).on_conflict_do_nothing(index_elements=["dedupe_key"])
    ),
    "sqlite": Change(sqlite.insert(outbox).values(_QUEUED).on_conflict_do_nothing(index_elements=["dedupe_key"])),
}


_NOW: sa.BindParameter[datetime] = sa.bindparam("now", type_=outbox.c.next_try_at.type)
_due = outbox.alias("due")
# The word itself: for a parameter, SQLite prepares it anew each time to see that its index over waiting rows will do.
_DUE = (
    sa.select(_due.c.id)
    .where(_due.c.state == sa.literal_column("'waiting'"), _due.c.next_try_at <= _NOW)
    .order_by(_due.c.next_try_at)
    .limit(1)
)
_FREE = (
    _DUE.where(sa.or_(_due.c.lease_until.is_(None), _due.c.lease_until <= _NOW))
    .order_by(_due.c.id)  # they sort as they were made: of one instant, what was written first leaves first
    .with_for_update(skip_locked=True)
)
_CLAIM = (
    sa.update(outbox)
    .where(outbox.c.id == _FREE.scalar_subquery())
    .values(
        lease_until=sa.bindparam("until", type_=outbox.c.lease_until.type),
        epoch=outbox.c.epoch + 1,
        tries=outbox.c.tries + 1,
    )
    .returning(*(outbox.c[name] for name in Claimed.__dataclass_fields__))
)
_SENT = Change(
    sa.update(outbox)
    .where(
        outbox.c.id == sa.bindparam("id_"),
        outbox.c.epoch == sa.bindparam("epoch_"),
        outbox.c.state == sa.literal_column("'waiting'"),
    )
    .values(state="sent", sent_at=sa.bindparam("at_"), lease_until=None, problem="")
)

_LET_GO = (
    sa.update(outbox)
    .where(outbox.c.state == sa.literal_column("'waiting'"), outbox.c.next_try_at <= _NOW)
    .values(state="sent", sent_at=_NOW, tries=outbox.c.tries + 1, problem="")
)


def any_due(connection: sa.Connection, *, now: datetime) -> bool:
    """Tell whether a message waits to be sent at `now`."""
    return connection.execute(_DUE, {"now": now}).first() is not None


def claim(connection: sa.Connection, *, now: datetime) -> Claimed | None:
    """Take the message that is due first, of one instant the one written first, of those that nobody else holds.

    None when there is none.
    """
    row = connection.execute(_CLAIM, {"now": now, "until": now + LEASE}).first()
    return None if row is None else Claimed(*row)


def mark_sent(connection: sa.Connection, message: Claimed, *, at: datetime) -> None:
    """Record that a message went out, unless somebody else has taken it over since."""
    _SENT.each(connection, [{"id_": message.id, "epoch_": message.epoch, "at_": at}])


def let_go(connection: sa.Connection, *, now: datetime) -> int:
    """Mark every message that is due as sent, to nobody; return how many."""
    return connection.execute(_LET_GO, {"now": now}).rowcount


def mark_failed(connection: sa.Connection, message: Claimed, *, at: datetime, problem: str) -> bool:
    """Record that sending failed; True when that was the last try and it is given up."""
    given_up = message.tries >= MOST_TRIES
    connection.execute(
        sa.update(outbox)
        .where(outbox.c.id == message.id, outbox.c.epoch == message.epoch)
        .values(
            state="failed" if given_up else "waiting",
            lease_until=None,
            problem=problem,
            next_try_at=at + timedelta(minutes=2**message.tries),
        )
    )
    return given_up
