"""Which letter was written anew from which: what is in force, and what takes whose place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """Another letter of which this one was written anew, or that was written anew from it."""

    letter_id: UUID
    sent_by: str
    sent_on: date | None


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
