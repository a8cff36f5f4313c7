"""Versions of a file: who put them in force and why, and any two beside each other, as a list and on the drawing."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.queries import model_differences
from engine.queries.model_differences import DRAFT, Compared, FileHistory
from web import access
from web.current import actor, engine
from web.studio import scenario_trials

blueprint = Blueprint("studio_versions", __name__, url_prefix="/studio/versions")


@blueprint.get("")
@access.for_those(permissions.may_deploy)
def page() -> ResponseReturnValue:
    """Show what a file was, the newest first, and what differs between two of its texts."""
    file = request.args.get("file", "")
    found = model_differences.history(engine(), actor=actor(), file=file)
    texts = _texts(found)
    before, after = _wanted(found, texts)
    compared: Compared | None = None
    if before and after:
        compared = model_differences.compare(engine(), actor=actor(), file=file, before=before, after=after)
    return render_template(
        "studio/versions.html",
        file=file,
        found=found,
        texts=[{"value": ref, "label": said} for ref, said in texts.items()],
        values={"before": before, "after": after},
        compared=compared,
        marked=_marked(compared) if compared and file.endswith(".bpmn") else None,
        covered=scenario_trials.covered_in_force(file) if file.endswith(".bpmn") else None,
        newest=next((str(each.definition_id) for each in found.versions if not each.is_end), ""),
    )


@blueprint.get("/diagram.bpmn")
@access.for_those(permissions.may_deploy)
def drawing() -> ResponseReturnValue:
    """Return a text of a diagram for the viewer; never shown as a page of its own."""
    file, ref = request.args.get("file", ""), request.args.get("of", "")
    _, content = model_differences.text_of(engine(), actor=actor(), file=file, ref=ref)
    headers = {"Content-Disposition": 'attachment; filename="diagram.bpmn"'}
    return Response(content, mimetype="application/xml", headers=headers)


def _texts(found: FileHistory) -> dict[str, str]:
    """Return every text there is in words, by what names it, the newest first."""
    draft = {DRAFT: "The draft"} if found.draft is not None else {}
    return draft | {
        str(each.definition_id): f"Version {each.version}{', in force' if number == 0 else ''}"
        for number, each in enumerate(found.versions)
        if not each.is_end
    }


def _wanted(found: FileHistory, texts: dict[str, str]) -> tuple[str, str]:
    """Return which two texts are compared: those asked for, else the newest with the one before it."""
    refs = list(texts)
    asked = [request.args.get(name, "") for name in ("before", "after")]
    if all(ref in texts for ref in asked):
        return asked[0], asked[1]
    return (refs[1], refs[0]) if len(refs) > 1 else ("", "")


def _marked(compared: Compared) -> dict[str, Any]:
    """Return the elements to mark on either drawing, by kind of change."""
    by_kind: dict[str, list[str]] = {"added": [], "removed": [], "changed": [], "moved": []}
    for each in compared.changes.changes:
        by_kind[each.kind].append(each.key)
    return by_kind
