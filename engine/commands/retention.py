"""Erase what an authority's rules say is past its time: each night, a case an act, with its history."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from engine.casework import retention
from engine.casework.retention import Rule
from engine.clock import local_day
from engine.process_engine import ProcessEngine
from engine.store import erasing, locking
from engine.store.authorities import zone_name
from engine.store.tables.people import authorities
from engine.store.tables.record import cases
from engine.work import Work, open_work

A_NIGHT = 500
"""How many cases one night erases of each kind; what is left goes the night after."""


def erase_due(engine: ProcessEngine, *, authority_id: UUID) -> int:
    """Erase what is past its time and return of how many cases; once for each kind of record of a case.

    History keeps what was erased and by which rule, and `caf verify` still holds. Nothing is erased before the day from
    which the rules count.
    """
    with engine.sessions.read() as connection:
        own = sa.select(authorities.c.profile).where(authorities.c.id == authority_id)
        profile = connection.execute(own).scalar_one() or {}
    if not retention.rules(profile):
        return 0
    # The whole record first: what goes with it need not be erased apart.
    kinds = sorted(retention.rules(profile).items(), key=lambda each: each[0] != "record")
    return sum(_erase_kind(engine, authority_id, profile, kind, rule) for kind, rule in kinds)


def _erase_kind(engine: ProcessEngine, authority_id: UUID, profile: Any, kind: str, rule: Rule) -> int:
    with engine.sessions.read() as connection:
        today = local_day(engine.clock.now(), ZoneInfo(zone_name(connection, authority_id)))
        begins = retention.from_on(profile)
        if begins is None or today < begins:
            return 0
        due = erasing.due(authority_id, kind, rule, today=today, kept=retention.kept(profile))
        found = list(connection.execute(due.limit(A_NIGHT)).scalars())
    for case_id in found:
        _erase_case(engine, case_id, kind, rule)
    return len(found)


def _erase_case(engine: ProcessEngine, case_id: UUID, kind: str, rule: Rule) -> None:
    with engine.sessions.act() as connection:
        case = locking.case(connection, case_id)
        closed = sa.select(cases.c.closed_on).where(cases.c.id == case_id)
        if connection.execute(closed).scalar() is None:
            return
        work = open_work(engine, connection, case, actor=None, at=engine.clock.now())
        erasing.erase(connection, case_id, kind, at=work.at)
        _record(work, erasing.EVENTS[kind], rule)
        work.finish()


def _record(work: Work, kind: Literal["messages_erased", "files_erased", "record_erased"], rule: Rule) -> None:
    work.record(kind, detail={"years": rule.years, "age": rule.age})
