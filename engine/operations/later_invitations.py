"""Somebody else is asked to a meeting that is arranged: one more practitioner, or one more of the family."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.errors import Invalid
from engine.operations import family_invitations, meeting_letters
from engine.operations.consent_cover import require_covered
from engine.operations.consents import require_sharing
from engine.operations.invitations import invite_practitioners
from engine.operations.reading import person, text
from engine.operations.team import join_team
from engine.store.meeting_options import coming
from engine.store.tables.meetings import invitations
from engine.store.tables.running import user_tasks
from engine.work import Work

_ASKED: Final = "You are asked to a team meeting: say whether you come"
_DAY_OVER: Final = "The day of the meeting is over. Record first what became of it: a task asks that"


def invite_to_meeting(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Ask one more practitioner, or one more of the family, to the meeting to come, as the others were asked.

    Gives back the `practitioner` as text, None for one of the family; `tac_on`, its day; and `family_asked`, 1 where
    what the family answers has to be asked for anew. Raises `Invalid` naming the field without such a meeting, for who
    is asked already, for whom the family's consent leaves out, who is to be told nothing, or is spoken of too.
    """
    of_family = text(answers, "whom") == "family"
    field = "relative" if of_family else "practitioner"
    require_sharing(work, field)
    meeting = coming(work.connection, work.case.id)
    if meeting is None:
        raise Invalid("No meeting is arranged to which somebody could be asked", field=field)
    if meeting.planned_on < work.today:
        raise Invalid(_DAY_OVER, field=field)
    if of_family:
        family_invitations.ask_also(work, meeting, text(answers, "relative"), text(answers, "needs"), field=field)
        work.record("invitation_added", subject=meeting.id, detail={"family": True})
        return {"practitioner": None, "tac_on": meeting.planned_on, "family_asked": int(not _is_asked_for(work))}
    practitioner = person(work, answers, field)
    require_covered(work, [practitioner], field)
    _ask(work, meeting.id, practitioner, field)
    work.changed()
    work.record("invitation_added", subject=practitioner)
    return {"practitioner": str(practitioner), "tac_on": meeting.planned_on, "family_asked": 0}


def _ask(work: Work, meeting: UUID, practitioner: UUID, field: str) -> None:
    """Invite somebody to a meeting, for the first time or again; they join the team, and a letter is written."""
    mine = (invitations.c.meeting_id == meeting) & (invitations.c.practitioner_id == practitioner)
    before = work.connection.execute(sa.select(invitations.c.called_off_on).where(mine)).first()
    if before is None:
        invite_practitioners(work, meeting, [practitioner])
    elif before.called_off_on is None:
        raise Invalid("They are asked to this meeting already", field=field)
    else:
        again = {"reply": "none", "report": "", "substitute": "", "attended": None, "called_off_on": None}
        work.connection.execute(sa.update(invitations).where(mine).values(**again, invited_on=work.today))
    join_team(work, [practitioner], checked=True)
    meeting_letters.write_to(work, meeting, practitioner)
    work.send(practitioner, subject=_ASKED)


def _is_asked_for(work: Work) -> bool:
    """Tell whether a task is open that asks what each of the family answers: it asks of who is asked now too."""
    waiting = sa.select(user_tasks.c.id).where(
        user_tasks.c.case_id == work.case.id,
        user_tasks.c.element_id == "record_family_replies",
        user_tasks.c.state == "open",
    )
    return work.connection.execute(waiting).first() is not None
