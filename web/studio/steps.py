"""Steps of a change taken back: the last one, or all since an earlier text; a page of every kind of list leads here."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.commands import model_drafts
from engine.queries import model_revisions
from web import access
from web.current import actor, engine
from web.studio.model_texts import STALE, change, text_asked_for

blueprint = Blueprint("studio_steps", __name__, url_prefix="/studio/steps")

_LISTS: Final = {
    "bpmn": "studio_outline.page", "dmn": "studio_tables.page", "form": "studio_questions.page",
}  # fmt: skip
"""The page that lists what a file holds, by the ending of its name."""


@blueprint.post("")
@access.for_those(permissions.may_deploy)
def go_back() -> ResponseReturnValue:
    """Put an earlier text in the draft's place; without a version let the draft go: what is in force is left."""
    text, version = text_asked_for(), request.form.get("version", "")
    shown = _LISTS.get(text.file.rpartition(".")[2], "studio_editing.page")
    if version.isascii() and version.isdecimal() and len(version) < 10:
        earlier = model_revisions.revision_text(engine(), actor=actor(), file=text.file, version=int(version))
        errors = change(text, lambda _: earlier)
        words = "The earlier text is the draft again."
    elif not version and text.draft is not None and text.deployed is not None:
        errors = {} if request.form.get("expected") == text.expected else {"expected": f"Somebody saved it. {STALE}"}
        if not errors:
            model_drafts.discard(engine(), actor=actor(), file=text.file)
        words = "It is as it is in force again. There is no draft any more."
    else:
        abort(404)
    if errors:
        flash(" ".join(errors.values()), "problem")
    else:
        flash(words)
    return redirect(url_for(shown, file=text.file), 303)
