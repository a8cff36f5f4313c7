"""Courses that people have done, the latest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.process_engine import ProcessEngine
from engine.store.sets import among
from engine.store.tables.guidance import trainings


@dataclass(frozen=True, slots=True)
class Training:
    """A course that somebody did on a local day."""

    training_id: UUID
    title: str
    done_on: date


_OF = (
    sa.select(trainings.c.id, trainings.c.practitioner_id, trainings.c.title, trainings.c.done_on)
    .where(among(trainings.c.practitioner_id), trainings.c.authority_id == sa.bindparam("authority", type_=sa.Uuid))
    .order_by(trainings.c.done_on.desc(), trainings.c.title)
)


def of_people(engine: ProcessEngine, *, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, tuple[Training, ...]]:
    """Return what each of some people of the actor's authority has done; the caller may see them."""
    found: dict[UUID, list[Training]] = defaultdict(list)
    if ids:
        with engine.sessions.read() as connection:
            for row in connection.execute(_OF, {"ids": list(ids), "authority": actor.authority_id}):
                found[row.practitioner_id].append(Training(row.id, row.title, row.done_on))
    return {who: tuple(done) for who, done in found.items()}
