"""Keep how many hours a week somebody has promised to this work: who has room is reckoned by it."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor, may_record_away
from engine.errors import Invalid, NotFound, NotPermitted
from engine.leaving import open_staff_work
from engine.process_engine import ProcessEngine
from engine.store import absences
from engine.store.tables.people import practitioners

MOST_HOURS = 168
"""The hours of a week."""


def promise_hours(engine: ProcessEngine, *, actor: Actor, practitioner_id: UUID, hours: int | None) -> None:
    """Keep how many hours a week somebody has for this work (None: nobody has said).

    Their line manager, a coordinator or an administrator may, and everybody for themselves. Raises `NotFound`,
    `NotPermitted`, `Invalid` for no number of hours.
    """
    if hours is not None and not 1 <= hours <= MOST_HOURS:
        raise Invalid("Enter whole hours a week, for example 20", field="hours")
    with engine.sessions.act() as connection:
        work = open_staff_work(engine, connection, actor.authority_id, actor)
        if absences.practitioner(connection, actor.authority_id, practitioner_id) is None:
            raise NotFound("There is no such person", practitioner_id=practitioner_id)
        if practitioner_id != actor.practitioner_id and not may_record_away(actor, practitioner_id):
            raise NotPermitted("Their line manager or a coordinator keeps this")
        own = practitioners.c.id == practitioner_id
        connection.execute(sa.update(practitioners).where(own).values(weekly_hours=hours))
        work.record("hours_promised", subject=practitioner_id, detail={"hours": hours})
        work.finish()
