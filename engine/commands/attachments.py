"""Keep files with a case, and take wrong ones away."""

from __future__ import annotations

import codecs
import hashlib
import re
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.file_kinds import is_pdf
from engine.casework.permissions import Actor
from engine.errors import Invalid, NotFound, NotPermitted
from engine.process_engine import ProcessEngine
from engine.store import attachments, locking, requests
from engine.store.tables.record import plan_actions
from engine.store.tables.running import user_tasks
from engine.work import open_work, require_on_case

_PDF: Final = "application/pdf"
_WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_OPEN: Final = "application/vnd.oasis.opendocument.text"
MEDIA_TYPES: Final = {
    _PDF: (b"%PDF-",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "text/plain": (),
    _WORD: (b"PK",),
    _OPEN: (b"PK",),
}
"""What may be kept, and how such a file begins: letters, reports and pictures, nothing that a browser would run."""
_NO_TEXT: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
"""What stands in no text that a person wrote, and in every program."""
_NAMES_IN_IT: Final = {_WORD: b"word/document.xml", _OPEN: _OPEN.encode()}
"""Both kinds are ZIP archives, as others are: what each names in it uncompressed (ISO/IEC 29500-2, 26300-3)."""
LONGEST_NAME: Final = 200
_NOT_IN_A_NAME = re.compile(r"[\x00-\x1f\x7f/\\]+")


def add(
    engine: ProcessEngine,
    *,
    actor: Actor,
    case_id: UUID,
    name: str,
    media_type: str,
    content: bytes,
    task_id: UUID | None = None,
    action_id: UUID | None = None,
    request_key: str | None = None,
) -> UUID:
    """Keep a file with an open case, and with one of its tasks or actions when `task_id` or `action_id` is given.

    Returns the file's id.

    A repeated `request_key` keeps it once and gives the first answer again. The settings say how many bytes it may
    have. Raises `NotFound`, `Conflict` for a closed case, `Invalid` for a file that is empty, too large, or not of
    `MEDIA_TYPES`.
    """
    shown = _NOT_IN_A_NAME.sub(" ", name).strip()[-LONGEST_NAME:] or "file"
    _require_good(engine, media_type, content)
    sent = [name, media_type, hashlib.sha256(content).hexdigest(), task_id]
    sent += [action_id] if action_id else []
    request = requests.asked(actor, request_key, "add a file", about=case_id, content=sent)
    with engine.sessions.act() as connection:
        case = locking.case(connection, case_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now(), request=request)
        require_on_case(work)
        first = requests.answered(connection, request)
        if first is not None and first.subject_id is not None:
            return first.subject_id
        _require_of_case(connection, case_id, task_id, action_id)
        id_ = engine.ids.new()
        kept: dict[str, Any] = {"id": id_, "authority_id": work.authority.id, "case_id": case_id, "task_id": task_id}
        kept |= {"action_id": action_id}
        kept |= {"added_by": actor.practitioner_id, "added_at": work.at, "name": shown, "media_type": media_type}
        attachments.insert(connection, kept, content)
        detail = {"media_type": media_type, "size": len(content)}
        work.record("attachment_added", subject=id_, detail=detail, payload={"name": shown})
        work.finish()
    return id_


def remove(engine: ProcessEngine, *, actor: Actor, attachment_id: UUID, why: str) -> None:
    """Take a file away for good, as one kept with the wrong child; history keeps that it was there, and `why`.

    Who added it may, or a coordinator. Raises `NotFound`, `NotPermitted`, `Conflict` for a closed case, `Invalid`
    without a reason.
    """
    if not why.strip():
        raise Invalid("Say why the file is taken away", field="why")
    with engine.sessions.act() as connection:
        row = attachments.find(connection, attachment_id)
        if row is None:
            raise NotFound("There is no such file", attachment_id=attachment_id)
        case = locking.case(connection, row.case_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now())
        require_on_case(work)
        if not permissions.may_remove_file(actor, added_by=row.added_by):
            raise NotPermitted("Who added a file takes it away, or a coordinator")
        attachments.remove(connection, attachment_id, at=work.at)
        work.record("attachment_removed", subject=attachment_id, payload={"why": why.strip()})
        work.finish()


def _require_of_case(
    connection: sa.Connection, case_id: UUID, task_id: UUID | None, action_id: UUID | None
) -> None:
    for table, id_, word in ((user_tasks, task_id, "task"), (plan_actions, action_id, "action")):
        own = sa.select(table.c.id).where(table.c.id == id_, table.c.case_id == case_id)
        if id_ is not None and connection.execute(own).first() is None:
            raise NotFound(f"There is no such {word}", id=id_)


def _require_good(engine: ProcessEngine, media_type: str, content: bytes) -> None:
    most = engine.settings.largest_attachment
    if not content:
        raise Invalid("This file is empty", field="file")
    if not _is_of_kind(media_type, content):
        raise Invalid("Choose a PDF, a Word or OpenDocument text, a PNG or JPEG picture, or plain text", field="file")
    if len(content) > most:
        raise Invalid(f"This file is too large: at most {most // 1024 // 1024} MB", field="file")


def _is_of_kind(media_type: str, content: bytes) -> bool:
    if media_type == "text/plain":
        return _is_text(content)
    if media_type == _PDF:
        return is_pdf(content)
    return content.startswith(MEDIA_TYPES.get(media_type, ())) and _NAMES_IN_IT.get(media_type, b"") in content


def _is_text(content: bytes) -> bool:
    """Tell whether somebody can read it: in UTF-16 when it says so, else in one of the codes that extend ASCII."""
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return _NO_TEXT.search(content.decode("utf-16" if wide else "latin-1")) is None
    except UnicodeDecodeError:
        return False
