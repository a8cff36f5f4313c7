"""Team Around the Child meetings: arranged, invited to, replied to, held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.operations.reading import as_person, clock_time, day, people, person, rows, text
from engine.operations.team import join_team
from engine.store.tables.record import invitations, tac_meetings
from engine.work import Work


def arrange_tac_meeting(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Fix a meeting and invite practitioners; gives back `invited` (their ids as text) and `tac_on`."""
    meeting, on = work.engine.ids.new(), day(answers, "planned_on", work.today)
    invited = people(work, answers, "invited")
    work.connection.execute(
        sa.insert(tac_meetings).values(
            id=meeting,
            authority_id=work.authority.id,
            case_id=work.case.id,
            planned_on=on,
            starts_at=clock_time(answers, "starts_at"),
            venue=text(answers, "venue"),
            agenda=text(answers, "agenda"),
        )
    )
    _invite(work, meeting, invited)
    join_team(work, invited)
    work.changed()
    work.record("tac_meeting_arranged", subject=meeting, detail={"planned_on": on, "invited": len(invited)})
    return {"invited": [str(id_) for id_ in invited], "tac_on": on}


def reply_to_invitation(work: Work, answers: Mapping[str, Any], variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep one practitioner's reply; the variable `practitioner` says whose invitation it is."""
    practitioner = as_person(variables.get("practitioner"), "practitioner")
    reply = text(answers, "reply")
    work.connection.execute(
        sa.update(invitations)
        .where(invitations.c.meeting_id == _coming(work), invitations.c.practitioner_id == practitioner)
        .values(reply=reply, report=text(answers, "report"), substitute=text(answers, "substitute"))
    )
    work.changed()
    work.record("invitation_answered", subject=practitioner, detail={"reply": reply})
    return {}


def hold_tac_meeting(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Record that the coming meeting was held, and who was there: of those invited, and others who joined the team."""
    meeting, on = _coming(work), day(answers, "held_on", work.today)
    present = people(work, answers, "attended")
    others = [person(work, row, "person") for row in rows(answers, "others")]
    if meeting is not None:
        _add(work, meeting, others)
        present += others
    work.connection.execute(
        sa.update(tac_meetings).where(tac_meetings.c.id == meeting).values(held_on=on, notes=text(answers, "notes"))
    )
    work.connection.execute(
        sa.update(invitations)
        .where(invitations.c.meeting_id == meeting)
        .values(attended=invitations.c.practitioner_id.in_(present))
    )
    work.changed()
    work.record("tac_meeting_held", subject=meeting, detail={"attended": len(present)}, effective_on=on)
    return {}


def _add(work: Work, meeting: UUID, others: Sequence[UUID]) -> None:
    """Count practitioners who came without an invitation among those of the meeting, and in the team."""
    known = set(
        work.connection.execute(
            sa.select(invitations.c.practitioner_id).where(invitations.c.meeting_id == meeting)
        ).scalars()
    )
    _invite(work, meeting, [id_ for id_ in dict.fromkeys(others) if id_ not in known])
    join_team(work, others)


def _coming(work: Work) -> UUID | None:
    """Return the id of the meeting that is arranged and not yet held."""
    return work.connection.execute(
        sa.select(tac_meetings.c.id)
        .where(tac_meetings.c.case_id == work.case.id, tac_meetings.c.held_on.is_(None))
        .order_by(tac_meetings.c.planned_on.desc())
        .limit(1)
    ).scalar()


def _invite(work: Work, meeting: UUID, invited: Sequence[UUID]) -> None:
    rows = [
        {
            "id": work.engine.ids.new(),
            "meeting_id": meeting,
            "authority_id": work.authority.id,
            "case_id": work.case.id,
            "practitioner_id": practitioner,
            "invited_on": work.today,
        }
        for practitioner in invited
    ]
    if rows:
        work.connection.execute(sa.insert(invitations), rows)
