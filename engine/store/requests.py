"""What a request that carries a key has led to already: the first event of an act holds its request's key.

A key is its sender's own, and bound to what was asked with it. History keeps of both only what cannot be read back:
a digest of the key, and one of what was asked that nobody can work out without the key. So what is erased cannot be
guessed from them.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.errors import KeyUsed
from engine.store.tables.keeping import history


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks, and the digests (hexadecimal) of their key and of what they ask: the act, what it is about, content."""

    authority_id: UUID
    practitioner_id: UUID
    key: str
    asks: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The first event of the act that a request's key set going: its case, place in the chain, and what it is about."""

    case_id: UUID
    seq: int
    subject_id: UUID | None


_FIRST = sa.select(history.c.request_asks, history.c.case_id, history.c.seq, history.c.subject_id).where(
    history.c.authority_id == sa.bindparam("authority_id"),
    history.c.practitioner_id == sa.bindparam("practitioner_id"),
    history.c.request_key == sa.bindparam("request_key"),
)
_NEXT = (
    sa.select(history.c.subject_id, history.c.detail)
    .where(
        history.c.case_id == sa.bindparam("case_id"),
        history.c.seq >= sa.bindparam("seq"),
        history.c.kind == sa.bindparam("kind"),
    )
    .order_by(history.c.seq)
    .limit(1)
)


def asked(actor: Actor, key: str | None, act: str, *, about: UUID | None = None, content: Any = None) -> Request | None:
    """Return the request of `actor` that carries `key`; None without one.

    `act` names what is done, `about` the record it is done to, `content` (plain values) all else that was sent.
    """
    if not key:
        return None
    told = json.dumps([act, about, content], sort_keys=True, default=str).encode()
    secret = key.encode(errors="surrogatepass")
    return Request(
        authority_id=actor.authority_id,
        practitioner_id=actor.practitioner_id,
        key=hashlib.sha256(secret).hexdigest(),
        asks=hmac.new(secret, told, hashlib.sha256).hexdigest(),
    )


def is_used(connection: sa.Connection, actor: Actor, key: str | None) -> bool:
    """Tell whether the actor's key has set something going already, whatever was asked with it."""
    request = asked(actor, key, "")
    if request is None:
        return False
    who = {"authority_id": request.authority_id, "practitioner_id": request.practitioner_id}
    return connection.execute(_FIRST, {**who, "request_key": request.key}).first() is not None


def answered(connection: sa.Connection, request: Request | None) -> Answered | None:
    """Return what this very request has led to; None for a new one, or one without a key.

    Raises `KeyUsed` when its sender has used its key for something else.
    """
    if request is None:
        return None
    who = {"authority_id": request.authority_id, "practitioner_id": request.practitioner_id}
    row = connection.execute(_FIRST, {**who, "request_key": request.key}).first()
    if row is None:
        return None
    if row.request_asks != request.asks:
        raise KeyUsed("This request key was used for something else. Send a new one.", field="request_key")
    return Answered(row.case_id, row.seq, row.subject_id)


def next_event(connection: sa.Connection, first: Answered, kind: str, *, about: UUID | None = None) -> Any:
    """Return the `subject_id` and `detail` of the first event of `kind` from there on; None when there is none.

    With `about`, only an event with that subject.
    """
    given = {"case_id": first.case_id, "seq": first.seq, "kind": kind}
    if about is None:
        return connection.execute(_NEXT, given).first()
    return connection.execute(_NEXT.where(history.c.subject_id == about), given).first()
