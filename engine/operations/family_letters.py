"""Letters to the family: each is kept as it was written, and sent where somebody has an e-mail address.

The others, and every letter that is a draft at first, are sent by the lead professional. One whom the family's record
says to tell nothing gets none; a letter holds its reader's own address and nobody else's.
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
from engine.operations import calendar_entries, letter_pages
from engine.operations.reading import as_id, text
from engine.store import letter_warnings
from engine.store.relatives import Relative, from_age, relatives, why_held
from engine.store.tables.meetings import letter_sendings, letters, reply_links
from engine.store.tables.people import practitioners
from engine.store.tables.record import case_members, lead_professionals
from engine.store.writes import Insertion
from engine.work import Work

NOT_YET: Final = "not_yet"


def reader(to: Relative, needs: str = "") -> Reader:
    """Return somebody of the family as a letter's reader."""
    part = to.sharing.part if to.sharing.told == "part" else ""
    return Reader(name=to.name, own=to.member_id is None, part=part, needs=needs)


def occasion(work: Work, *, on: date, at: time | None = None, place: str = "", agenda: str = "") -> Occasion:
    """Return a meeting as letters tell it, with who leads, or assesses before anybody does, and how to answer them."""
    lead = work.connection.execute(_LEAD, {"case": work.case.id}).first()
    signs = lead or work.connection.execute(_ASSESSOR, {"case": work.case.id}).first()
    own = {"lead": signs.name, "part": "Lead professional" if lead else "Assessor"} if signs else {"lead": ""}
    return Occasion(on=on, at=at, place=place, agenda=agenda, answer_to=_ways(signs), **own)


_LEAD = (
    sa.select(practitioners.c.name, practitioners.c.phone, practitioners.c.email)
    .join(lead_professionals, lead_professionals.c.practitioner_id == practitioners.c.id)
    .where(lead_professionals.c.case_id == sa.bindparam("case"), lead_professionals.c.to_on.is_(None))
)


_ASSESSOR = (
    sa.select(practitioners.c.name, practitioners.c.phone, practitioners.c.email)
    .join(case_members, case_members.c.practitioner_id == practitioners.c.id)
    .where(
        case_members.c.case_id == sa.bindparam("case"),
        case_members.c.role == "assessor",
        case_members.c.to_on.is_(None),
    )
    .order_by(case_members.c.id.desc())
    .limit(1)
)


def _ways(lead: Any) -> str:
    if lead is None:
        return "tell whoever works with you"
    ring = f"ring {lead.phone}" if lead.phone else ""
    write = f"write to {lead.email}" if lead.email else ""
    ways = " or ".join(way for way in (ring, write) if way)
    return f"{ways}, or tell {lead.name} when you meet" if ways else f"tell {lead.name}"


def write(
    work: Work,
    to: Relative,
    kind: str,
    letter: Letter,
    *,
    meeting: UUID | None = None,
    draft: bool = False,
    again: bool = False,
    off: Mapping[str, str] | None = None,
) -> UUID:
    """Keep a letter to somebody who may be told something, and queue an e-mail when they have an address.

    It goes in full only to who wants that; to others, as e-mail names no child, goes the address of a private page.
    Nothing goes while nobody has said where people find this service, but `off`: what fills the e-mail of a meeting
    that is not held as arranged. Nor does what gives away an address kept secret: then somebody looks at it and
    sends it. A `draft` is queued for nobody: it may be changed before somebody sends it. `again` is of a meeting that
    was moved.
    """
    subject, pages = localised(letter.subject, work.authority.term), letter_pages.where(work)
    in_full = letter_pages.in_full(work, to)
    mailed = bool(to.email) and not draft and (in_full or bool(pages) or off is not None)
    if mailed:
        known = letter_warnings.addresses(work.connection, work.case.id)
        mailed = not why_held(f"{letter.subject}\n{letter.body}", known, to)
    row = {
        "meeting_id": meeting,
        "member_id": to.member_id,
        "kind": kind,
        "addressee": to.name,
        "address": to.address,
        "address_secret": to.address_secret,
        "subject": subject,
        "body": letter.body,
        "again": again,
        "sent_by": "email" if mailed else "",
        "sent_on": work.today if mailed else None,
    }
    id_ = keep(work, row)
    if mailed:
        log_sending(work, id_, "email", to.email)
        # An invitation is a draft at first: what leaves at once about a meeting is that it is called off.
        calendar = calendar_entries.taken_back(work, meeting, to.email) if meeting and kind == "called_off" else ""
        about = occasion(work, on=work.today)
        said = letter if in_full else letter_pages.mail(work, id_, to.name, pages, about, off)
        work.write_to(to.email, subject=subject if in_full else said.subject, body=said.body, calendar=calendar)
    return id_


