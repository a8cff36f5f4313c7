"""Team Around the Child meetings: arranged, invited to, replied to, held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.errors import Invalid
from engine.operations.consents import require_sharing
from engine.operations.messages import LOOK, WHO_MAY, tell_members
from engine.operations.reading import as_person, clock_time, day, people, person, rows, text
from engine.operations.reviews import ask_for_review
from engine.operations.team import join_team
from engine.store.sibling_meetings import as_choice, sibling_meeting
from engine.store.tables.record import invitations, tac_meetings
from engine.work import Work

_UNANSWERED: Final[Mapping[str, Any]] = MappingProxyType({"reply": "none", "substitute": ""})


def arrange_tac_meeting(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Fix a meeting and invite practitioners; gives back `invited` (ids as text of whom to ask) and `tac_on`.

    With `sibling_meeting` it is the day, time and place of the one arranged for a brother or sister; who is invited
    to that one is invited to this one too, and not asked again. Raises `Invalid` when that one can no longer be joined,
    or the family lets nothing be shared.
    """
    require_sharing(work, "sibling_meeting" if text(answers, "sibling_meeting") else "invited")
    if text(answers, "sibling_meeting"):
        return _join(work, answers)
    when: dict[str, Any] = {
        "planned_on": day(answers, "planned_on", work.today),
        "starts_at": clock_time(answers, "starts_at"),
        "venue": text(answers, "venue"),
    }
    invited = people(work, answers, "invited")
    meeting = _arrange(work, answers, when)
    _invite(work, meeting, invited)
    return _arranged(work, meeting, invited, when["planned_on"], asked=invited)


def _join(work: Work, answers: Mapping[str, Any]) -> Mapping[str, Any]:
    joined = sibling_meeting(work.connection, work.case.id, as_choice(answers.get("sibling_meeting")), work.today)
    if joined is None:
        raise Invalid("This meeting can no longer be joined: choose a day instead", field="sibling_meeting")
    when: dict[str, Any] = {"planned_on": joined.planned_on, "starts_at": joined.starts_at, "venue": joined.venue}
    meeting = _arrange(work, answers, when, joined_id=joined.id)
    replies = work.connection.execute(
        sa.select(invitations.c.practitioner_id, invitations.c.reply, invitations.c.substitute)
        .where(invitations.c.meeting_id == joined.id)
        .order_by(invitations.c.id)
    ).all()
    known = {row.practitioner_id: {"reply": row.reply, "substitute": row.substitute} for row in replies}
    asked = [id_ for id_ in people(work, answers, "also_invited") if id_ not in known]
    _invite(work, meeting, [*known, *asked], known)
    return _arranged(work, meeting, [*known, *asked], joined.planned_on, asked=asked)


def _arrange(work: Work, answers: Mapping[str, Any], when: Mapping[str, Any], **more: Any) -> UUID:
    meeting = work.engine.ids.new()
    own = {"id": meeting, "authority_id": work.authority.id, "case_id": work.case.id, "agenda": text(answers, "agenda")}
    work.connection.execute(sa.insert(tac_meetings), {**own, **when, **more})
    return meeting


def _arranged(
    work: Work, meeting: UUID, invited: Sequence[UUID], on: date, *, asked: Sequence[UUID]
) -> Mapping[str, Any]:
    join_team(work, invited)
    ask_for_review(work)
    work.changed()
    work.record("tac_meeting_arranged", subject=meeting, detail={"planned_on": on, "invited": len(invited)})
    return {"invited": [str(id_) for id_ in asked], "tac_on": on}


