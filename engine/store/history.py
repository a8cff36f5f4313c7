"""The append-only, hash-chained history of a case: written with the act, verified at any time.

Each event's hash covers the event and the hash before it; the case row keeps how many there are and
the last hash, and nightly anchors (`engine/store/verification.py`) cover all cases. What is personal
is a payload: the chain holds only its salted digest, so a payload can be erased without breaking it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.store.json import dumps, loads
from engine.store.requests import Request
from engine.store.tables.keeping import history, history_payloads
from engine.store.writes import Insertion

FIRST = "0" * 64

_INSERT = Insertion(history)
_INSERT_PAYLOAD = Insertion(history_payloads)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. `detail` is impersonal and chained; `payload` is personal and erasable."""

    id: UUID
    kind: str
    effective_on: date
    subject_id: UUID | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""
    payload: Mapping[str, Any] | None = None
    salt: str = ""
    form_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """Who did what when: shared by all events of one act. `request` marks the first of them."""

    authority_id: UUID
    case_id: UUID
    practitioner_id: UUID | None
    at: datetime
    request: Request | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a case's chain: how many events it has and the hash of the last."""

    count: int
    hash: str


def append(connection: sa.Connection, act: Act, head: Head, events: Sequence[Event]) -> Head:
    """Write `events` after `head` and return the new head; the caller keeps it on the case row.

    Two rows writing after one head collide on (case, seq): the later act fails whole.
    """
    rows, payloads = [], []
    for index, event in enumerate(events):
        row = _row(act, head, event, request=act.request if index == 0 else None)
        head = Head(row["seq"], row["hash"])
        rows.append(row)
        if event.payload is not None:
            payloads.append(
                {"event_id": event.id, "salt": event.salt, "form_id": event.form_id, "body": dict(event.payload)}
            )
    _INSERT.each(connection, rows)
    _INSERT_PAYLOAD.each(connection, payloads)
    return head


def erase(connection: sa.Connection, event_id: UUID, *, at: datetime) -> bool:
    """Erase an event's personal payload for good; the chain stays whole. False when there was none."""
    erased = connection.execute(
        sa.update(history_payloads)
        .where(history_payloads.c.event_id == event_id, history_payloads.c.erased_at.is_(None))
        .values(body=sa.null(), salt="", erased_at=at)
    )
    return erased.rowcount == 1


def payload_digest(salt: str, body: Any) -> str:
    """Return the salted SHA-256 of a payload, as hexadecimal."""
    return hashlib.sha256(salt.encode() + dumps(body)).hexdigest()


def event_hash(row: Mapping[str, Any]) -> str:
    """Return the SHA-256 (hexadecimal) that belongs to a history row, from its own columns."""
    return hashlib.sha256(dumps({name: stable(row[name]) for name in _CHAINED})).hexdigest()


_CHAINED = (
    "id", "authority_id", "case_id", "seq", "recorded_at", "effective_on", "practitioner_id", "kind", "form",
    "subject_id", "detail", "why", "payload_digest", "request_key", "request_asks",
    "previous",
)  # fmt: skip


def _row(act: Act, head: Head, event: Event, *, request: Request | None) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": event.id,
        "authority_id": act.authority_id,
        "case_id": act.case_id,
        "seq": head.count + 1,
        "recorded_at": act.at,
        "effective_on": event.effective_on,
        "practitioner_id": act.practitioner_id,
        "kind": event.kind,
        "form": 1,
        "subject_id": event.subject_id,
        "detail": loads(dumps(dict(event.detail))),
        "why": event.why,
        "payload_digest": None if event.payload is None else payload_digest(event.salt, dict(event.payload)),
        "request_key": request.key if request else None,
        "request_asks": request.asks if request else None,
        "previous": head.hash,
    }
    row["hash"] = event_hash(row)
    return row


def stable(value: Any) -> Any:
    """Write ids and instants the way both databases give them back."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    return value