def keep(work: Work, row: Mapping[str, Any]) -> UUID:
    """Keep a new letter, whose own columns are `row`; return its id."""
    id_ = work.engine.ids.new()
    own = {"id": id_, "authority_id": work.authority.id, "case_id": work.case.id, "written_on": work.today}
    _INSERT.each(work.connection, [{**own, **dict.fromkeys(_OF_SOME), **row}])
    return id_


_OF_SOME: Final = ("practitioner_id", "member_id", "meeting_id", "instead_of_id")


def write_anew(work: Work, row: Any, body: str) -> UUID:
    """Keep the letter of `row` once more, saying `body`, as a draft that takes over its private page; return its id."""
    same = ("meeting_id", "member_id", "practitioner_id", "kind", "addressee", "subject", "again")
    address = {"address": row.address, "address_secret": row.address_secret}
    to = next((each for each in relatives(work.connection, work.case.id) if each.member_id == row.member_id), None)
    if row.practitioner_id is None and to is not None:
        address = {"address": to.address, "address_secret": to.address_secret}
    own = {"body": body, "instead_of_id": row.id}
    new = keep(work, {**{name: row._mapping[name] for name in same}, **address, **own})
    work.connection.execute(sa.update(reply_links).where(reply_links.c.letter_id == row.id).values(letter_id=new))
    work.record("letter_written_again", subject=new)
    return new


_INSERT = Insertion(letters)
_LOG = Insertion(letter_sendings)


def log_sending(work: Work, letter_id: UUID, how: str, recipient: str = "") -> None:
    """Keep that a letter was sent now, how, and to which e-mail address."""
    row = {
        "id": work.engine.ids.new(),
        "letter_id": letter_id,
        "authority_id": work.authority.id,
        "case_id": work.case.id,
        "sent_at": work.at,
        "how": how,
        "recipient": recipient,
        "sent_by": work.actor.practitioner_id if work.actor else None,
    }
    _LOG.each(work.connection, [row])


def readers(work: Work, known: Sequence[Relative] | None = None) -> tuple[Relative, ...]:
    """Return everybody of the family who gets copies: who may be told something, and a young person old enough.

    `known` are the case's relatives, where they were read already.
    """
    grown = young_person_years(work)
    return tuple(
        each
        for each in (relatives(work.connection, work.case.id) if known is None else known)
        if not each.not_usually_asked(work.today, from_age=grown)
    )


def young_person_years(work: Work) -> int:
    """Return from which age a young person is asked themself, unless somebody decides otherwise."""
    return from_age(work.host)


def require_no_secret(work: Work, text: str, field: str) -> None:
    """Raise `Invalid` for a text that holds an address kept secret: every letter and copy would give it away.

    What may be another place is let pass: each letter that says it is stopped until somebody has looked.
    """
    found = letter_warnings.warning(text, letter_warnings.addresses(work.connection, work.case.id)) if text else None
    if found is not None and found.sure:
        raise Invalid(found.said, field=field)


def mark_given(work: Work, copies: Sequence[Mapping[str, Any]]) -> None:
    """Keep which of some letters were posted or handed over: rows of `letter` and `how`, which may be not_yet."""
    for number, row in enumerate(copies):
        if text(row, "how") not in ("", NOT_YET):
            mark_sent(work, as_id(row.get("letter"), f"copies[{number}].letter"), text(row, "how"))


def mark_sent(work: Work, letter_id: UUID, how: str, *, recipient: str = "") -> None:
    """Keep that a letter was posted ("post"), handed over ("hand") or e-mailed, to the address `recipient`.

    It may be sent more than once. Raises `Invalid` for another way, for one who is to be told nothing, and for a letter
    that gives away an address kept secret.
    """
    if how not in ("post", "hand", "email"):
        raise Invalid("Choose how the letter was sent", field="how")
    _require_may_go(work, letter_id)
    letter = {"id_": letter_id, "case": work.case.id, "sent_by": how, "sent_on": work.today}
    if not work.connection.execute(_SENT, letter).rowcount:
        raise Invalid("There is no such letter", field="letter")
    log_sending(work, letter_id, how, recipient)
    work.record("family_letter_sent", subject=letter_id, detail={"how": how})


def _require_may_go(work: Work, letter_id: UUID) -> None:
    row = work.connection.execute(_WRITTEN, {"id_": letter_id, "case": work.case.id}).first()
    if row is None:
        raise Invalid("There is no such letter", field="letter")
    if wrong := letter_warnings.why_held(work.connection, row, letter_warnings.secrets(work.connection, work.case.id)):
        raise Invalid(wrong, field="how")


_WRITTEN = sa.select(letters).where(letters.c.id == sa.bindparam("id_"), letters.c.case_id == sa.bindparam("case"))
_SENT = sa.update(letters).where(
    letters.c.id == sa.bindparam("id_"), letters.c.case_id == sa.bindparam("case")
)
