"""What a request that carries a key has led to already: the first event of an act holds its request's key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.store.tables.keeping import history


@dataclass(frozen=True, slots=True)
class Answered:
    """The first event of the act that a request's key set going: its case, place in the chain, and what it is about."""

    case_id: UUID
    seq: int
    subject_id: UUID | None


_FIRST = sa.select(history.c.case_id, history.c.seq, history.c.subject_id).where(
    history.c.authority_id == sa.bindparam("authority_id"), history.c.request_key == sa.bindparam("request_key")
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


def answered(connection: sa.Connection, authority_id: UUID, request_key: str | None) -> Answered | None:
    """Return what this very request has led to; None for a new one, or one without a key."""
    if request_key is None:
        return None
    row = connection.execute(_FIRST, {"authority_id": authority_id, "request_key": request_key}).first()
    return None if row is None else Answered(*row)


def next_event(connection: sa.Connection, first: Answered, kind: str, *, about: UUID | None = None) -> Any:
    """Return the `subject_id` and `detail` of the first event of `kind` from there on; None when there is none.

    With `about`, only an event with that subject.
    """
    given = {"case_id": first.case_id, "seq": first.seq, "kind": kind}
    if about is None:
        return connection.execute(_NEXT, given).first()
    return connection.execute(_NEXT.where(history.c.subject_id == about), given).first()
