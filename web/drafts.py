"""Models that cannot run yet, kept all the same: keep, fetch, try to deploy again, throw away."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.commands import model_drafts
from engine.queries import definitions, newer_versions
from web import access
from web.current import actor, engine
from web.definitions import NOT_WHOLE, as_file, deploy_files, files_held, wrong_kind
from web.front_page import index_page

blueprint = Blueprint("drafts", __name__, url_prefix="/definitions/drafts")


@blueprint.post("")
@access.for_those(permissions.may_deploy)
def keep() -> ResponseReturnValue:
    """Keep the files that were refused just before, each under its name."""
    files = files_held()
    wrong = wrong_kind(files) or ("" if files else NOT_WHOLE)
    if wrong:
        return index_page(errors={"files": wrong}, status=422)
    for name, content in files.items():
        model_drafts.keep(engine(), actor=actor(), file=name, content=content)
    flash(f"Kept as drafts: {', '.join(sorted(files))}. They are not in force.")
    return redirect(url_for("definitions.index", _anchor="drafts"), 303)


@blueprint.get("/file")
@access.for_those(permissions.may_deploy)
def download() -> ResponseReturnValue:
    """Return a draft's file."""
    name = request.args.get("name", "")
    return as_file(name, definitions.draft_source(engine(), actor=actor(), file=name))


@blueprint.post("/deploy")
@access.for_those(permissions.may_deploy)
def deploy() -> ResponseReturnValue:
    """Deploy one draft as it is kept, or all of them together."""
    names = request.form.getlist("file") or [
        draft.file for draft in definitions.drafts(engine(), actor=actor())
    ]
    files = {name: definitions.draft_source(engine(), actor=actor(), file=name) for name in names}
    if not files:
        return index_page(errors={"files": "There is no draft to deploy"}, status=422)
    if passed := sorted(newer_versions.files(engine(), actor=actor()) & files.keys()):
        flash(f"Nothing is in force yet: another version of {passed[0]} came into force since this draft was begun.")
        return redirect(url_for("studio_newer.page", file=passed[0]), 303)
    return deploy_files(files, note=request.form.get("note", ""))


@blueprint.post("/discard")
@access.for_those(permissions.may_deploy)
def discard() -> ResponseReturnValue:
    """Throw a draft away."""
    name = request.form.get("file", "")
    model_drafts.discard(engine(), actor=actor(), file=name)
    flash(f"The draft {name} is thrown away.")
    return redirect(url_for("definitions.index", _anchor="drafts"), 303)
