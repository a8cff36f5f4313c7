"""Retry what failed."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.process_engine import ProcessEngine
from engine.store import administration, case_messages, due, locking, proposals
from engine.store.incidents import KINDS
from engine.store.tables.access import case_restrictions
from engine.store.tables.keeping import outbox
from engine.store.tables.people import authorities
from engine.store.tables.record import cases
from engine.store.tables.running import incidents, instances
from engine.work import open_work

_KNOWN_TO_ALL: Final = ~sa.exists().where(
    case_restrictions.c.case_id == incidents.c.case_id, case_restrictions.c.lifted_at.is_(None)
)


def retry(engine: ProcessEngine, *, actor: Actor, incident_id: UUID, why: str = "") -> None:
    """Try what failed again at the next tick, and close the incident; it opens anew if it fails again.

    A failed timer or message becomes due now, a case whose escalation failed is judged again; a step that a
    person took is simply theirs to take again. Raises `NotPermitted`, `NotFound`, `Conflict` when resolved.
    """
    _require_may(actor)
    with engine.sessions.act() as connection:
        row = connection.execute(
            sa.select(incidents).where(incidents.c.id == incident_id, incidents.c.authority_id == actor.authority_id)
        ).first()
        if row is None:
            raise NotFound("There is no such incident", incident_id=incident_id)
        if row.resolved_at is not None:
            raise Conflict("This incident has been dealt with already", incident_id=incident_id)
        case = (
            locking.case(connection, row.case_id)
            if row.case_id
            else administration.lock(connection, actor.authority_id)
        )
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now())
        connection.execute(sa.update(incidents).where(incidents.c.id == incident_id).values(resolved_at=work.at))
        _make_due(connection, row, work.at)
        said = {"why": why} if why else None
        work.record("incident_retried", subject=incident_id, detail={"kind": row.kind}, payload=said)
        work.finish()


def retry_kind(engine: ProcessEngine, *, actor: Actor, kind: str) -> int:
    """Try every open incident of a kind again, each in an act of its own as `retry` does; return how many.

    One that somebody else deals with meanwhile is passed over, and so are those of restricted cases for whoever is no
    coordinator. Raises `NotPermitted`, `Invalid` for a kind that there is none of.
    """
    _require_may(actor)
    if kind not in KINDS:
        raise Invalid("There is no such kind of incident", field="kind")
    open_ones = (incidents.c.kind == kind) & incidents.c.resolved_at.is_(None)
    with engine.sessions.read() as connection:
        known = _KNOWN_TO_ALL if not permissions.sees_whole_authority(actor) else sa.true()
        own = incidents.c.authority_id == actor.authority_id
        found = sa.select(incidents.c.id).where(own, open_ones, known).order_by(incidents.c.opened_at, incidents.c.id)
        ids = connection.execute(found).scalars().all()
    return sum(_retried(engine, actor, incident_id) for incident_id in ids)


def _retried(engine: ProcessEngine, actor: Actor, incident_id: UUID) -> bool:
    try:
        retry(engine, actor=actor, incident_id=incident_id)
    except Conflict:
        return False
    return True


def _require_may(actor: Actor) -> None:
    if not permissions.may_operate(actor):
        raise NotPermitted("Only an administrator or a coordinator may retry incidents")


def _make_due(connection: sa.Connection, row: sa.Row[tuple[Any, ...]], at: datetime) -> None:
    if row.timer_id is not None:
        due.hasten(connection, row.timer_id, at=at)
    if row.outbox_id is not None:
        connection.execute(
            sa.update(outbox).where(outbox.c.id == row.outbox_id).values(state="waiting", next_try_at=at, tries=0)
        )
    if row.kind in ("rule", "effect") and row.case_id is not None:
        connection.execute(sa.update(cases).where(cases.c.id == row.case_id).values(checked_version=-1))
    if row.kind in ("step", "effect", "service") and row.case_id is None:  # the night is not done yet
        connection.execute(sa.update(authorities).where(authorities.c.id == row.authority_id).values(swept_on=None))
    if row.kind in ("step", "start") and row.case_id is not None and row.element_id is not None:
        case_messages.try_now(connection, row.case_id, row.element_id, now=at)
    if row.kind == "publish":
        proposals.approve_again(connection, row.authority_id, UUID(row.element_id), at=at)
    if row.instance_id is not None:
        connection.execute(
            sa.update(instances)
            .where(instances.c.id == row.instance_id, instances.c.status == "incident")
            .values(status="running")
        )
