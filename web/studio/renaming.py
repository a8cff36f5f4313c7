"""What a file is called: another name for one in force, of which nothing else changes."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.commands import deployments
from engine.errors import Conflict, Invalid, NotFound
from engine.originals import originals
from engine.queries import model_drafts as drafts
from web import access
from web.current import actor, engine

blueprint = Blueprint("studio_renaming", __name__, url_prefix="/studio/rename")


@blueprint.get("")
@access.for_those(permissions.may_deploy)
def page() -> ResponseReturnValue:
    """Ask what a file is to be called; `to` of the address is what is proposed."""
    return _page({})


@blueprint.post("")
@access.for_those(permissions.may_deploy)
def rename() -> ResponseReturnValue:
    """Call it that from now on."""
    file, to = request.args.get("file", ""), request.form.get("to", "").strip()
    try:
        deployments.rename(engine(), actor=actor(), file=file, to=to)
    except Invalid as wrong:
        return _page({"to": wrong.message}, 422)
    except Conflict as wrong:
        return _page({"to": wrong.message}, 409)
    flash(f"{file} is called {to} from now on.")
    return redirect(url_for("studio_versions.page", file=to), 303)


def _page(errors: dict[str, str], status: int = 200) -> ResponseReturnValue:
    file, to = request.args.get("file", ""), request.args.get("to", "")
    found = drafts.in_force(engine(), actor=actor(), file=file)
    if found is None:
        raise NotFound("There is no such file in force", file=file)
    draft = drafts.draft(engine(), actor=actor(), file=to) if to else None
    shown = render_template(
        "studio/rename.html", file=file, name=found.name, came=file in originals(), draft=draft, errors=errors,
        values={"to": to or file, **request.form},
    )  # fmt: skip
    return shown, status
