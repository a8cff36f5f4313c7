"""What came into force since a draft was begun, element by element: take it in, or go on without it, having looked."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.commands import newer_versions as commands
from engine.errors import Conflict, Invalid
from engine.queries import newer_versions
from engine.queries.newer_versions import Newer
from engine.titles import title_of
from web import access
from web.current import actor, engine
from web.studio.model_texts import text_asked_for

blueprint = Blueprint("studio_newer", __name__, url_prefix="/studio/newer")
blueprint.app_context_processor(lambda: {"newer_in_force": _of_file})


def _of_file(file: str) -> Newer | None:
    """Return what came into force since the draft of a file was begun, for the line that says so on its pages."""
    return newer_versions.read(engine(), actor=actor(), file=file)


@blueprint.get("")
@access.for_those(permissions.may_deploy)
def page() -> ResponseReturnValue:
    """Show what the newer version changed, and what of it the draft does not have."""
    found = _of_file(request.args.get("file", ""))
    return _there_is_none() if found is None else _page(found, {})


@blueprint.post("")
@access.for_those(permissions.may_deploy)
def go_on() -> ResponseReturnValue:
    """Let the draft go on from the newer version: with what is ticked of it, or as it is."""
    found = _of_file(request.args.get("file", ""))
    if found is None:
        return _there_is_none()
    takes = request.form.get("act") == "take"
    keys = request.form.getlist("take") if takes else []
    if takes and not keys:
        return _page(found, {"take": "Tick what to take, or let yours go on as it is"}), 422
    typed = request.form.get("draft", "")
    try:
        commands.bring_up(
            engine(), actor=actor(), file=found.file, expected=int(typed) if typed.isdecimal() else 0, keys=keys,
            seen=UUID(request.form.get("seen", "")),
        )  # fmt: skip
    except Conflict as wrong:
        return _page(found, {"take": wrong.message}), 409
    except (Invalid, ValueError) as wrong:
        return _page(found, {"take": wrong.message if isinstance(wrong, Invalid) else "Look again"}), 422
    said = "Taken into your draft. It" if keys else "Your draft is as it was, and"
    flash(f"{said} goes on from version {found.now.version} now.")
    return redirect(url_for("studio_versions.page", file=found.file), 303)


def _there_is_none() -> ResponseReturnValue:
    text = text_asked_for()
    flash("Nothing else came into force since this draft was begun.")
    return redirect(url_for("studio_versions.page", file=text.file), 303)


def _page(found: Newer, errors: dict[str, str]) -> str:
    ticked = request.form.getlist("take")
    clean = {each.choice.key for each in found.offers if each.takeable and each.choice.clean}
    return render_template(
        "studio/newer.html", found=found, title=title_of(found.file, found.draft.content), errors=errors,
        ticked=set(ticked) if request.method == "POST" else clean,
    )  # fmt: skip
