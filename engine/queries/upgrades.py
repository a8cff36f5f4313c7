"""Newer originals of files that were changed here: what the upgrade would change of an authority's own copy."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from engine.adapting import can_be_taken
from engine.casework.permissions import Actor
from engine.comparing import Choice, choices
from engine.errors import NotFound
from engine.originals import originals
from engine.process_engine import ProcessEngine
from engine.queries.definitions import require_designer
from engine.queries.model_drafts import Draft, in_force_on
from engine.queries.view import View, viewing
from engine.store import definitions as stored
from engine.store import model_drafts

_KINDS: Final = ("process", "rules", "form")


@dataclass(frozen=True, slots=True)
class Offer:
    """What there is to choose of an element: `choice` says what the upgrade changes, `takeable` whether by itself."""

    choice: Choice
    takeable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """A newer original: as it was `then`, is `now`, and `yours`, which is the draft where there is one."""

    file: str
    then: bytes
    now: bytes
    yours: bytes
    draft: Draft | None
    offers: tuple[Offer, ...]


def offered(engine: ProcessEngine, *, actor: Actor) -> frozenset[str]:
    """Return the files whose original is newer than what the copy here is based on. Raises `NotPermitted`."""
    require_designer(actor)
    with viewing(engine, actor) as view:
        return frozenset(_bases(view))


def read(engine: ProcessEngine, *, actor: Actor, file: str) -> Upgrade:
    """Return the three texts of a file and what there is to choose.

    Raises `NotPermitted`, `NotFound` when no upgrade is offered for it.
    """
    require_designer(actor)
    with viewing(engine, actor) as view:
        then, current = _bases(view).get(file), in_force_on(view.connection, actor.authority_id, file)
        if then is None or current is None:
            raise NotFound("No upgrade is offered for this file", file=file)
        draft = model_drafts.load(view.connection, actor.authority_id, file)
    now, yours = originals()[file], draft.content if draft is not None else current.content
    found = choices(file, then=then, now=now, yours=yours)
    offers = tuple(Offer(each, not each.same and _can_be_taken(file, each)) for each in found)
    return Upgrade(file=file, then=then, now=now, yours=yours, draft=draft, offers=offers)


def _can_be_taken(file: str, choice: Choice) -> bool:
    return can_be_taken(file, choice.called.split(" “", 1)[0], choice.upgrade.kind)


def _bases(view: View) -> dict[str, bytes]:
    """Return by file the original that the copy in force is based on, where the one that came since is another.

    That is the one it was brought up to by choice, else the last that came with the service, else the first version.
    """
    authority_id, now = view.actor.authority_id, originals()
    shipped = stored.shipped_deployments(view.connection, authority_id)
    kept = model_drafts.originals_kept(view.connection, authority_id)
    by_file: dict[str, list[stored.DatedVersion]] = {}
    for each in stored.dated_versions(view.connection, authority_id):
        if each.kind in _KINDS and each.file in now:
            by_file.setdefault(each.file, []).append(each)
    found: dict[str, bytes] = {}
    for file, versions in by_file.items():
        newest = hashlib.sha256(now[file]).hexdigest()
        if versions[-1].is_end or versions[-1].hash == newest:
            continue
        came = [each for each in versions if each.deployment_id in shipped]
        last = came[-1] if came else versions[0]
        brought = kept.get(file)
        if brought and brought[1] >= last.at:
            if brought[0] != now[file]:
                found[file] = brought[0]
        elif last.hash != newest:
            found[file] = stored.load(view.connection, last.id).source
    return found
