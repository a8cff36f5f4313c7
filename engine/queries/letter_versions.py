"""Which letter was written anew from which: what is in force, and what takes whose place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.queries.view import View
from engine.store.tables.keeping import history, history_payloads
from engine.store.tables.people import practitioners


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """Another letter of which this one was written anew, or that was written anew from it."""

    letter_id: UUID
    sent_by: str
    sent_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What a draft said before `by` worded it otherwise, at the instant `at`; the words were somebody else's."""

    by: str
    at: datetime
    subject: str
    body: str


def words_before(view: View, case_id: UUID) -> Mapping[UUID, Before]:
    """Return what the drafts of a case said before somebody else changed them last, by letter."""
    rows = view.connection.execute(_BEFORE, {"case": case_id})
    return {row.subject_id: Before(by=row.name or "", at=row.recorded_at, **row.body) for row in rows}


_BEFORE: Final = (
    sa.select(history.c.subject_id, history.c.recorded_at, history_payloads.c.body, practitioners.c.name)
    .join(history_payloads, history_payloads.c.event_id == history.c.id)
    .outerjoin(practitioners, practitioners.c.id == history.c.practitioner_id)
    .where(
        history.c.case_id == sa.bindparam("case", type_=sa.Uuid),
        history.c.kind == "letter_changed",
        history_payloads.c.erased_at.is_(None),
    )
    .order_by(history.c.seq)
)


class Versions:
    """Which letters of a case, given the latest first, were written anew from which."""

    def __init__(self, rows: Sequence[Any]) -> None:
        """Take the rows of all of a case's letters."""
        self._rows = {row.id: row for row in rows}
        self._next = {row.instead_of_id: row for row in reversed(rows)}

    def before(self, row: Any) -> Version | None:
        """Return whose place a letter takes."""
        return _last_sent(self._along(row, lambda each: self._rows.get(each.instead_of_id)), newest=0)

    def after(self, row: Any) -> Version | None:
        """Return what takes a letter's place."""
        return _last_sent(self._along(row, lambda each: self._next.get(each.id)), newest=-1)

    def _along(self, row: Any, step: Callable[[Any], Any]) -> list[Any]:
        found = list[Any]()
        while (row := step(row)) is not None:
            found.append(row)
        return found


def _last_sent(chain: Sequence[Any], *, newest: int) -> Version | None:
    sent = [row for row in chain if row.sent_on is not None]
    row = (sent or chain or [None])[newest]
    return None if row is None else Version(letter_id=row.id, sent_by=row.sent_by, sent_on=row.sent_on)
