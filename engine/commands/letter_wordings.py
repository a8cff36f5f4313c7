"""Word a letter as the authority says it: a text with merge fields in the place of the usual one."""

from __future__ import annotations

import sqlalchemy as sa

from engine.casework import letter_templates
from engine.casework.permissions import Actor, may_word_letters
from engine.errors import Conflict, NotFound, NotPermitted
from engine.leaving import open_staff_work
from engine.process_engine import ProcessEngine
from engine.store import authorities
from engine.store.tables.people import authorities as rows


def word(engine: ProcessEngine, *, actor: Actor, key: str, text: str, expected_version: int | None = None) -> None:
    """Keep the wording `text` of a letter (a key of `letter_templates.TEMPLATES`), "" to go back to the usual one.

    History keeps what the settings were changed to. Raises `NotPermitted`, `NotFound` for no letter of ours, `Invalid`
    for a text that does not read as one, `Conflict` when somebody changed the settings since `expected_version`.
    """
    if not may_word_letters(actor):
        raise NotPermitted("An administrator or a process designer words the letters")
    if key not in letter_templates.TEMPLATES:
        raise NotFound("There is no such letter")
    if text:
        letter_templates.check(key, text)
    with engine.sessions.act() as connection:
        work = open_staff_work(engine, connection, actor.authority_id, actor)
        if expected_version is not None and expected_version != work.authority.version:
            raise Conflict("Somebody changed this a moment ago. Look again before you go on.")
        own = {**(work.authority.profile.get(letter_templates.PROFILE_FIELD) or {}), key: text}
        kept = {each: wording for each, wording in own.items() if wording}
        whole = {**work.authority.profile, letter_templates.PROFILE_FIELD: kept}
        mine = rows.c.id == actor.authority_id
        connection.execute(sa.update(rows).where(mine).values(profile=whole))
        authorities.touch(connection, actor.authority_id)
        row = connection.execute(sa.select(rows.c.name, rows.c.nation).where(mine)).one()
        detail = {"name": row.name, "nation": row.nation, "profile": whole}
        work.record("profile_changed", subject=actor.authority_id, detail=detail)
        work.finish()
