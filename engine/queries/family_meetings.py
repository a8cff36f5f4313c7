"""The family at a meeting, as pages show it: who is asked, what they answer and want said, and their letters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import family_letters as letter_texts
from engine.casework.permissions import Actor, may_keep_family
from engine.errors import NotFound, NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries import visibility
from engine.queries.view import View, viewing
from engine.store import relations
from engine.store.meeting_options import family_of
from engine.store.relatives import CHILD, relatives
from engine.store.tables.families import family_sharing
from engine.store.tables.meetings import family_letters, tac_meetings

_ANSWERS: Final = {"coming": "will come", "not_coming": "will not come", "none": "has not answered"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kin:
    """Somebody of the family and a meeting: `invited` or `why_not`, what they need, answer and want said.

    `reply` is "none", "coming" or "not_coming"; `attended` is None while the meeting is not held.
    """

    person: str
    name: str
    invited: bool
    why_not: str
    needs: str
    reply: str
    brings: str
    views: str
    attended: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyLetter:
    """A letter to somebody of the family as it was written; it `waits` while it is still to be handed over.

    An invitation that was not sent waits no more once the meeting's day has passed, nor does any letter to somebody who
    by now is to be told nothing; `sent_on` is then None. `address` is empty for those who need not know a secret one.
    `kind` is said in words.
    """

    letter_id: UUID
    kind: str
    addressee: str
    address: str
    address_secret: bool
    subject: str
    body: str
    written_on: date
    sent_by: str
    sent_on: date | None
    waits: bool


def kin(view: View, case_id: UUID, meeting_id: UUID) -> tuple[Kin, ...]:
    """Return the child and their family at a meeting, in the order of the record; nobody of an old meeting."""
    names = {each.key: each.name for each in relatives(view.connection, case_id)}
    rows = family_of(view.connection, meeting_id)
    return tuple(_kin(row, names) for row in rows)


def _kin(row: Any, names: dict[str, str]) -> Kin:
    person = CHILD if row.member_id is None else str(row.member_id)
    same = ("invited", "why_not", "needs", "reply", "brings", "views", "attended")
    known = {name: row._mapping[name] for name in same}
    return Kin(person=person, name=names.get(person, "somebody"), **known)


def family_answers(view: View, case_id: UUID, meeting_id: UUID) -> str:
    """Say what each of the family who was asked has answered."""
    asked = [each for each in kin(view, case_id, meeting_id) if each.invited]
    return "; ".join(f"{each.name} {_ANSWERS[each.reply]}" for each in asked)


def letters(view: View, case_id: UUID, *, closest: bool) -> tuple[FamilyLetter, ...]:
    """Return a case's letters to the family, the latest first; secret addresses only to who is `closest` to it."""
    rows = view.connection.execute(
        sa.select(family_letters, tac_meetings.c.planned_on, tac_meetings.c.held_on, family_sharing.c.told)
        .outerjoin(tac_meetings, tac_meetings.c.id == family_letters.c.meeting_id)
        .outerjoin(
            family_sharing,
            (family_sharing.c.member_id == family_letters.c.member_id)
            & (family_sharing.c.case_id == case_id)
            & family_sharing.c.to_on.is_(None),
        )
        .where(family_letters.c.case_id == case_id)
        .order_by(family_letters.c.written_on.desc(), family_letters.c.id.desc())
    )
    return tuple(_letter(row, closest=closest, today=view.today) for row in rows)


def read_letter(engine: ProcessEngine, *, actor: Actor, case_id: UUID, letter_id: UUID) -> FamilyLetter:
    """Return one letter of a case. Raises `NotFound`, `NotPermitted` as `read_letters`."""
    known = read_letters(engine, actor=actor, case_id=case_id)
    found = next((each for each in known if each.letter_id == letter_id), None)
    if found is None:
        raise NotFound("There is no such letter", letter_id=letter_id)
    return found


def read_letters(engine: ProcessEngine, *, actor: Actor, case_id: UUID) -> tuple[FamilyLetter, ...]:
    """Return a case's letters, the latest first. Raises `NotFound`, `NotPermitted` for who does not keep the family."""
    with viewing(engine, actor) as view:
        visibility.require_case(view, case_id)
        relation = relations.of(view.connection, actor, case_id)
        if not may_keep_family(actor, relation):
            raise NotPermitted("Who leads or assesses, their line manager or a coordinator reads the family's letters")
        closest = relation.leads or relation.assesses or "coordinator" in actor.roles
        return letters(view, case_id, closest=closest)


def _letter(row: Any, *, closest: bool, today: date) -> FamilyLetter:
    in_time = row.kind in ("notes", "plan") or (row.held_on is None and row.planned_on >= today)
    return FamilyLetter(
        letter_id=row.id,
        kind=letter_texts.KINDS[row.kind],
        addressee=row.addressee,
        address=row.address if closest or not row.address_secret else "",
        address_secret=row.address_secret,
        subject=row.subject,
        body=row.body,
        written_on=row.written_on,
        sent_by=row.sent_by,
        sent_on=row.sent_on,
        waits=row.sent_on is None and in_time and row.told != "nothing",
    )
