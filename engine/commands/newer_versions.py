"""Bring a draft up to the version that came into force since it was begun: with what is taken of it, or as it is."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from engine.adapting import taken
from engine.casework.permissions import Actor, may_deploy
from engine.drafting import checked_together, write_draft
from engine.errors import Conflict, NotFound, NotPermitted
from engine.process_engine import ProcessEngine
from engine.store import administration, definitions, model_drafts, proposals
from engine.work import open_work
from engine.writing import in_one_writing


def bring_up(
    engine: ProcessEngine, *, actor: Actor, file: str, expected: int, seen: UUID, keys: Collection[str] = ()
) -> None:
    """Let a draft go on from the version `seen`, with the elements `keys` as they are there and all else as it is.

    `expected` is the version of the draft that was looked at. Raises `NotPermitted`, `NotFound`, `Invalid` when a text
    cannot be read, `Conflict` when somebody saved meanwhile or yet another version came into force.
    """
    if not may_deploy(actor):
        raise NotPermitted("Only a process designer may change diagrams, rules and forms")
    with engine.sessions.read() as connection:
        draft, newer = model_drafts.load(connection, actor.authority_id, file), definitions.load(connection, seen)
    if draft is None or newer.authority_id != actor.authority_id or newer.file != file:
        raise NotFound("There is no such draft", file=file)
    mixed = taken(file, yours=draft.content, now=newer.source, keys=keys) if keys else draft.content
    content = in_one_writing(file, mixed) if keys else mixed
    checked = checked_together(engine, actor.authority_id, {file: content})
    with engine.sessions.act() as connection:
        work = open_work(
            engine, connection, administration.lock(connection, actor.authority_id), actor=actor, at=engine.clock.now()
        )
        before = model_drafts.load(connection, actor.authority_id, file)
        if before is None or before.version != expected:
            raise Conflict("Somebody saved the draft meanwhile. Look again")
        if proposals.hashes_in_force(connection, actor.authority_id).get(file) != newer.hash:
            raise Conflict("Yet another version came into force meanwhile. Look again")
        if content != before.content:
            write_draft(work, actor.account_id, before, file, content, checked, step=True)
        model_drafts.goes_on_from(connection, before.id, seen)
        work.record("model_draft_brought_up", detail={"file": file, "version": newer.version})
        work.finish()
