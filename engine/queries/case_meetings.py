"""The team meetings of a case: arranged, held, called off or missed; who was asked and what was agreed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Relation
from engine.queries import family_meetings, meeting_places, words
from engine.queries.family_meetings import Kin
from engine.queries.view import View
from engine.store.relatives import with_elsewhere
from engine.store.tables.keeping import history
from engine.store.tables.people import practitioners
from engine.store.tables.record import invitations, meeting_actions, tac_meetings

_CASE: Final = sa.bindparam("case", type_=sa.Uuid)


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody asked to a meeting; `reply` is "none", "attending", "apologies" or "substitute"."""

    name: str
    reply: str
    report: str
    substitute: str
    attended: bool | None


@dataclass(frozen=True, slots=True)
class Meeting:
    """A team meeting, arranged, held or called off, with practitioners (`invited`) and `family`.

    `place_secret` says to who leads or assesses what to do as the `venue` of a coming one tells a secret address now.
    `starts_at` is a time of day ("16:00") or empty. `ends_with` is "go_on", "close" or "step_up" when held, `agreed`
    its actions in sentences; `checklists` holds, for before, during and after, rows of {said, done}. `booked_anew`: a
    sibling's that it went with is not held, so everybody was told not to come. `missed`: its day passed without it, or
    without the family, and another one is to be booked. `day_off`: one to come is on a day on which nobody works.
    """

    planned_on: date
    held_on: date | None
    called_off_on: date | None
    venue: str
    place_secret: str
    agenda: str
    notes: str
    starts_at: str
    invited: tuple[Invited, ...]
    family: tuple[Kin, ...]
    came_with: str
    next_on: date | None
    ends_with: str
    no_actions_why: str
    agreed: tuple[str, ...]
    checklists: Mapping[str, Any]
    booked_anew: bool
    missed: bool
    day_off: bool = False


_INVITED = (
    sa.select(
        *(invitations.c[name] for name in ("meeting_id", "reply", "report", "substitute", "attended")),
        practitioners.c.name,
    )
    .join(practitioners, practitioners.c.id == invitations.c.practitioner_id)
    .where(invitations.c.case_id == _CASE, invitations.c.called_off_on.is_(None))
    .order_by(practitioners.c.name)
)
_MISSED = ("tac_meeting_not_held", "tac_meeting_without_family")
_LAST = (
    sa.select(history.c.kind)
    .where(
        history.c.case_id == tac_meetings.c.case_id,
        history.c.subject_id == tac_meetings.c.id,
        history.c.kind.in_(("tac_meeting_let_go", "tac_meeting_rebooked", *_MISSED)),
    )
    .order_by(history.c.seq.desc())
    .limit(1)
    .correlate(tac_meetings)
    .scalar_subquery()
)
_MEETINGS = (
    # Of one still to come alone: each asks the whole history of its case.
    sa.select(tac_meetings, sa.case((tac_meetings.c.held_on.is_(None), _LAST)).label("last"))
    .where(tac_meetings.c.case_id == _CASE)
    .order_by(tac_meetings.c.planned_on.desc(), tac_meetings.c.id.desc())
)


def meetings(view: View, case_id: UUID, relation: Relation) -> tuple[Meeting, ...]:
    """Return the team meetings, the coming one first, to who stands to the case in this `relation`."""
    asked = view.connection.execute(_INVITED, {"case": case_id})
    invited: dict[UUID, list[Invited]] = defaultdict(list)
    for row in asked:
        invited[row.meeting_id].append(Invited(row.name, row.reply, row.report, row.substitute, row.attended))
    rows = view.connection.execute(_MEETINGS, {"case": case_id}).all()
    known, elsewhere = with_elsewhere(view.connection, case_id)
    family, agreed = family_meetings.kin_of_all(view, case_id, known), _agreed(view, case_id)
    places = {row.id: meeting_places.shown(view, row.venue, (*known, *elsewhere), relation) for row in rows}
    return tuple(
        Meeting(
            row.planned_on, row.held_on, row.called_off_on, *_place(row, places), row.agenda, row.notes,
            f"{row.starts_at:%H:%M}" if row.starts_at else "", tuple(invited[row.id]),
            tuple(family.get(row.id, ())), row.came_with, row.next_on, row.ends_with,
            row.no_actions_why, tuple(agreed.get(row.id, ())), row.checklists or {},
            row.held_on is None and row.last == "tac_meeting_let_go", row.held_on is None and row.last in _MISSED,
            row.held_on is None and not view.authority.calendar.is_working_day(row.planned_on),
        )
        for row in rows
    )


def _place(row: Any, places: Mapping[UUID, tuple[str, str]]) -> tuple[str, str]:
    """Return where a meeting is; what to do about a secret place of one that is still to come alone."""
    place, secret = places[row.id]
    return place, secret if row.held_on is None and row.called_off_on is None else ""


_AGREED = (
    sa.select(meeting_actions.c.meeting_id, meeting_actions.c.action, meeting_actions.c.due_on, practitioners.c.name)
    .join(tac_meetings, tac_meetings.c.id == meeting_actions.c.meeting_id)
    .join(practitioners, practitioners.c.id == meeting_actions.c.owner_id)
    .where(tac_meetings.c.case_id == _CASE)
    .order_by(meeting_actions.c.due_on, meeting_actions.c.id)
)


def _agreed(view: View, case_id: UUID) -> Mapping[UUID, list[str]]:
    rows = view.connection.execute(_AGREED, {"case": case_id})
    found: dict[UUID, list[str]] = defaultdict(list)
    for row in rows:
        said = f"{row.name}: {row.action.rstrip('.')}, by {words.day(row.due_on, today=view.today)}"
        found[row.meeting_id].append(said)
    return found


BY_CASE: Final = (_INVITED, _MEETINGS, _AGREED)
