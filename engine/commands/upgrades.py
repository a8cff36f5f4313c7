"""Take what an upgrade changes into an authority's own copy, or keep one's own: nothing comes into force by it."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from engine.adapting import taken
from engine.casework.permissions import Actor, may_deploy
from engine.drafting import checked_together, write_draft
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.originals import originals
from engine.process_engine import ProcessEngine
from engine.store import administration, model_drafts
from engine.work import open_work
from engine.writing import in_one_writing


def take(
    engine: ProcessEngine, *, actor: Actor, file: str, yours: bytes, keys: Collection[str] | None,
    expected: int | None, based_on: UUID | None = None,
) -> int:  # fmt: skip
    """Make a draft of `yours` with the elements `keys` of the newer original, all of it for None; return its version.

    `expected` is the version of the draft that `yours` was read from, None when it was what is in force. When the draft
    comes into force, the copy counts as brought up to this original. Raises `NotPermitted`, `NotFound` for a file that
    did not come with the service, `Invalid` when a text cannot be read, `Conflict` when somebody saved meanwhile.
    """
    original = _original(actor, file)
    content = original if keys is None else in_one_writing(file, taken(file, yours=yours, now=original, keys=keys))
    checked = checked_together(engine, actor.authority_id, {file: content})
    with engine.sessions.act() as connection:
        work = open_work(
            engine, connection, administration.lock(connection, actor.authority_id), actor=actor, at=engine.clock.now()
        )
        before = model_drafts.load(connection, actor.authority_id, file)
        if (before.version if before is not None else None) != expected:
            raise Conflict("Somebody saved the draft meanwhile. Look again")
        version, is_new = write_draft(
            work, actor.account_id, before, file, content, checked, based_on=based_on, original=original
        )
        if is_new:
            work.finish()
    return version


def keep_yours(engine: ProcessEngine, *, actor: Actor, file: str, why: str) -> None:
    """Keep the own copy as it is: the newer original is not offered again. History keeps why.

    Raises `NotPermitted`, `NotFound`, `Invalid` without a reason.
    """
    original = _original(actor, file)
    if not why.strip():
        raise Invalid("Say why yours stays as it is", field="why")
    with engine.sessions.act() as connection:
        work = open_work(
            engine, connection, administration.lock(connection, actor.authority_id), actor=actor, at=engine.clock.now()
        )
        id_ = engine.ids.new()
        model_drafts.keep_original(connection, actor.authority_id, file, original, id_=id_, at=work.at)
        work.record("upgrade_left", detail={"file": file}, payload={"why": why.strip()})
        work.finish()


def _original(actor: Actor, file: str) -> bytes:
    if not may_deploy(actor):
        raise NotPermitted("Only a process designer may change diagrams, rules and forms")
    found = originals().get(file)
    if found is None:
        raise NotFound("This file did not come with the service", file=file)
    return found
