"""What a draft was before: its revisions, so that one of them may be put in its place again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.comparing import Item, outline_of
from engine.comparing.changes import compared
from engine.errors import NotFound
from engine.process_engine import ProcessEngine
from engine.queries.definitions import require_designer
from engine.queries.model_drafts import in_force_on
from engine.queries.view import viewing
from engine.store.model_drafts import load
from engine.store.tables.modelling import model_draft_revisions as table
from engine.store.tables.people import accounts, practitioners

_WORDS: Final = {"added": "put in", "removed": "taken out", "changed": "changed", "moved": "moved"}
MOST: Final = 20
_SEEN: Final = 50
"""How many revisions are looked through for what may be taken back."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A text that was saved: its version, by whom (None: that account is gone), when (aware UTC), what it changed."""

    version: int
    saved_by: str | None
    saved_at: datetime
    said: str


@dataclass(frozen=True, slots=True)
class History:
    """The newest revisions of a file's drafts, and the change that can be taken back, None when there is none.

    `before` is the version of the revision without it, None where that is what is in force.
    """

    revisions: tuple[Revision, ...]
    undo: Revision | None
    before: int | None


def history(engine: ProcessEngine, *, actor: Actor, file: str) -> History:
    """Return what a file's draft was, and what can be taken back. Raises `NotPermitted`."""
    require_designer(actor)
    query = (
        sa.select(table, practitioners.c.name)
        .outerjoin(accounts, accounts.c.id == table.c.account_id)
        .outerjoin(practitioners, practitioners.c.id == accounts.c.practitioner_id)
        .where(table.c.authority_id == actor.authority_id, table.c.file == file)
        .order_by(table.c.version.desc())
        .limit(_SEEN)
    )
    with viewing(engine, actor) as view:
        rows = view.connection.execute(query).all()[::-1]
        draft = load(view.connection, actor.authority_id, file)
        deployed = in_force_on(view.connection, actor.authority_id, file)
    outlines = [outline_of(file, bytes(row.source)).items for row in rows[-MOST - 1 :]]
    told = [Revision(row.version, row.name, row.saved_at, "") for row in rows[-MOST - 1 :]]
    told[1:] = [replace(each, said=_said(*two)) for each, two in zip(told[1:], pairwise(outlines), strict=True)]
    steps = _steps([row for row in rows if draft is not None and row.draft_id == draft.id])
    if not steps or (len(steps) == 1 and deployed is None):
        return History(tuple(reversed(told[-MOST:])), None, None)
    last, before = steps[-1], steps[-2] if len(steps) > 1 else None
    was = bytes(before.source) if before else deployed.content if deployed else b""
    said = _said(outline_of(file, was).items, outline_of(file, bytes(last.source)).items)
    undo = Revision(last.version, last.name, last.saved_at, said)
    return History(tuple(reversed(told[-MOST:])), undo, before.version if before else None)


def _steps(rows: Sequence[Any]) -> list[Any]:
    """Return the revisions that still count: going back to a text takes away what came after it."""
    steps: list[Any] = []
    for row in rows:
        place = next((number for number, each in enumerate(steps) if each.source == row.source), None)
        steps[len(steps) if place is None else place :] = [row]
    return steps


def _said(was: Mapping[str, Item], now: Mapping[str, Item]) -> str:
    """Say in a few words what changed; of several elements the one that says most, and how many more."""
    found = sorted(compared(was, now), key=lambda each: each.called.startswith("Way"))
    if not found:
        return "how it is drawn or written"
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return f"{found[0].called} {_WORDS[found[0].kind]}{more}"


def revision_text(engine: ProcessEngine, *, actor: Actor, file: str, version: int) -> bytes:
    """Return the text that a revision had last. Raises `NotPermitted`, `NotFound`."""
    require_designer(actor)
    mine = (table.c.authority_id == actor.authority_id) & (table.c.file == file) & (table.c.version == version)
    with viewing(engine, actor) as view:
        found = view.connection.execute(sa.select(table.c.source).where(mine)).scalar()
    if found is None:
        raise NotFound("There is no such revision any more", file=file, version=version)
    return bytes(found)
