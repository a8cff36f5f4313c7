"""Say, as a coordinator, what a record is read for: once a day for each case on which nothing is asked of one."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.casework.purposes import PURPOSES
from engine.errors import Invalid, NotFound
from engine.process_engine import ProcessEngine
from engine.store import locking, relations
from engine.store.tables.access import office_readings
from engine.work import Work, open_work

LONGEST_REASON: Final = 500


def look_into(engine: ProcessEngine, *, actor: Actor, case_id: UUID, purpose: str, reason: str = "") -> datetime:
    """Let a coordinator read a case's record until the local day is over; return until when (aware UTC).

    `purpose` is one of `PURPOSES`, and `reason` says more of it, as it has to of `other`. The case's history holds
    both. Said again the same day, nothing more is kept. Raises `NotFound` for a case that they may not read, `Invalid`.
    """
    _require(purpose, reason)
    with engine.sessions.act() as connection:
        work = open_work(engine, connection, locking.case(connection, case_id), actor=actor, at=engine.clock.now())
        relation = relations.of(connection, actor, case_id)
        if not permissions.may_read_case(actor, relation):
            raise NotFound("There is no such case", case_id=case_id)
        until_at = _end_of_day(work)
        if not permissions.has_to_say_why(actor, relation) or case_id in actor.looks_into:
            return until_at
        connection.execute(
            sa.insert(office_readings).values(
                id=engine.ids.new(), authority_id=actor.authority_id, case_id=case_id,
                practitioner_id=actor.practitioner_id, purpose=purpose, reason=reason.strip(), from_at=work.at,
                until_at=until_at,
            )
        )  # fmt: skip
        payload = {"why": reason.strip() or PURPOSES[purpose]}
        work.record("looked_into", subject=actor.practitioner_id, detail={"purpose": purpose}, payload=payload)
        work.finish()
    return until_at


def _require(purpose: str, reason: str) -> None:
    if purpose not in PURPOSES:
        raise Invalid("Choose what you read this record for", field="purpose")
    if purpose == "other" and not reason.strip():
        raise Invalid("Say in a few words what you read this record for", field="reason")
    if len(reason) > LONGEST_REASON:
        raise Invalid(f"Use at most {LONGEST_REASON} characters", field="reason")


def _end_of_day(work: Work) -> datetime:
    return datetime.combine(work.today + timedelta(days=1), time(), work.authority.zone)
