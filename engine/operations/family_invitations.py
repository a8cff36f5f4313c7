"""The family's own invitations to a meeting: who is asked and who not, what they answer, and who came."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import family_letters as texts
from engine.errors import Invalid
from engine.operations import reply_links
from engine.operations.family_letters import occasion, reader, write, young_person_years
from engine.operations.reading import text
from engine.operations.wordings import worded
from engine.store import meeting_places
from engine.store.relatives import CHILD, Relative, relatives, with_elsewhere
from engine.store.sibling_meetings import KeptFrom, kept_from
from engine.store.tables.meetings import family_invitations, tac_meetings
from engine.store.tables.record import cases, children
from engine.work import Work

Rows = Sequence[Mapping[str, Any]]

_NOBODY_ASKED: Final = (
    "Nobody of the family would be asked. Write down a parent or carer first: “Somebody else of the family” on the "
    "case's page"
)


def invite_family(work: Work, meeting: UUID, decided: Rows, *, joined: UUID | None = None) -> int:
    """Decide for the child and everybody of the family whether they are asked, and write to those who are.

    `decided` holds rows of {person, invite, why_not, needs}; of whom it does not speak, those who may be told
    something are asked, and a young person who is old enough. Who is asked to the `joined` meeting
    of a brother or sister gets no second letter; who is to be told nothing of that child is not asked either. Returns
    how many are asked. Raises `Invalid` naming the row for somebody unknown, for one who is to be told nothing, and for
    one left out without a reason; and naming `family` where the child is not asked, and no parent or carer is written
    down who could be.
    """
    known = {each.key: each for each in relatives(work.connection, work.case.id)}
    beside = kept_from(work.connection, work.case.id, joined) if joined else []
    kept = {str(each.member_id): each for each in beside if each.told == "nothing"}
    said = {}
    for number, row in enumerate(decided):
        if text(row, "person") not in known:
            raise Invalid("Choose somebody of the family", field=f"family[{number}].person")
        said[text(row, "person")] = _decision(work, known[text(row, "person")], row, number, kept)
    rows = [{**_row(work, meeting, each), **said.get(each.key, _usual(work, each, kept))} for each in known.values()]
    if len(known) == 1 and not any(row["invited"] for row in rows):
        raise Invalid(_NOBODY_ASKED, field="family")
    before = _asked_with(work, joined) if joined else {}
    for row in rows:
        if row["invited"] and row["member_id"] in before:
            row |= before[row["member_id"]]
    if rows:
        work.connection.execute(sa.insert(family_invitations), rows)
    asked = [row for row in rows if row["invited"]]
    _write_all(work, meeting, [row for row in asked if row["member_id"] is None or row["member_id"] not in before])
    detail = {"asked": len(asked), "not_asked": len(rows) - len(asked)}
    work.record("family_invited", subject=meeting, detail=detail)
    return len(asked)


def ask_also(work: Work, meeting: Any, person: str, needs: str, *, field: str) -> None:
    """Ask one more of the family, by key, to the arranged meeting of the row `meeting`, and write to them.

    Raises `Invalid` naming `field` for somebody unknown, who is asked already, or who may not be asked.
    """
    each = next((each for each in relatives(work.connection, work.case.id) if each.key == person), None)
    if each is None:
        raise Invalid("Choose somebody of the family", field=field)
    beside = kept_from(work.connection, work.case.id, meeting.joined_id) if meeting.joined_id else []
    kept = {str(one.member_id): one for one in beside if one.told == "nothing"}
    if wrong := _may_not(each, kept):
        raise Invalid(wrong, field=field)
    mine = _of_meeting(meeting.id, each.member_id)
    before = work.connection.execute(sa.select(family_invitations).where(mine)).first()
    if before is not None and before.invited and before.called_off_on is None:
        raise Invalid(f"{each.name} is asked to this meeting already", field=field)
    asked = {"invited": True, "why_not": "", "needs": needs}
    row = _row(work, meeting.id, each) | asked
    if before is None:
        work.connection.execute(sa.insert(family_invitations), [row])
    else:
        row["id"] = before.id
        again = {**asked, "decided_on": work.today, "reply": "none", "replied_on": None, "called_off_on": None}
        work.connection.execute(sa.update(family_invitations).where(mine).values(**again))
    _write_all(work, meeting.id, [row])


def _usual(work: Work, each: Relative, kept: Mapping[str, KeptFrom]) -> dict[str, Any]:
    """Return how somebody of the family is asked while nobody has decided otherwise."""
    why = each.not_usually_asked(work.today, from_age=young_person_years(work)) or _spoken_of_too(each, kept)
    return {"invited": not why, "why_not": why, "needs": ""}


def _spoken_of_too(each: Relative, kept: Mapping[str, KeptFrom]) -> str:
    return f"They are {kept[each.key].words}, who is spoken of too" if each.key in kept else ""


def _decision(
    work: Work, each: Relative, row: Mapping[str, Any], number: int, kept: Mapping[str, KeptFrom]
) -> dict[str, Any]:
    invited, why_not = text(row, "invite") == "yes", text(row, "why_not")
    if invited and (wrong := _may_not(each, kept)):
        instead = ". Choose No, or a day for this child alone" if each.key in kept else ""
        raise Invalid(f"{wrong}{instead}", field=f"family[{number}].invite")
    if not invited and not why_not:
        usual = str(_usual(work, each, kept)["why_not"])
        if not usual:
            raise Invalid(f"Say why {each.name} is not invited", field=f"family[{number}].why_not")
        why_not = usual
    return {"invited": invited, "why_not": "" if invited else why_not, "needs": text(row, "needs")}


def _may_not(each: Relative, kept: Mapping[str, KeptFrom]) -> str:
    """Say why somebody of the family is asked to no meeting, or not to this one; empty when they may be."""
    if each.sharing.told == "nothing":
        return f"{each.name} is to be told nothing. Look at what they may be told"
    return f"{each.name} is {kept[each.key].words}, who is spoken of too" if each.key in kept else ""


def _row(work: Work, meeting: UUID, each: Relative) -> dict[str, Any]:
    return {
        "id": work.engine.ids.new(),
        "meeting_id": meeting,
        "authority_id": work.authority.id,
        "case_id": work.case.id,
        "member_id": each.member_id,
        "decided_on": work.today,
        "reply": "none",
        "brings": "",
        "views": "",
    }


def _asked_with(work: Work, joined: UUID) -> dict[UUID | None, Mapping[str, Any]]:
    """Return how the family has answered to a sibling's meeting; the sibling's own answer is not this child's."""
    rows = work.connection.execute(
        sa.select(family_invitations).where(
            family_invitations.c.meeting_id == joined,
            family_invitations.c.invited,
            family_invitations.c.member_id.is_not(None),
        )
    )
    return {row.member_id: {name: row._mapping[name] for name in ("reply", "brings", "needs")} for row in rows}


