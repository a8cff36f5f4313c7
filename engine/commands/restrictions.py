"""Restrict a case: hidden from everybody who does not work on it themselves, until a coordinator lifts that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.clock import local_day
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.process_engine import ProcessEngine
from engine.store import authorities, confining, locking, people, relations
from engine.store.tables.access import case_restrictions
from engine.work import Work, open_work

REVIEWED_AFTER: Final = timedelta(days=90)
"""Councils' own procedures have restrictions agreed again every 90 days."""
LONGEST_REASON: Final = 2000


def restrict(engine: ProcessEngine, *, actor: Actor, case_id: UUID, reason: str) -> None:
    """Hide a case from everybody but who works on it themselves and the coordinators.

    What waits on it for a group waits for the coordinators from now on, who give it to somebody; tasks that somebody
    has stay with them. Raises `NotPermitted`, `NotFound`, `Invalid` without a reason, `Conflict` when it is restricted.
    """
    with _act(engine, actor, case_id, reason) as work:
        if work.case.restricted:
            raise Conflict("This case is restricted already", case_id=case_id)
        work.connection.execute(
            sa.insert(case_restrictions).values(
                id=engine.ids.new(), authority_id=work.authority.id, case_id=case_id, reason=reason.strip(),
                set_by=actor.practitioner_id, set_at=work.at, review_on=work.today + REVIEWED_AFTER,
            )
        )  # fmt: skip
        moved = confining.to_coordinators(work.connection, case_id)
        work.record("case_restricted", detail={"tasks": moved}, payload={"why": reason.strip()})


def keep_restricted(engine: ProcessEngine, *, actor: Actor, case_id: UUID, reason: str) -> None:
    """Agree again that a case stays restricted, for another 90 days. Raises as `lift` does."""
    with _act(engine, actor, case_id, reason) as work:
        _require_changed(
            work, sa.update(case_restrictions).where(_current(case_id)).values(review_on=work.today + REVIEWED_AFTER)
        )
        work.record("restriction_kept", payload={"why": reason.strip()})


def lift(engine: ProcessEngine, *, actor: Actor, case_id: UUID, reason: str) -> None:
    """Open a restricted case again to those who may usually see it.

    Raises `NotPermitted`, `NotFound`, `Invalid` without a reason, `Conflict` when it is not restricted.
    """
    with _act(engine, actor, case_id, reason) as work:
        lifted = {"lifted_at": work.at, "lifted_by": actor.practitioner_id, "lifted_reason": reason.strip()}
        _require_changed(work, sa.update(case_restrictions).where(_current(case_id)).values(**lifted))
        work.record("restriction_lifted", payload={"why": reason.strip()})


def remind(engine: ProcessEngine, *, authority_id: UUID) -> int:
    """Tell the coordinators of each restriction whose review day has come, once for each such day; return how many."""
    now = engine.clock.now()
    with engine.sessions.read() as connection:
        zone = ZoneInfo(authorities.zone_name(connection, authority_id))
        due = connection.execute(_TO_REVIEW, {"authority": authority_id, "today": local_day(now, zone)}).all()
    for row in due:
        with engine.sessions.act() as connection:
            work = open_work(engine, connection, locking.case(connection, row.case_id), actor=None, at=now)
            for coordinator in people.with_role(connection, authority_id, "coordinator"):
                key = f"review restriction {row.id.hex} {row.review_on.isoformat()} {coordinator.hex}"
                work.send(coordinator, subject="A restriction is to be looked at again", body=LOOK_AGAIN, key=key)
            work.finish()
    return len(due)


LOOK_AGAIN: Final = (
    "A case was restricted 90 days ago or more. Sign in, open Access, and say whether it stays restricted, and why."
)
_TO_REVIEW = sa.select(case_restrictions.c.id, case_restrictions.c.case_id, case_restrictions.c.review_on).where(
    case_restrictions.c.authority_id == sa.bindparam("authority", type_=sa.Uuid),
    case_restrictions.c.lifted_at.is_(None),
    case_restrictions.c.review_on <= sa.bindparam("today", type_=sa.Date),
)


@contextmanager
def _act(engine: ProcessEngine, actor: Actor, case_id: UUID, reason: str) -> Iterator[Work]:
    if not permissions.may_restrict(actor):
        raise NotPermitted("A coordinator says which case is restricted")
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise Invalid("Say in a sentence why", field="reason")
    with engine.sessions.act() as connection:
        work = open_work(engine, connection, locking.case(connection, case_id), actor=actor, at=engine.clock.now())
        if not permissions.may_see_case(actor, relations.of(connection, actor, case_id)):
            raise NotFound("There is no such case", case_id=case_id)
        yield work
        work.finish()


def _current(case_id: UUID) -> sa.ColumnElement[bool]:
    return (case_restrictions.c.case_id == case_id) & case_restrictions.c.lifted_at.is_(None)


def _require_changed(work: Work, change: sa.Update) -> None:
    if work.connection.execute(change).rowcount != 1:
        raise Conflict("This case is not restricted", case_id=work.case.id)
