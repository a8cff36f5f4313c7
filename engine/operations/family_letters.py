"""Letters to the family: each is kept as it was written, and sent where somebody has an e-mail address.

The others are posted or handed over by the lead professional. One whom the family's record says to tell nothing gets
none; a letter holds its reader's own address and nobody else's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.family_letters import Letter, Occasion, Reader
from engine.casework.terms import localised
from engine.errors import Invalid
from engine.operations.reading import as_id, text
from engine.store.relatives import Relative, from_age, relatives
from engine.store.tables.meetings import family_letters
from engine.store.tables.people import practitioners
from engine.store.tables.record import lead_professionals
from engine.store.writes import Insertion
from engine.work import Work

NOT_YET: Final = "not_yet"


def reader(to: Relative, needs: str = "") -> Reader:
    """Return somebody of the family as a letter's reader."""
    part = to.sharing.part if to.sharing.told == "part" else ""
    return Reader(name=to.name, own=to.member_id is None, part=part, needs=needs)


def occasion(work: Work, *, on: date, at: time | None = None, place: str = "", agenda: str = "") -> Occasion:
    """Return a meeting as letters tell it, with who leads and how they are answered."""
    lead = work.connection.execute(_LEAD, {"case": work.case.id}).first()
    return Occasion(on=on, at=at, place=place, agenda=agenda, lead=lead.name if lead else "", answer_to=_ways(lead))


_LEAD = (
    sa.select(practitioners.c.name, practitioners.c.phone, practitioners.c.email)
    .join(lead_professionals, lead_professionals.c.practitioner_id == practitioners.c.id)
    .where(lead_professionals.c.case_id == sa.bindparam("case"), lead_professionals.c.to_on.is_(None))
)


def _ways(lead: Any) -> str:
    if lead is None:
        return "tell whoever works with you"
    ring = f"ring {lead.phone}" if lead.phone else ""
    write = f"write to {lead.email}" if lead.email else ""
    ways = " or ".join(way for way in (ring, write) if way)
    return f"{ways}, or tell {lead.name} when you meet" if ways else f"tell {lead.name}"


def write(work: Work, to: Relative, kind: str, letter: Letter, *, meeting: UUID | None = None) -> UUID:
    """Keep a letter to somebody who may be told something, and queue it when they have an e-mail address."""
    id_, subject = work.engine.ids.new(), localised(letter.subject, work.authority.term)
    row = {
        "id": id_,
        "authority_id": work.authority.id,
        "case_id": work.case.id,
        "meeting_id": meeting,
        "member_id": to.member_id,
        "kind": kind,
        "addressee": to.name,
        "address": to.address,
        "address_secret": to.address_secret,
        "subject": subject,
        "body": letter.body,
        "written_on": work.today,
    }
    sent = {"sent_by": "email", "sent_on": work.today} if to.email else {"sent_by": "", "sent_on": None}
    _INSERT.each(work.connection, [{**row, **sent}])
    if to.email:
        work.write_to(to.email, subject=subject, body=letter.body)
    return id_


_INSERT = Insertion(family_letters)


def readers(work: Work) -> tuple[Relative, ...]:
    """Return everybody of the family who gets copies: who may be told something, and a young person old enough."""
    grown = young_person_years(work)
    return tuple(
        each
        for each in relatives(work.connection, work.case.id)
        if not each.not_usually_asked(work.today, from_age=grown)
    )


def young_person_years(work: Work) -> int:
    """Return from which age a young person is asked themself, unless somebody decides otherwise."""
    return from_age(work.host)


def require_no_secret(work: Work, text: str, field: str) -> None:
    """Raise `Invalid` for a text that holds an address kept secret: every letter and copy would give it away."""
    told = _plain(text)
    for each in relatives(work.connection, work.case.id) if told else ():
        if each.address_secret and any(line in told for line in _lines(each.address)):
            raise Invalid(f"This holds the address of {each.name}, which is kept secret. Take it out", field=field)


def _lines(address: str) -> list[str]:
    """Return what gives an address away, plainly written: the parts with a number in them, as a house or a postcode
    has; the first part of an address that has none.
    """
    lines = [_plain(line) for line in address.replace(",", "\n").splitlines()]
    told = [line for line in lines if len(line) >= SHORTEST]
    return [line for line in told if any(each.isdigit() for each in line)] or told[:1]


SHORTEST: Final = 5
"""Characters of a line of an address, spaces left out: fewer, as of a house number, would be found anywhere."""


def _plain(text: str) -> str:
    return "".join(each for each in text.casefold() if each.isalnum())


def mark_given(work: Work, copies: Sequence[Mapping[str, Any]]) -> None:
    """Keep which of some letters were posted or handed over: rows of `letter` and `how`, which may be not_yet."""
    for number, row in enumerate(copies):
        if text(row, "how") not in ("", NOT_YET):
            mark_sent(work, as_id(row.get("letter"), f"copies[{number}].letter"), text(row, "how"))


def mark_sent(work: Work, letter_id: UUID, how: str) -> None:
    """Keep that a letter was posted ("post"), handed over ("hand") or e-mailed. Raises `Invalid` for another way."""
    if how not in ("post", "hand", "email"):
        raise Invalid("Choose how the letter was sent", field="how")
    letter = {"id_": letter_id, "case": work.case.id, "sent_by": how, "sent_on": work.today}
    if not work.connection.execute(_SENT, letter).rowcount:
        raise Invalid("There is no such letter", field="letter")
    work.record("family_letter_sent", subject=letter_id, detail={"how": how})


_SENT = sa.update(family_letters).where(
    family_letters.c.id == sa.bindparam("id_"), family_letters.c.case_id == sa.bindparam("case")
)
