"""Files kept with a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response, request
from flask_smorest.fields import Upload  # type: ignore[import-untyped]
from marshmallow import fields, validate

from engine.commands import attachments
from engine.queries import attachments as files
from web import access
from web.api.described import schema_of
from web.api.routes import Routes
from web.attachments import as_download, keep
from web.current import actor, engine
from web.schemas import LONGEST_TEXT, Sent

routes = Routes("attachments", under="/api", about="Files kept with a case")


class NewFile(Sent):
    """A file to keep: a letter, report or picture."""

    file = Upload(required=True)


class Kept(Sent):
    """The file as kept."""

    attachment_id = fields.UUID()


class Removal(Sent):
    """Why a file is taken away; history keeps it."""

    why = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_TEXT))


@routes.route("GET", "/cases/<uuid:case_id>/attachments", gives=schema_of(files.Attachment)(many=True))
@access.signed_in
def list_attachments(case_id: UUID) -> Any:
    """List the files kept with a case, the oldest first."""
    return list(files.of_case(engine(), actor=actor(), case_id=case_id))


@routes.route("POST", "/cases/<uuid:case_id>/attachments", takes=NewFile, place="files", gives=Kept, status=201)
@access.signed_in
def add_attachment(sent: Mapping[str, Any], case_id: UUID) -> Mapping[str, Any]:
    """Keep a file with an open case. The header `Idempotency-Key` makes sending it twice keep it once."""
    key = request.headers.get("Idempotency-Key") or None
    return {"attachment_id": keep(case_id, sent["file"], request_key=key)}


@routes.route("GET", "/attachments/<uuid:attachment_id>")
@access.signed_in
def read_attachment(attachment_id: UUID) -> Response:
    """Return a file's bytes, to be saved; that you read it is kept before it is answered."""
    return as_download(files.read(engine(), actor=actor(), attachment_id=attachment_id))


@routes.route("DELETE", "/attachments/<uuid:attachment_id>", takes=Removal, status=204)
@access.signed_in
def remove_attachment(sent: Mapping[str, Any], attachment_id: UUID) -> None:
    """Take a file away for good, as one kept with the wrong child."""
    attachments.remove(engine(), actor=actor(), attachment_id=attachment_id, why=sent["why"])
