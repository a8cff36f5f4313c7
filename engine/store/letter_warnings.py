"""What is written gives a secret address away: for certain, or perhaps; and that somebody found it to be another place.

Who overruled a warning, when and why stands in the history. It holds for exactly these words and these addresses: a
letter that is changed, or a family that moves, is looked at anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.family_sharing import stopped
from engine.casework.secret_addresses import gives_away, is_sure
from engine.store.relatives import Relative
from engine.store.sibling_meetings import kept_from
from engine.store.tables.keeping import history, history_payloads
from engine.store.tables.meetings import tac_meetings
from engine.store.tables.people import practitioners

OVERRULED: Final = "address_warning_overruled"
"""The kind of event; its subject is the letter, or the move whose papers go to another area."""


@dataclass(frozen=True, slots=True)
class Warned:
    """A text that gives an address away: `said` whose, and what to do; `sure` tells that it cannot be another place.

    `mark` stands for the words and the addresses, so that what was overruled is known again.
    """

    said: str
    sure: bool
    mark: str


@dataclass(frozen=True, slots=True)
class Overruled:
    """Who overruled a warning, when and why."""

    at: datetime
    by: str
    why: str


Marks = Mapping[tuple[UUID, str], Overruled]
NONE: Final[Marks] = MappingProxyType({})


def warning(text: str, known: Sequence[Relative], *, reader: str = "") -> Warned | None:
    """Say whose secret address a text gives away; None when nobody's. `reader` as in `relatives.secret_in`."""
    own = "\n".join(each.address for each in known if each.key == reader)
    told = [each for each in known if text and each.address_secret and gives_away(text, each.address, own=own)]
    if not told:
        return None
    sure = next((each for each in told if is_sure(text, each.address, own=own)), None)
    words = (
        f"This holds the address of {sure.name}, which is kept secret. Take it out"
        if sure
        else f"This may tell the address of {told[0].name}, which is kept secret. Take it out, or say why it does not"
    )
    parts = (text, *(f"{each.key} {each.address}" for each in told))
    return Warned(words, sure is not None, hashlib.sha256("\0".join(parts).encode()).hexdigest())


def of_letter(
    connection: sa.Connection, row: Any, known: Sequence[Relative], overruled: Marks
) -> tuple[Warned | None, Overruled | None]:
    """Return what the letter of `row` gives away, and who found that it does not.

    The notes of a meeting that were written before somebody was to be told nothing of a brother or sister who was
    spoken of too hold what they may not read.
    """
    if (other := _of_another_child(connection, row)) is not None:
        return Warned(other, True, ""), None
    to = reader_of(row, known)
    found = warning(f"{row.subject}\n{row.body}", known, reader=to.key if to else "")
    return found, None if found is None or found.sure else overruled.get((row.id, found.mark))


def _of_another_child(connection: sa.Connection, row: Any) -> str | None:
    if row.kind != "notes" or row.meeting_id is None or row.member_id is None or row.sent_on is not None:
        return None
    kept = kept_from(connection, row.case_id, row.meeting_id)
    child = next((each for each in kept if each.member_id == row.member_id), None)
    said = connection.execute(_NOTES, {"id_": row.meeting_id}).scalar() if child else ""
    if child is None or not said or said.strip() not in row.body:
        return None
    why = f"{child.name} is {child.words}, who was spoken of too"
    return f"This holds what was said at a meeting, and {why}. Take it out"


_NOTES: Final = sa.select(tac_meetings.c.notes).where(tac_meetings.c.id == sa.bindparam("id_"))


def reader_of(row: Any, known: Sequence[Relative]) -> Relative | None:
    """Return who of the family a letter is to; None for a practitioner's."""
    return next((each for each in known if row.practitioner_id is None and each.member_id == row.member_id), None)


def why_held(connection: sa.Connection, row: Any, known: Sequence[Relative]) -> str:
    """Say why a letter must reach its reader in no way; empty when it may, also as its warning was overruled."""
    to = reader_of(row, known)
    if never := stopped(to.name, to.sharing) if to else "":
        return never
    found, _ = of_letter(connection, row, known, NONE)
    if found is None:
        return ""
    return "" if not found.sure and (row.id, found.mark) in marks(connection, row.case_id) else found.said


def marks(connection: sa.Connection, case_id: UUID) -> Marks:
    """Return what was overruled on a case, by its subject and mark."""
    rows = connection.execute(_OVERRULED, {"case": case_id})
    return {
        (row.subject_id, row.detail["mark"]): Overruled(
            row.recorded_at, row.name or "", str((row.body or {}).get("why") or "")
        )
        for row in rows
    }


_OVERRULED: Final = (
    sa.select(
        history.c.subject_id, history.c.detail, history.c.recorded_at, practitioners.c.name, history_payloads.c.body
    )
    .outerjoin(practitioners, practitioners.c.id == history.c.practitioner_id)
    .outerjoin(history_payloads, history_payloads.c.event_id == history.c.id)
    .where(history.c.case_id == sa.bindparam("case", type_=sa.Uuid), history.c.kind == OVERRULED)
    .order_by(history.c.seq)
)