def write_again(work: Work, meeting: UUID, *, moved: bool) -> int:
    """Ask the family anew to a meeting, and forget what they answered; return how many are asked.

    Unless it `moved`, the letters invite as first ones do.
    """
    every = (family_invitations.c.meeting_id == meeting) & family_invitations.c.invited
    anew = {"reply": "none", "replied_on": None, "attended": None, "called_off_on": None}
    work.connection.execute(sa.update(family_invitations).where(every).values(**anew))
    own = _asked(meeting)
    rows = [dict(row._mapping) for row in work.connection.execute(sa.select(family_invitations).where(own))]
    reply_links.revoke_of(work, meeting)
    _write_all(work, meeting, rows, again=moved)
    return len(rows)


def call_off(work: Work, meeting: UUID) -> None:
    """Tell everybody of the family who was asked that the meeting is not held."""
    asked = work.connection.execute(sa.select(family_invitations).where(_asked(meeting))).all()
    rows = [dict(row._mapping) for row in asked]
    _write_all(work, meeting, rows, off=texts.called_off)
    work.connection.execute(sa.update(family_invitations).where(_asked(meeting)).values(called_off_on=work.today))


def tell_anew(work: Work, meeting: UUID) -> None:
    """Tell everybody of the family who is asked that the meeting is booked anew: they wait for another letter."""
    asked = work.connection.execute(sa.select(family_invitations).where(_asked(meeting))).all()
    _write_all(work, meeting, [dict(row._mapping) for row in asked], off=texts.booked_anew)


def _of_meeting(meeting: UUID, member: UUID | None) -> sa.ColumnElement[bool]:
    theirs = family_invitations.c.member_id.is_not_distinct_from(member)
    return (family_invitations.c.meeting_id == meeting) & theirs


def _asked(meeting: UUID) -> sa.ColumnElement[bool]:
    return (
        (family_invitations.c.meeting_id == meeting)
        & family_invitations.c.invited
        & family_invitations.c.called_off_on.is_(None)
    )


