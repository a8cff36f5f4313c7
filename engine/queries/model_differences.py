"""Two texts of one file beside each other: versions of it, or its draft, and what differs in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from engine.casework.permissions import Actor
from engine.comparing import Differences, differences
from engine.errors import NotFound
from engine.process_engine import ProcessEngine
from engine.queries.definitions import Deployed, own, require_designer
from engine.queries.definitions import versions as versions_of
from engine.queries.model_drafts import Draft
from engine.queries.view import viewing
from engine.store import definitions as stored
from engine.store import model_drafts

DRAFT: Final = "draft"
"""What names the draft of a file where one of its versions could be named by its id."""


@dataclass(frozen=True, slots=True)
class FileHistory:
    """Everything one file ever was, the newest first, and its draft."""

    file: str
    draft: Draft | None
    versions: tuple[Deployed, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """Two texts of a file and what differs; `before` and `after` name them in words, e.g. "version 3"."""

    before: str
    after: str
    before_ref: str
    after_ref: str
    changes: Differences


def history(engine: ProcessEngine, *, actor: Actor, file: str) -> FileHistory:
    """Return the versions of what a file holds, and its draft. Raises `NotPermitted`, `NotFound` for no such file."""
    require_designer(actor)
    with viewing(engine, actor) as view:
        draft = model_drafts.load(view.connection, actor.authority_id, file)
        known = [each for each in stored.dated_versions(view.connection, actor.authority_id) if each.file == file]
        current = max((each for each in known if not each.is_end), key=lambda each: each.at, default=None)
        if draft is None and current is None:
            raise NotFound("There is no such file", file=file)
    found = versions_of(engine, actor=actor, definition_id=current.id) if current is not None else ()
    return FileHistory(file, draft, found)


def compare(engine: ProcessEngine, *, actor: Actor, file: str, before: str, after: str) -> Compared:
    """Compare two texts of a file, each named by the id of a version or as `DRAFT`.

    Raises `NotPermitted`, `NotFound`.
    """
    texts = [text_of(engine, actor=actor, file=file, ref=ref) for ref in (before, after)]
    (was, old), (now, new) = texts
    return Compared(was, now, before, after, differences(file, old, new))


def text_of(engine: ProcessEngine, *, actor: Actor, file: str, ref: str) -> tuple[str, bytes]:
    """Return how a text of a file is called in words, and the text. Raises `NotPermitted`, `NotFound`."""
    require_designer(actor)
    with viewing(engine, actor) as view:
        if ref == DRAFT:
            draft = model_drafts.load(view.connection, actor.authority_id, file)
            if draft is None:
                raise NotFound("There is no such draft", file=file)
            return "the draft", draft.content
        try:
            found = own(view, UUID(ref))
        except ValueError as error:
            raise NotFound("There is no such version", file=file) from error
        return f"version {found.version}", found.source
