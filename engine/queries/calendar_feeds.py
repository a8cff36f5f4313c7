"""What somebody's calendar feed holds: the meetings they are asked to or lead, the reviews of plans they lead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from engine.casework import calendar_feeds as calendars
from engine.casework.calendar_feeds import Occasion
from engine.casework.permissions import Actor
from engine.process_engine import ProcessEngine
from engine.queries import visibility
from engine.queries.view import View, viewing
from engine.store import meeting_places
from engine.store.tables.record import cases, invitations, lead_professionals, reviews, tac_meetings
from engine.store.tables.worklists import calendar_feeds

BACK: Final = timedelta(days=31)
"""How far back a calendar goes."""


@dataclass(frozen=True, slots=True)
class OwnFeed:
    """One's own address as it is kept: when it was made and when a calendar last read it (aware UTC)."""

    made_at: datetime
    read_at: datetime | None


def of_oneself(engine: ProcessEngine, *, actor: Actor) -> OwnFeed | None:
    """Return the actor's address that is in force; None when there is none."""
    current = (calendar_feeds.c.account_id == actor.account_id) & calendar_feeds.c.revoked_at.is_(None)
    with engine.sessions.read() as connection:
        row = connection.execute(sa.select(calendar_feeds.c.made_at, calendar_feeds.c.read_at).where(current)).first()
    return None if row is None else OwnFeed(row.made_at, row.read_at)


def written(engine: ProcessEngine, *, actor: Actor) -> str:
    """Return the calendar of the actor as a file's text: of cases that they may read today, by reference alone."""
    with viewing(engine, actor) as view:
        name = view.said("TAC meetings and reviews")
        return calendars.feed(_occasions(view), name=name, written_at=view.now)


def _occasions(view: View) -> Iterator[Occasion]:
    meetings, due = view.connection.execute(_meetings(view)).all(), view.connection.execute(_reviews(view)).all()
    seen = visibility.visible(view, sorted({row.case_id for row in (*meetings, *due)}))
    yield from _said(view, [row for row in meetings if row.case_id in seen], "TAC meeting")
    yield from _said(view, [row for row in due if row.case_id in seen], "Review due")


def _said(view: View, rows: Sequence[Any], what: str) -> Iterator[Occasion]:
    for row in rows:
        title = f"{view.said(what)}, case {row.reference}"
        place = meeting_places.told(view.connection, row.case_id, row.venue)
        yield Occasion(
            id_=row.id, title=title, place=place, on=row.on_day, at=row.starts_at, zone=view.authority.zone
        )  # fmt: skip


def _meetings(view: View) -> sa.Select[Any]:
    asked = sa.exists().where(
        invitations.c.meeting_id == tac_meetings.c.id,
        invitations.c.practitioner_id == view.actor.practitioner_id,
        invitations.c.called_off_on.is_(None),
    )
    columns = (tac_meetings.c.id, tac_meetings.c.case_id, cases.c.reference, tac_meetings.c.venue)
    query = sa.select(*columns, tac_meetings.c.planned_on.label("on_day"), tac_meetings.c.starts_at)
    return query.join(cases, cases.c.id == tac_meetings.c.case_id).where(
        tac_meetings.c.authority_id == view.actor.authority_id,
        tac_meetings.c.planned_on >= view.today - BACK,
        tac_meetings.c.called_off_on.is_(None),
        sa.or_(asked, _led(view, tac_meetings.c.case_id)),
    )


def _reviews(view: View) -> sa.Select[Any]:
    columns = (reviews.c.id, reviews.c.case_id, cases.c.reference, sa.literal("").label("venue"))
    query = sa.select(*columns, reviews.c.due_on.label("on_day"), sa.null().label("starts_at"))
    return query.join(cases, cases.c.id == reviews.c.case_id).where(
        reviews.c.authority_id == view.actor.authority_id,
        reviews.c.held_on.is_(None),
        cases.c.closed_on.is_(None),
        _led(view, reviews.c.case_id),
    )


def _led(view: View, case_id: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        lead_professionals.c.case_id == case_id,
        lead_professionals.c.practitioner_id == view.actor.practitioner_id,
        lead_professionals.c.to_on.is_(None),
    )
