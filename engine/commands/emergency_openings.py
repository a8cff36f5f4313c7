"""Open a record that is closed to one, in an emergency: with a written reason, for an hour, and others told at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.process_engine import ProcessEngine
from engine.store import locking, people, relations
from engine.store.tables.access import emergency_openings
from engine.store.tables.record import lead_professionals
from engine.work import Work, open_work

LASTS: Final = timedelta(minutes=60)
SHORTEST_REASON: Final = 15
"""Characters: a word or two say nothing to whoever checks it later."""
LONGEST_REASON: Final = 2000


def open_record(engine: ProcessEngine, *, actor: Actor, case_id: UUID, reason: str) -> datetime:
    """Let the actor read a case's record for `LASTS` from now; return until when (aware UTC).

    They can write nothing on it. Their line manager, the coordinators and who leads the case are told at once, and the
    case's history says it. Opened again within the hour, the first hour goes on. Raises `NotFound` for another
    authority's case and for a restricted one, which no emergency opens: nobody learns by it that there is one.
    `NotPermitted` for who may not, `Conflict` when the case is open to them as it is, `Invalid` for no reason.
    """
    with engine.sessions.act() as connection:
        work = _work(engine, connection, actor, case_id)
        _require_may(work, actor)
        _require_reason(reason)
        running: datetime | None = connection.execute(
            sa.select(emergency_openings.c.until_at).where(_own(actor, case_id, work.at))
        ).scalar_one_or_none()
        if running is not None:
            return running
        id_, until_at = engine.ids.new(), work.at + LASTS
        connection.execute(
            sa.insert(emergency_openings).values(
                id=id_, authority_id=actor.authority_id, case_id=case_id, practitioner_id=actor.practitioner_id,
                reason=reason.strip(), from_at=work.at, until_at=until_at,
            )
        )  # fmt: skip
        work.record("emergency_opened", subject=actor.practitioner_id, payload={"why": reason.strip()})
        _tell(work, actor)
        work.finish()
    return until_at


def close_record(engine: ProcessEngine, *, actor: Actor, case_id: UUID) -> bool:
    """End the actor's own emergency on a case before its hour is over; False when none is under way."""
    with engine.sessions.act() as connection:
        if case_id not in actor.opened:
            return False
        work = _work(engine, connection, actor, case_id)
        ended = connection.execute(
            sa.update(emergency_openings).where(_own(actor, case_id, work.at)).values(until_at=work.at)
        )
        if ended.rowcount:
            work.record("emergency_ended", subject=actor.practitioner_id)
            work.finish()
        return bool(ended.rowcount)


def look_at(engine: ProcessEngine, *, actor: Actor, opening_id: UUID, found: str) -> None:
    """Keep that a coordinator looked at an emergency, and what they `found`: once.

    Raises `NotPermitted`, `NotFound`, `Invalid` without words, `Conflict` when somebody looked at it before.
    """
    if not permissions.may_restrict(actor):
        raise NotPermitted("A coordinator looks at what was opened in an emergency")
    if not found.strip() or len(found) > LONGEST_REASON:
        raise Invalid("Say in a sentence what you found", field="found")
    with engine.sessions.act() as connection:
        theirs = (emergency_openings.c.id == opening_id) & (emergency_openings.c.authority_id == actor.authority_id)
        row = connection.execute(sa.select(emergency_openings).where(theirs)).first()
        if row is None:
            raise NotFound("There is no such emergency", opening_id=opening_id)
        if row.practitioner_id == actor.practitioner_id:
            raise NotPermitted("Another coordinator has to look at your own emergency")
        work = _work(engine, connection, actor, row.case_id)
        kept = connection.execute(
            sa.update(emergency_openings)
            .where(theirs, emergency_openings.c.looked_at.is_(None))
            .values(looked_at=work.at, looked_at_by=actor.practitioner_id, found=found.strip())
        )
        if kept.rowcount != 1:
            raise Conflict("Somebody has looked at this before you")
        work.record("emergency_looked_at", subject=row.practitioner_id, payload={"why": found.strip()})
        work.finish()


def _work(engine: ProcessEngine, connection: sa.Connection, actor: Actor, case_id: UUID) -> Work:
    return open_work(engine, connection, locking.case(connection, case_id), actor=actor, at=engine.clock.now())


def _require_may(work: Work, actor: Actor) -> None:
    relation = relations.of(work.connection, actor, work.case.id)
    if not relation.same_authority:
        raise NotFound("There is no such case", case_id=work.case.id)
    if permissions.may_see_case(actor, relation):
        raise Conflict("This case is open to you as it is", case_id=work.case.id)
    if not permissions.may_open_in_emergency(actor, relation):
        raise NotPermitted("Who works with cases may open a record in an emergency")


def _require_reason(reason: str) -> None:
    if len(reason.strip()) < SHORTEST_REASON:
        raise Invalid("Say in a sentence why you need to read this record now", field="reason")
    if len(reason) > LONGEST_REASON:
        raise Invalid(f"Use at most {LONGEST_REASON} characters", field="reason")


def _own(actor: Actor, case_id: UUID, at: datetime) -> sa.ColumnElement[bool]:
    rows = emergency_openings
    return sa.and_(
        rows.c.practitioner_id == actor.practitioner_id,
        rows.c.case_id == case_id,
        rows.c.from_at <= at,
        rows.c.until_at > at,
    )


def _tell(work: Work, actor: Actor) -> None:
    """Tell who answers for the person and for the record; the message names no child."""
    manager = people.manager_of(work.connection, actor.practitioner_id)
    lead = work.connection.execute(
        sa.select(lead_professionals.c.practitioner_id).where(
            lead_professionals.c.case_id == work.case.id, lead_professionals.c.to_on.is_(None)
        )
    ).scalar()
    told = {each for each in (manager, lead) if each is not None}
    told.update(people.with_role(work.connection, work.authority.id, "coordinator"))
    for each in sorted(told - {actor.practitioner_id}):
        work.send(
            each,
            subject="A record was opened in an emergency",
            body=f"{actor.name} opened the record of a child they do not work with, for one hour. "
            "Under Access stands why, for their manager and the coordinators.",
        )
