"""The day of a team meeting: chosen, given up, chosen again; and who hears of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.errors import Invalid
from engine.operations import calendar_entries, family_invitations, joined_meetings, meeting_letters
from engine.operations.consents import require_sharing
from engine.operations.invitations import coming_meeting, end_later_replies
from engine.operations.reading import clock_time, day, text
from engine.operations.team import join_team
from engine.operations.team_parts import end_of_invitation
from engine.store.letter_warnings import addresses
from engine.store.relatives import secret_in, whose_secret
from engine.store.tables.meetings import invitations, tac_meetings
from engine.work import Work

NOT_HELD: Final = frozenset({"no", "not_held"})
"""What a form says of a meeting that was not held with the family: nobody of them came, or it was not held at all."""
_ASKED_AGAIN: Final = "A meeting you were asked to has another day: say whether you come"
_STAYS: Final = "A meeting you were asked to is held on its day: say again whether you come"


def chosen(work: Work, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the day and time that were chosen; the place must not be an address that is kept secret.

    Raises `Invalid` for one that is, and for a day on which the plan rests.
    """
    # Stricter than what letters say: a place goes into calendars too, and is easily named another way.
    if wrong := secret_in(text(answers, "venue"), addresses(work.connection, work.case.id)):
        raise Invalid(wrong, field="venue")
    on = day(answers, "planned_on", work.today)
    require_no_rest(work, on, "planned_on")
    return {"planned_on": on, "starts_at": clock_time(answers, "starts_at")}


def off(work: Work, on: date) -> dict[str, bool]:
    """Return what history keeps of a day on which nobody works by the calendar; a family may want just that one."""
    return {} if work.authority.calendar.is_working_day(on) else {"day_off": True}


def require_no_rest(work: Work, on: date, field: str) -> None:
    until = work.facts()["paused_until"]
    if until is not None and on < until:
        said = f"The plan rests until {until.day} {until:%B %Y}. Choose that day or a later one, or let the plan go on"
        raise Invalid(f"{said} first", field=field)


