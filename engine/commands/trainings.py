"""Record courses that people have done."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from engine.casework.permissions import Actor, may_record_training
from engine.clock import local_day
from engine.errors import Invalid, NotFound, NotPermitted
from engine.process_engine import ProcessEngine
from engine.store.tables.guidance import trainings
from engine.store.tables.people import authorities, practitioners

LONGEST_TITLE: Final = 120
FARTHEST: Final = timedelta(days=20 * 366)
"""How far back a course may lie: beyond twenty years it is a slip of the pen."""
_WHO: Final = "They themselves, their line manager, a coordinator or an administrator record training"


def record(engine: ProcessEngine, *, actor: Actor, practitioner_id: UUID, title: str, done_on: date) -> None:
    """Keep that somebody did a course on a local day: the actor themselves, or somebody whose absences they record.

    The same course of the same day is kept once. Raises `NotFound`, `NotPermitted`, `Invalid` naming the field.
    """
    title = " ".join(title.split())
    if not title:
        raise Invalid("Enter what the training was called", field="training")
    if len(title) > LONGEST_TITLE:
        raise Invalid(f"Use at most {LONGEST_TITLE} characters", field="training")
    now = engine.clock.now()
    with engine.sessions.act() as connection:
        today = local_day(now, _zone_of(connection, actor, practitioner_id))
        if not today - FARTHEST <= done_on <= today:
            raise Invalid("Enter a day that is not in the future, within the last twenty years", field="trained_on")
        same = (trainings.c.practitioner_id == practitioner_id) & (trainings.c.title == title)
        if connection.execute(sa.select(trainings.c.id).where(same, trainings.c.done_on == done_on)).first():
            return
        who = {"id": engine.ids.new(), "authority_id": actor.authority_id, "practitioner_id": practitioner_id}
        by = {"recorded_by": actor.practitioner_id, "recorded_at": now}
        connection.execute(sa.insert(trainings).values(**who, **by, title=title, done_on=done_on))


def remove(engine: ProcessEngine, *, actor: Actor, training_id: UUID) -> None:
    """Take a training away that was recorded wrongly. Raises `NotFound`, `NotPermitted`."""
    with engine.sessions.act() as connection:
        own = (trainings.c.id == training_id) & (trainings.c.authority_id == actor.authority_id)
        who = connection.execute(sa.select(trainings.c.practitioner_id).where(own)).scalar()
        if who is None:
            raise NotFound("There is no such training", training_id=training_id)
        if not may_record_training(actor, who):
            raise NotPermitted(_WHO)
        connection.execute(sa.delete(trainings).where(own))


def _zone_of(connection: sa.Connection, actor: Actor, practitioner_id: UUID) -> ZoneInfo:
    """Return the zone of somebody's authority. Raises `NotFound`, `NotPermitted`."""
    own = (practitioners.c.id == practitioner_id) & (practitioners.c.authority_id == actor.authority_id)
    joined = practitioners.join(authorities, authorities.c.id == practitioners.c.authority_id)
    zone = connection.execute(sa.select(authorities.c.zone).select_from(joined).where(own)).scalar()
    if zone is None:
        raise NotFound("There is no such person", practitioner_id=practitioner_id)
    if not may_record_training(actor, practitioner_id):
        raise NotPermitted(_WHO)
    return ZoneInfo(zone)
