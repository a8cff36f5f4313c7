"""What is written tells its reader what they are not to know: a secret address, a brother or sister kept from them.

For certain, or perhaps: then somebody may find that it does not. Who overruled a warning, when and why stands in the
history. It holds for exactly these words and what is kept now: a letter that is changed, or a family that moves, is
looked at anew.
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

from engine.casework.family_letters import COPIES
from engine.casework.family_sharing import stopped
from engine.casework.secret_addresses import gives_away, is_sure
from engine.store.relatives import Relative, whose_secret, with_elsewhere
from engine.store.sibling_meetings import KeptFrom, kept_from, kept_from_family
from engine.store.tables.keeping import history, history_payloads
from engine.store.tables.meetings import invitations, tac_meetings
from engine.store.tables.people import practitioners

OVERRULED: Final = "address_warning_overruled"
"""The kind of event; its subject is the letter, or the move whose papers go to another area."""


@dataclass(frozen=True, slots=True)
class Warned:
    """What a text must not tell its reader: `said` what it is, and what to do; `sure` that nobody may overrule it.

    `mark` stands for the words and what is kept, so that what was overruled is known again. `of_child` tells that it
    names a brother or sister, not an address.
    """

    said: str
    sure: bool
    mark: str
    of_child: bool = False


@dataclass(frozen=True, slots=True)
class Secrets:
    """What letters of a case must not tell: `addresses` of whom, and what is `kept` of brothers and sisters from whom.

    `known` are the child and the family, `addresses` these and the brothers and sisters who live at a secret one.
    """

    known: tuple[Relative, ...]
    addresses: tuple[Relative, ...]
    kept: Sequence[KeptFrom]


@dataclass(frozen=True, slots=True)
class Overruled:
    """Who overruled a warning, when and why."""

    at: datetime
    by: str
    why: str


UNREAD: Final = (
    "This letter tells an address that is kept secret. Who leads or assesses, or a coordinator, reads, changes and "
    "sends it"
)
"""What somebody reads in place of such a letter who need not know the address."""
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


def secrets(connection: sa.Connection, case_id: UUID) -> Secrets:
    """Return what letters of a case must not tell, as it is decided now."""
    known, elsewhere = with_elsewhere(connection, case_id)
    return Secrets(known, (*known, *elsewhere), kept_from_family(connection, case_id))


def addresses(connection: sa.Connection, case_id: UUID) -> tuple[Relative, ...]:
    """Return the child, the family, and the brothers and sisters who live at an address kept secret."""
    known, elsewhere = with_elsewhere(connection, case_id)
    return (*known, *elsewhere)


def tells_secret(row: Any, known: Sequence[Relative]) -> bool:
    """Tell whether a letter tells an address that is kept secret: who need not know it neither reads nor sends it.

    `known` is what `addresses` returns.
    """
    return bool(whose_secret(f"{row.subject}\n{row.body}", known))


def of_letter(
    connection: sa.Connection, row: Any, secret: Secrets, overruled: Marks
) -> tuple[Warned | None, Overruled | None]:
    """Return what the letter of `row` tells that its reader is not to know, and who found that it does not.

    It may have been written before somebody was kept from a brother or sister, or before an address was protected.
    """
    mine = [each for each in secret.kept if row.practitioner_id is None and each.member_id == row.member_id]
    if mine and (other := _of_meeting(connection, row)) is not None:
        return Warned(other, True, "", of_child=True), None
    to = reader_of(row, secret.known)
    address = warning(f"{row.subject}\n{row.body}", secret.addresses, reader=to.key if to else "")
    last: tuple[Warned | None, Overruled | None] = (None, None)
    for found in (address, _naming(row, mine, secret.known)):
        if found is not None:
            last = found, None if found.sure else overruled.get((row.id, found.mark))
            if last[1] is None:
                break
    return last


def _of_meeting(connection: sa.Connection, row: Any) -> str | None:
    """Say that a letter holds all that was said at a meeting, at which a child was spoken of who is kept from them."""
    if row.kind != "notes" or row.meeting_id is None:
        return None
    kept = kept_from(connection, row.case_id, row.meeting_id)
    child = next((each for each in kept if each.member_id == row.member_id), None)
    said = connection.execute(_NOTES, {"id_": row.meeting_id}).scalar() if child else ""
    if child is None or not said or said.strip() not in row.body:
        return None
    why = f"{child.name} is {child.words}, who was spoken of too"
    return f"This holds what was said at a meeting, and {why}. Take it out"


def _naming(row: Any, mine: Sequence[KeptFrom], known: Sequence[Relative]) -> Warned | None:
    """Say which brother or sister a letter names of whom its reader is not to be told that; None when it names none.

    Of whom they may be told a part, an invitation may speak, a copy may not. It may be another of that name.
    """
    text = f"{row.subject}\n{row.body}".replace(row.addressee, "")
    told = [
        each
        for each in mine
        if (each.told == "nothing" or row.kind in COPIES) and each.but(known[0].name).named_in(text)
    ]
    if not told:
        return None
    words = f"This names {told[0].child}, and {told[0].name} is {told[0].words}. Take it out, or say why it may stay"
    parts = (text, *(f"{each.child} {each.told}" for each in told))
    return Warned(words, False, hashlib.sha256("\0".join(parts).encode()).hexdigest(), of_child=True)


_NOTES: Final = sa.select(tac_meetings.c.notes).where(tac_meetings.c.id == sa.bindparam("id_"))


def reader_of(row: Any, known: Sequence[Relative]) -> Relative | None:
    """Return who of the family a letter is to; None for a practitioner's."""
    return next((each for each in known if row.practitioner_id is None and each.member_id == row.member_id), None)


def why_held(connection: sa.Connection, row: Any, secret: Secrets) -> str:
    """Say why a letter must reach its reader in no way; empty when it may, also as its warning was overruled."""
    if row.kind == "invitation" and row.practitioner_id is not None:
        asked = {"meeting": row.meeting_id, "who": row.practitioner_id}
        if connection.execute(_ASKED_NO_MORE, asked).first():
            return not_asked(row.addressee)
    to = reader_of(row, secret.known)
    if never := stopped(to.name, to.sharing) if to else "":
        return never
    found, by = of_letter(connection, row, secret, NONE)
    if found is not None and not found.sure:
        found, by = of_letter(connection, row, secret, marks(connection, row.case_id))
    return "" if found is None or by is not None else found.said


def not_asked(name: str) -> str:
    """Say why an invitation goes to a practitioner no more."""
    return f"{name} is not asked to this meeting any more"


_ASKED_NO_MORE: Final = sa.select(invitations.c.id).where(
    invitations.c.meeting_id == sa.bindparam("meeting", type_=sa.Uuid),
    invitations.c.practitioner_id == sa.bindparam("who", type_=sa.Uuid),
    invitations.c.called_off_on.is_not(None),
)


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
