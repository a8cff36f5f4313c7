"""Reports that coming meetings wait for: of who was asked, does not come, and has not written yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.process_engine import ProcessEngine
from engine.queries import visibility, words
from engine.queries.view import View, viewing
from engine.store.sets import among
from engine.store.tables.meetings import invitations, tac_meetings
from engine.store.tables.record import case_members, cases, children

LONGEST: Final = 100


@dataclass(frozen=True, slots=True)
class Owed:
    """A coming meeting that waits for a report of the reader, who does not come."""

    case_id: UUID
    child_name: str
    meeting_on: date


def mine(engine: ProcessEngine, *, actor: Actor) -> tuple[Owed, ...]:
    """Return the coming meetings to which the actor does not come and has sent no report yet, the next first."""
    with viewing(engine, actor) as view:
        waits = by_case(view)
        if not waits:
            return ()
        found = visibility.visible(view, sorted(waits))
        rows = view.connection.execute(_CASES, {"ids": sorted(found)})
        names = {row.id: words.child_name(row.given_name, row.family_name, row.known_as) for row in rows}
        return tuple(Owed(id_, names[id_], on) for id_, on in waits.items() if id_ in names)


def by_case(view: View) -> dict[UUID, date]:
    """Return the day of each such meeting of the reader's, by its case."""
    asked = {"who": view.actor.practitioner_id, "today": view.today}
    return {row.case_id: row.planned_on for row in view.connection.execute(_OWED, asked)}


# By the cases one is a member of: invitations have no index of their own by whom they are to.
_OWED: Final = (
    sa.select(tac_meetings.c.case_id, tac_meetings.c.planned_on)
    .join(
        invitations,
        (invitations.c.meeting_id == tac_meetings.c.id) & (invitations.c.practitioner_id == sa.bindparam("who")),
    )
    .where(
        tac_meetings.c.case_id.in_(
            sa.select(case_members.c.case_id).where(
                case_members.c.practitioner_id == sa.bindparam("who"), case_members.c.to_on.is_(None)
            )
        ),
        tac_meetings.c.held_on.is_(None),
        tac_meetings.c.called_off_on.is_(None),
        tac_meetings.c.planned_on >= sa.bindparam("today", type_=sa.Date),
        invitations.c.called_off_on.is_(None),
        invitations.c.reply.in_(("apologies", "substitute")),
        invitations.c.report == "",
    )
    .order_by(tac_meetings.c.planned_on, tac_meetings.c.id)
    .limit(LONGEST)
)
_CASES: Final = (
    sa.select(cases.c.id, children.c.given_name, children.c.family_name, children.c.known_as)
    .join(children, children.c.id == cases.c.child_id)
    .where(among(cases.c.id), cases.c.closed_on.is_(None))
)