def rebook_tac_meeting(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Move the coming meeting, to which no family came, to another day; its people are asked again, the day is counted.

    Gives back `invited` and `tac_on`. Raises `Invalid` when no meeting is arranged, or nothing may be shared.
    """
    require_sharing(work, "planned_on")
    meeting, on = _coming(work), day(answers, "planned_on", work.today)
    if meeting is None:
        raise Invalid("No meeting is arranged that could be moved")
    moved: dict[str, Any] = {"planned_on": on, "starts_at": clock_time(answers, "starts_at"), "joined_id": None}
    if text(answers, "venue"):
        moved["venue"] = text(answers, "venue")
    again_on = sa.update(tac_meetings).where(tac_meetings.c.id == meeting)
    work.connection.execute(again_on.values(**moved, rebooked=tac_meetings.c.rebooked + 1))
    asked = invitations.c.meeting_id == meeting
    again = {"reply": "none", "report": "", "substitute": "", "attended": None, "invited_on": work.today}
    work.connection.execute(sa.update(invitations).where(asked).values(**again))
    invited = work.connection.execute(
        sa.select(invitations.c.practitioner_id).where(asked).order_by(invitations.c.id)
    ).scalars()
    work.changed()
    work.record(
        "tac_meeting_rebooked", subject=meeting, detail={"planned_on": on}, payload={"why": text(answers, "why")}
    )
    return {"invited": [str(id_) for id_ in invited], "tac_on": on}


def reply_to_invitation(work: Work, answers: Mapping[str, Any], variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep one practitioner's reply; the variable `practitioner` says whose invitation it is."""
    practitioner = as_person(variables.get("practitioner"), "practitioner")
    meeting, reply, substitute = _coming(work), text(answers, "reply"), text(answers, "substitute")
    own = sa.update(invitations).where(invitations.c.practitioner_id == practitioner)
    work.connection.execute(
        own.where(invitations.c.meeting_id == meeting).values(
            reply=reply, report=text(answers, "report"), substitute=substitute
        )
    )
    # Whoever comes to one child's meeting comes to a sibling's that goes with it; a report is about one child.
    joined = sa.select(tac_meetings.c.id).where(
        tac_meetings.c.joined_id == meeting, tac_meetings.c.held_on.is_(None), tac_meetings.c.called_off_on.is_(None)
    )
    work.connection.execute(own.where(invitations.c.meeting_id.in_(joined)).values(reply=reply, substitute=substitute))
    work.changed()
    work.record("invitation_answered", subject=practitioner, detail={"reply": reply})
    return {}


def hold_tac_meeting(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Record that the coming meeting was held, and who was there: of those invited, and others who joined the team.

    Gives back `family_came`; without the family the meeting is not held, it stays to be booked again.
    """
    on = day(answers, "held_on", work.today)
    if text(answers, "family_came") == "no":
        work.record("tac_meeting_without_family", subject=_coming(work), effective_on=on)
        return {"family_came": "no"}
    meeting, present = _coming(work), people(work, answers, "attended")
    others = [person(work, row, "person") for row in rows(answers, "others")]
    if meeting is not None:
        _add(work, meeting, others)
        present += others
    held = {"held_on": on, "notes": text(answers, "notes"), "notes_by": text(answers, "notes_by")}
    work.connection.execute(sa.update(tac_meetings).where(tac_meetings.c.id == meeting).values(**held))
    work.connection.execute(
        sa.update(invitations)
        .where(invitations.c.meeting_id == meeting)
        .values(attended=invitations.c.practitioner_id.in_(present))
    )
    work.changed()
    work.record("tac_meeting_held", subject=meeting, detail={"attended": len(present)}, effective_on=on)
    return {"family_came": "yes"}


def circulate_minutes(work: Work, _inputs: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Send word of the notes of the latest meeting to the team, and ask the lead to give the family their copy."""
    latest = work.connection.execute(
        sa.select(tac_meetings.c.id)
        .where(tac_meetings.c.case_id == work.case.id, tac_meetings.c.held_on.is_not(None))
        .order_by(tac_meetings.c.held_on.desc(), tac_meetings.c.id.desc())
        .limit(1)
    ).scalar()
    work.connection.execute(
        sa.update(tac_meetings).where(tac_meetings.c.id == latest).values(minutes_sent_on=work.today)
    )
    lead = work.facts()["lead_professional"]
    if lead:
        work.send(UUID(lead), subject="Give the family the notes of the meeting", body=f"{WHO_MAY} {LOOK}")
    tell_members(work, {"subject": "The notes of a meeting you were asked to are there"}, {})
    work.record("minutes_circulated", subject=latest)
    return {}


def call_off(work: Work, why: str) -> None:
    """Do without the meeting that is arranged and not yet held, and tell whom it was for; nothing without one."""
    meeting = _coming(work)
    if meeting is None:
        return
    own = tac_meetings.c.id == meeting
    work.connection.execute(sa.update(tac_meetings).where(own).values(called_off_on=work.today))
    invited = work.connection.execute(
        sa.select(invitations.c.practitioner_id)
        .where(invitations.c.meeting_id == meeting)
        .order_by(invitations.c.id)
    ).scalars()
    for practitioner in invited:
        work.send(practitioner, subject="A meeting you were asked to is called off", body=LOOK)
    work.changed()
    work.record("tac_meeting_called_off", subject=meeting, payload={"why": why})


def _add(work: Work, meeting: UUID, others: Sequence[UUID]) -> None:
    """Count practitioners who came without an invitation among those of the meeting, and in the team."""
    known = set(
        work.connection.execute(
            sa.select(invitations.c.practitioner_id).where(invitations.c.meeting_id == meeting)
        ).scalars()
    )
    _invite(work, meeting, [id_ for id_ in dict.fromkeys(others) if id_ not in known])
    join_team(work, others)


def _of_case(work: Work) -> sa.ColumnElement[bool]:
    return tac_meetings.c.case_id == work.case.id


def _coming(work: Work) -> UUID | None:
    """Return the id of the meeting that is arranged and not yet held."""
    return work.connection.execute(
        sa.select(tac_meetings.c.id)
        .where(_of_case(work), tac_meetings.c.held_on.is_(None), tac_meetings.c.called_off_on.is_(None))
        .order_by(tac_meetings.c.planned_on.desc())
        .limit(1)
    ).scalar()


def _invite(
    work: Work, meeting: UUID, invited: Sequence[UUID], known: Mapping[UUID, Mapping[str, Any]] = MappingProxyType({})
) -> None:
    """Invite practitioners; of some the reply is `known` already."""
    rows = [
        {
            "id": work.engine.ids.new(),
            "meeting_id": meeting,
            "authority_id": work.authority.id,
            "case_id": work.case.id,
            "practitioner_id": practitioner,
            "invited_on": work.today,
            **known.get(practitioner, _UNANSWERED),
        }
        for practitioner in invited
    ]
    if rows:
        work.connection.execute(sa.insert(invitations), rows)