def rebook_tac_meeting(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Move the coming meeting, to which no family came, to another day; its people are asked again, the day is counted.

    The same for one that was called off, and for one that went with a brother's or sister's, which may keep its day.
    Gives back as arranging does. Raises `Invalid` when no meeting is arranged, or nothing may be shared.
    """
    require_sharing(work, "planned_on")
    meeting, when = coming_meeting(work) or _called_off(work), chosen(work, answers)
    if meeting is None:
        raise Invalid("No meeting is arranged that could be moved")
    joined_meetings.let_go(work)
    _require_place(work, meeting, text(answers, "venue"))
    stays = _stays(work, meeting, when, text(answers, "venue"))
    moved: dict[str, Any] = {**when, "joined_id": None, "called_off_on": None}
    if text(answers, "venue"):
        moved["venue"] = text(answers, "venue")
    again_on = sa.update(tac_meetings).where(tac_meetings.c.id == meeting)
    work.connection.execute(again_on.values(**moved, rebooked=tac_meetings.c.rebooked + (0 if stays else 1)))
    again = {"reply": "none", "report": "", "substitute": "", "attended": None, "invited_on": work.today}
    work.connection.execute(sa.update(invitations).where(_wanted(meeting)).values(**again))
    invited = _asked(work, meeting)
    join_team(work, invited, checked=True)
    family = family_invitations.write_again(work, meeting, moved=not stays)
    meeting_letters.write_again(work, meeting)
    told = frozenset() if stays else calendar_entries.change_sent(work, meeting)
    for practitioner in invited:
        if practitioner not in told:
            work.send(practitioner, subject=_STAYS if stays else _ASKED_AGAIN)
    work.changed()
    work.record(
        "tac_meeting_rebooked",
        subject=meeting,
        detail={"planned_on": when["planned_on"], "stays": stays, **off(work, when["planned_on"])},
        payload={"why": text(answers, "why")},
    )
    return {"invited": [str(id_) for id_ in invited], "tac_on": when["planned_on"], "family_asked": family}


def _require_place(work: Work, meeting: UUID, venue: str) -> None:
    """Raise `Invalid` for a place that stays, as no new one is chosen, while its address is kept secret since."""
    had = "" if venue else work.connection.execute(_PLACE, {"meeting": meeting}).scalar()
    if had and (whose := whose_secret(had, addresses(work.connection, work.case.id))):
        said = f"The place it had may tell the address of {whose}, which is kept secret now. Choose another place"
        raise Invalid(said, field="venue")


_PLACE: Final = sa.select(tac_meetings.c.venue).where(tac_meetings.c.id == sa.bindparam("meeting"))


def _wanted(meeting: UUID) -> sa.ColumnElement[bool]:
    return (invitations.c.meeting_id == meeting) & invitations.c.called_off_on.is_(None)


def _asked(work: Work, meeting: UUID) -> list[UUID]:
    query = sa.select(invitations.c.practitioner_id).where(_wanted(meeting)).order_by(invitations.c.id)
    return list(work.connection.execute(query).scalars())


def _stays(work: Work, meeting: UUID, when: Mapping[str, Any], venue: str) -> bool:
    """Tell whether a meeting that was not called off is booked for the very day, time and place it had."""
    had = work.connection.execute(sa.select(tac_meetings).where(tac_meetings.c.id == meeting)).one()
    same = (had.planned_on, had.starts_at) == (when["planned_on"], when["starts_at"])
    return same and had.called_off_on is None and venue in ("", had.venue)


def call_off_meetings(work: Work, *, why: str, stay: bool = False) -> UUID | None:
    """Do without the meeting that is arranged and not yet held, and tell practitioners and family.

    Who was of the team for it alone leaves that, unless they `stay` as they may be asked again: another day is looked
    for, or the family may agree again. Returns its id; nothing happens without one, and None is returned.
    `engine.calling_off` moves its diagram too.
    """
    meeting = coming_meeting(work)
    if meeting is None:
        return None
    joined_meetings.let_go(work)
    end_later_replies(work)
    own = tac_meetings.c.id == meeting
    work.connection.execute(sa.update(tac_meetings).where(own).values(called_off_on=work.today))
    invited = _asked(work, meeting)
    if not stay:
        end_of_invitation(work, invited)
    told = calendar_entries.take_back_sent(work, meeting)
    for practitioner in invited:
        if practitioner not in told:
            work.send(practitioner, subject="A meeting you were asked to is called off")
    family_invitations.call_off(work, meeting)
    work.changed()
    work.record("tac_meeting_called_off", subject=meeting, payload={"why": why})
    return meeting


def not_held(work: Work, meeting: UUID, came: str, on: date | None) -> None:
    """Record that the coming meeting is not held with the family: `came` is one of `NOT_HELD`, `on` the day it says.

    While its day is still to come it is called off, so that nobody sets out for it. Afterwards nobody is told: another
    day is booked, for which everybody is asked anew. Who says no day means the one it was to be on.
    """
    first = work.today if came == "not_held" else work.today + timedelta(days=1)
    if call_off_before(work, why="It has to be on another day", first=first):
        return
    if came == "no":
        work.record("tac_meeting_without_family", subject=meeting, effective_on=on or _coming_on(work))
    else:
        work.record("tac_meeting_not_held", subject=meeting, effective_on=on or _coming_on(work))


def call_off_before(work: Work, *, why: str, until: date = date.max, first: date | None = None) -> bool:
    """Do without the meeting arranged for a day from `first` (else today) and before `until`; whether one was.

    As `call_off_meetings` does. One whose day has passed may have been held: its lead says so.
    """
    on = _coming_on(work)
    before = on is not None and (first or work.today) <= on < until
    return before and call_off_meetings(work, why=why, stay=True) is not None


def _coming_on(work: Work) -> date | None:
    planned_on = sa.select(tac_meetings.c.planned_on).where(tac_meetings.c.id == coming_meeting(work))
    on: date | None = work.connection.execute(planned_on).scalar()
    return on


def _called_off(work: Work) -> UUID | None:
    """Return the id of the meeting that was called off, when none was held since."""
    last = work.connection.execute(
        sa.select(tac_meetings.c.id, tac_meetings.c.called_off_on)
        .where(tac_meetings.c.case_id == work.case.id)
        .order_by(tac_meetings.c.planned_on.desc(), tac_meetings.c.id.desc())
        .limit(1)
    ).first()
    return last.id if last is not None and last.called_off_on is not None else None