def _write_all(
    work: Work,
    meeting: UUID,
    rows: Sequence[Mapping[str, Any]],
    *,
    again: bool = False,
    off: Callable[[texts.Reader, texts.Occasion], dict[str, str]] | None = None,
) -> None:
    """Write to whom each row is about; somebody who by now is to be told nothing gets no letter.

    `off` says that the meeting is not held as it was arranged.
    """
    if off:
        reply_links.revoke_of(work, meeting)
    if not rows:
        return
    family, elsewhere = with_elsewhere(work.connection, work.case.id)
    known = {each.member_id: each for each in family}
    held = work.connection.execute(sa.select(tac_meetings).where(tac_meetings.c.id == meeting)).one()
    about = occasion(work, on=held.planned_on, at=held.starts_at, agenda=held.agenda)
    called: Any = work.connection.execute(_CALLED, {"case": work.case.id}).one() if off else None
    for row in rows:
        to = known[row["member_id"]]
        if to.sharing.told == "nothing":
            continue
        whom = reader(to, row["needs"])
        if off:
            told = {**off(whom, replace(about, child="")), "reference": called.reference}
            letter = worded(work, "called_off", off(whom, replace(about, child=_called(called))))
            write(work, to, "called_off", letter, meeting=meeting, off=told)
            continue
        place = meeting_places.as_told(held.venue, (*family, *elsewhere), reader=to.key)
        letter = worded(work, "family_invitation", texts.invitation(whom, replace(about, place=place), again=again))
        id_ = write(work, to, "invitation", letter, meeting=meeting, draft=True, again=again)
        reply_links.issue(work, id_, meeting=meeting, ends_on=held.planned_on, family_invitation=row["id"])


_CALLED = (
    sa.select(children.c.known_as, children.c.given_name, cases.c.reference)
    .join(cases, cases.c.child_id == children.c.id)
    .where(cases.c.id == sa.bindparam("case", type_=sa.Uuid))
)


def _called(child: Any) -> str:
    return child.known_as or child.given_name or "the baby"


def keep_replies(work: Work, meeting: UUID, replies: Rows) -> int:
    """Keep what the family answered, person by person; return how many have answered.

    `replies` holds rows of {person, reply, brings, views}. What somebody wants said is kept of those too who come. An
    answer that they gave themself meanwhile, and what a row does not ask or leaves empty, stays as it was.
    """
    for number, row in enumerate(replies):
        kept: dict[str, Any] = {name: text(row, name) for name in ("brings", "views") if text(row, name)}
        if text(row, "reply") in ("coming", "not_coming"):
            kept |= {"reply": text(row, "reply"), "replied_on": work.today}
        if kept:
            _keep(work, meeting, row, f"replies[{number}]", **kept)
    return sum(text(row, "reply") in ("coming", "not_coming") for row in replies)


def keep_own_reply(work: Work, invitation: Any, said: Mapping[str, str]) -> None:
    """Keep what one person answered themself: {reply, brings, needs, views}. What they leave empty stays as it was.

    `invitation` is their row. Their page does not show what they need and want said as it was noted before, so what
    they write comes beside it.
    """
    kept = {name: value for name, value in said.items() if value}
    for name, between in (("needs", ". "), ("views", "\n\n")):
        kept |= {name: both} if (both := _both(getattr(invitation, name), said[name], between)) else {}
    own = family_invitations.c.id == invitation.id
    work.connection.execute(sa.update(family_invitations).where(own).values(**kept, replied_on=work.today))


def _both(before: str, now: str, between: str) -> str:
    if not now or now in before:
        return before
    return now if before in now else before.removesuffix(between[0]) + between + now


def keep_attendance(work: Work, meeting: UUID, family: Rows) -> int:
    """Keep who of the family was there, person by person; return how many came.

    `family` holds rows of {person, came, views}. Raises `Invalid` when somebody who was asked is left out.
    """
    asked = work.connection.execute(sa.select(family_invitations).where(_asked(meeting))).all()
    told = {text(row, "person") for row in family}
    for each in asked:
        if (CHILD if each.member_id is None else str(each.member_id)) not in told:
            raise Invalid("Say of each of the family who was asked whether they came", field="family")
    for number, row in enumerate(family):
        views = MappingProxyType({"views": text(row, "views")} if text(row, "views") else {})
        _keep(work, meeting, row, f"family[{number}]", attended=text(row, "came") == "yes", **views)
    return sum(text(row, "came") == "yes" for row in family)


def _keep(work: Work, meeting: UUID, row: Mapping[str, Any], field: str, **values: Any) -> None:
    try:
        member = None if text(row, "person") == CHILD else UUID(text(row, "person"))
    except ValueError as error:
        raise Invalid("Choose somebody of the family", field=f"{field}.person") from error
    kept = work.connection.execute(_OF_MEMBER, {"meeting": meeting, "member": member, **values})
    if not kept.rowcount:
        raise Invalid("Choose somebody of the family", field=f"{field}.person")


_OF_MEMBER = sa.update(family_invitations).where(
    family_invitations.c.meeting_id == sa.bindparam("meeting"),
    family_invitations.c.member_id.is_not_distinct_from(sa.bindparam("member", type_=sa.Uuid)),
)
