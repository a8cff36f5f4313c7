"""Whether an authority asks a second person before a change of its diagrams, rules and forms comes into force."""

from __future__ import annotations

import sqlalchemy as sa

from engine.casework.changing import SECOND_PERSON
from engine.casework.permissions import Actor, may_keep_authority
from engine.errors import Invalid, NotPermitted
from engine.leaving import open_staff_work
from engine.process_engine import ProcessEngine
from engine.store import authorities
from engine.store.tables.people import authorities as rows


def ask_second_person(engine: ProcessEngine, *, actor: Actor, asked: bool, why: str) -> None:
    """Set whether changes need a second person; history keeps who, when and why. Raises `NotPermitted`, `Invalid`."""
    if not may_keep_authority(actor):
        raise NotPermitted("An administrator changes the authority's settings")
    if not why.strip():
        raise Invalid("Say why; it is kept in the history of the settings", field="why")
    with engine.sessions.act() as connection:
        work = open_staff_work(engine, connection, actor.authority_id, actor)
        whole = {**work.authority.profile, SECOND_PERSON: "yes" if asked else "no"}
        mine = rows.c.id == actor.authority_id
        connection.execute(sa.update(rows).where(mine).values(profile=whole))
        authorities.touch(connection, actor.authority_id)
        row = connection.execute(sa.select(rows.c.name, rows.c.nation).where(mine)).one()
        detail = {"name": row.name, "nation": row.nation, "profile": whole}
        work.record("profile_changed", subject=actor.authority_id, detail=detail, payload={"why": why.strip()})
        work.finish()
