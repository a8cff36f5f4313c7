"""Keep an authority's own guidance that is a PDF or Word file, with a title and a line about it."""

from __future__ import annotations

import re
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine import guidance
from engine.casework import permissions
from engine.casework.file_kinds import is_pdf
from engine.casework.permissions import Actor
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.process_engine import ProcessEngine
from engine.store import guide_files
from engine.store.tables.guidance import guide_files as rows

MEDIA_TYPES: Final = {
    "application/pdf": b"%PDF-",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": b"PK\x03\x04",
}
"""What may be kept, and how such a file begins."""
MOST: Final = 100
LONGEST: Final = 120
LONGEST_ABOUT: Final = 300
_NOT_IN_A_NAME = re.compile(r"[\x00-\x1f\x7f/\\]+")


def add(
    engine: ProcessEngine, *, actor: Actor, title: str, about: str, name: str, content: bytes, beside: str = ""
) -> UUID:
    """Keep a file under a title, found by it and by the line `about` it; return its id.

    `beside` is the key of the guide of ours that it stands beside, "" for none. Raises `NotPermitted`, `Conflict` past
    `MOST` files, `Invalid` naming the field: no title, no PDF or Word file, one that is too large.
    """
    _require_keeper(actor)
    said, line = " ".join(title.split()), " ".join(about.split())
    if not said or len(said) > LONGEST:
        raise Invalid(f"Give the file a title of at most {LONGEST} characters", field="title")
    if len(line) > LONGEST_ABOUT:
        raise Invalid(f"Use at most {LONGEST_ABOUT} characters", field="about")
    if beside and beside not in guidance.shipped():
        raise Invalid("Choose a guide from the list", field="beside")
    media_type = _kind_of(content)
    most = engine.settings.largest_attachment
    if len(content) > most:
        raise Invalid(f"This file is too large: at most {most // 1024 // 1024} MB", field="file")
    shown = _NOT_IN_A_NAME.sub(" ", name).strip()[-LONGEST:] or "guidance"
    with engine.sessions.act() as connection:
        if len(guide_files.of_authority(connection, actor.authority_id)) >= MOST:
            raise Conflict(f"There are {MOST} files already. Withdraw one first")
        id_ = engine.ids.new()
        own = {"id": id_, "authority_id": actor.authority_id, "title": said, "about": line, "name": shown}
        own |= {"added_by": actor.practitioner_id, "added_at": engine.clock.now()}
        guide_files.insert(connection, {**own, "media_type": media_type, "beside": beside}, content)
    return id_


def withdraw(engine: ProcessEngine, *, actor: Actor, file_id: UUID) -> None:
    """Take a file out of the list; it stays in the database. Raises `NotPermitted`, `NotFound`."""
    _require_keeper(actor)
    with engine.sessions.act() as connection:
        if guide_files.find(connection, actor.authority_id, file_id) is None:
            raise NotFound("There is no such file", file_id=file_id)
        shown = sa.update(rows).where(rows.c.id == file_id)
        connection.execute(shown.values(withdrawn_at=engine.clock.now()))


def is_kept_as_file(content: bytes) -> bool:
    """Tell whether bytes begin as a PDF or Word file does."""
    return any(content.startswith(begins) for begins in MEDIA_TYPES.values())


def _kind_of(content: bytes) -> str:
    found = next((kind for kind, begins in MEDIA_TYPES.items() if content.startswith(begins)), None)
    word = found is not None and content.startswith(b"PK")
    # A Word file is a ZIP archive, as others are: its main part is named in it.
    if found is None or (word and b"word/document.xml" not in content) or not (word or is_pdf(content)):
        raise Invalid("Choose a PDF or Word file (.docx)", field="file")
    return found


def _require_keeper(actor: Actor) -> None:
    if not permissions.may_keep_guidance(actor):
        raise NotPermitted("A coordinator or an administrator keeps the authority's guidance")
