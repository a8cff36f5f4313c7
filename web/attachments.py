"""Files of a case: keep one, save one, take a wrong one away."""

from __future__ import annotations

import mimetypes
from io import BytesIO
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from engine.commands import attachments
from engine.errors import Invalid
from engine.queries import attachments as files
from web import access
from web.cases import case_page
from web.current import actor, engine

blueprint = Blueprint("attachments", __name__)


@blueprint.post("/cases/<uuid:case_id>/files")
@access.signed_in
def add(case_id: UUID) -> ResponseReturnValue:
    """Keep the file that was chosen, once however often the page is sent."""
    chosen = request.files.get("file")
    try:
        if chosen is None or not chosen.filename:
            raise Invalid("Choose a file", field="file")
        keep(case_id, chosen, request_key=request.form.get("request_key") or None)
    except Invalid as wrong:
        return case_page(case_id, errors={"file": wrong.message}), 422
    flash("The file is kept with the case.")
    return redirect(url_for("cases.page", case_id=case_id, _anchor="files"), 303)


@blueprint.get("/cases/<uuid:case_id>/files/<uuid:attachment_id>")
@access.signed_in
def download(case_id: UUID, attachment_id: UUID) -> ResponseReturnValue:
    """Return a file to be saved; the engine records that it was read before it answers."""
    return as_download(files.read(engine(), actor=actor(), attachment_id=attachment_id))


@blueprint.post("/cases/<uuid:case_id>/files/<uuid:attachment_id>/remove")
@access.signed_in
def remove(case_id: UUID, attachment_id: UUID) -> ResponseReturnValue:
    """Take a file away for good, with a reason."""
    name = f"why-{attachment_id}"
    why = request.form.get(name, "")
    try:
        attachments.remove(engine(), actor=actor(), attachment_id=attachment_id, why=why)
    except Invalid as wrong:
        return case_page(case_id, values={name: why}, errors={name: wrong.message}), 422
    flash("The file is taken away.")
    return redirect(url_for("cases.page", case_id=case_id, _anchor="files"), 303)


def keep(
    case_id: UUID,
    chosen: FileStorage,
    *,
    request_key: str | None,
    task_id: UUID | None = None,
    action_id: UUID | None = None,
) -> UUID:
    """Keep an uploaded file with a case, and one of its tasks or actions; return its id.

    Raises as `attachments.add`.
    """
    return attachments.add(
        engine(),
        actor=actor(),
        case_id=case_id,
        name=chosen.filename or "file",
        media_type=_media_type(chosen),
        content=chosen.read(),
        task_id=task_id,
        action_id=action_id,
        request_key=request_key,
    )


def _media_type(chosen: FileStorage) -> str:
    """Return what the browser says a file is; by its name when the browser does not know."""
    if chosen.mimetype in ("", "application/octet-stream"):
        return mimetypes.guess_type(chosen.filename or "")[0] or ""
    return chosen.mimetype


def as_download(found: files.Content) -> Response:
    """Return a file to be saved under its name, never shown as a page of ours."""
    answer = send_file(BytesIO(found.body), mimetype=found.media_type, as_attachment=True, download_name=found.name)
    answer.headers["Cache-Control"] = "no-store"
    return answer
