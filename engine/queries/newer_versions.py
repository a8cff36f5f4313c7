"""What came into force since a draft was begun: it would undo that, unless somebody looks and takes it in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile
from typing import Final
from uuid import UUID

from engine.adapting import can_be_taken
from engine.casework.permissions import Actor
from engine.comparing import Change, Choice, Part, choices, differences
from engine.process_engine import ProcessEngine
from engine.proposing import overtaken
from engine.queries.definitions import Deployed, require_designer
from engine.queries.definitions import versions as versions_of
from engine.queries.model_drafts import Draft, in_force_on
from engine.queries.view import View, viewing
from engine.store import definitions, model_drafts

_LOOKED_BACK: Final = 3
"""How many versions are looked through for what a change puts back as it was."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a newer version changed, and what was made of it in the draft: `choice.here` is None where nothing was."""

    choice: Choice
    takeable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Newer:
    """A draft and the version `now` in force, which came since it was begun on version `begun_on`, None for none."""

    file: str
    draft: Draft
    begun_on: int | None
    begun_on_id: UUID | None
    now: Deployed
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class PutBack:
    """What a text makes as it was before `version` came into force, of what that version changed."""

    version: int
    changes: tuple[Change, ...]


def files(engine: ProcessEngine, *, actor: Actor) -> frozenset[str]:
    """Return the files whose draft was begun before what is in force now. Raises `NotPermitted`."""
    require_designer(actor)
    with viewing(engine, actor) as view:
        return frozenset(overtaken(view.connection, actor.authority_id))


def read(engine: ProcessEngine, *, actor: Actor, file: str) -> Newer | None:
    """Return what came into force since the draft of a file was begun, None when nothing did. Raises `NotPermitted`."""
    require_designer(actor)
    with viewing(engine, actor) as view:
        found = overtaken(view.connection, actor.authority_id, [file])
        draft = model_drafts.load(view.connection, actor.authority_id, file)
        current = in_force_on(view.connection, actor.authority_id, file)
        if file not in found or draft is None or current is None:
            return None
        begun = found[file]
        then = definitions.load(view.connection, begun) if begun is not None else None
    made = choices(file, then=then.source if then else b"", now=current.content, yours=draft.content)
    return Newer(
        file=file,
        draft=draft,
        begun_on=then.version if then else None,
        begun_on_id=begun,
        now=_first_of(versions_of(engine, actor=actor, definition_id=current.id)),
        offers=tuple(Offer(each, not each.same and _takeable(file, each)) for each in made),
    )


def _first_of(versions: Sequence[Deployed]) -> Deployed:
    """Return the version with which the text in force came: later ones may repeat it."""
    return list(takewhile(lambda each: each.in_force, versions))[-1]


def _takeable(file: str, choice: Choice) -> bool:
    return can_be_taken(file, choice.called.split(" “", 1)[0], choice.upgrade.kind)


def put_back(view: View, file: str, changes: Sequence[Change]) -> tuple[PutBack, ...]:
    """Return what `changes` of the version in force make as it was before one of the newest versions of the file."""
    known = sorted(
        (each for each in definitions.dated_versions(view.connection, view.actor.authority_id) if each.file == file),
        key=lambda each: (each.at, each.version),
    )
    texts = list({each.hash: each for each in reversed(known) if not each.is_end}.values())[: _LOOKED_BACK + 1]
    mine, found = {each.key: each for each in changes}, []
    for newer, older in pairwise(texts):
        now, then = (definitions.load(view.connection, each.id).source for each in (newer, older))
        made = differences(file, then, now).changes
        if undone := tuple(each for change in made if (each := _undone(change, mine)) is not None):
            found.append(PutBack(newer.version, undone))
    return tuple(found)


_OPPOSITES: Final = {("added", "removed"), ("removed", "added"), ("moved", "moved")}


def _undone(made: Change, mine: Mapping[str, Change]) -> Change | None:
    """Return of what a version changed in an element what is made undone, None when nothing is."""
    change = mine.get(made.key)
    if change is None or (made.kind, change.kind) in _OPPOSITES:
        return made if change is not None else None
    back = {Part(part.name, part.now, part.was) for part in change.parts}
    parts = tuple(part for part in made.parts if part in back)
    return Change(made.kind, made.key, made.called, made.within, parts) if parts and made.kind == "changed" else None
