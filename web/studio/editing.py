"""Where a diagram, rules, a form or examples are drawn: the editor's page, what it loads and how it saves."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from engine.casework import permissions
from engine.checking.legible import require_legible
from engine.commands import model_drafts
from engine.commands.model_drafts import DraftChanged
from engine.errors import Conflict, Invalid, NotFound
from engine.queries import model_checks
from engine.queries import model_drafts as drafts
from engine.queries.model_drafts import Draft, InForce
from engine.queries.model_picks import picks
from engine.titles import title_of
from engine.xml import in_utf8, parse_untrusted
from web import access, security
from web.current import actor, engine
from web.studio.checking import told
from web.words import clock_time

blueprint = Blueprint("studio_editing", __name__, url_prefix="/studio/edit")

EDITORS: Final = {
    ".bpmn": "diagram", ".dmn": "rules", ".form": "form", ".tests.yaml": "text", ".scenario.yaml": "text",
}  # fmt: skip
"""Which editor opens a file, by the ending of its name."""
TYPES: Final = {
    ".bpmn": "application/xml", ".dmn": "application/xml", ".form": "application/json", ".yaml": "application/yaml",
}  # fmt: skip
MOST_DRAWN: Final = 3_000
"""How many steps and flows an editor is asked to draw; a browser takes seconds for more, and nobody can read them."""
_DRAWN: Final = ("BPMNShape", "BPMNEdge", "DMNShape", "DMNEdge")


@blueprint.get("")
@access.for_those(permissions.may_deploy)
@security.for_editors
def page() -> ResponseReturnValue:
    """Open a file in its editor: its draft, or without one what is in force."""
    file = request.args.get("file", "")
    return _page(file)


def _page(file: str, *, errors: dict[str, str] | None = None, typed: bytes | None = None) -> ResponseReturnValue:
    kind, draft, deployed = _editor(file), *_both(file)
    content = _text(draft, deployed)
    unfit = _unfit(file, content, as_text=True)
    shown = render_template(
        "studio/edit.html", file=file, kind=kind, draft=draft, deployed=deployed, unfit=unfit, errors=errors or {},
        content=_as_text(typed or content), title=title_of(file, content),
        model=None if unfit else _model(file, kind, draft, deployed),
    )  # fmt: skip
    return shown, 422 if errors else 200


@blueprint.get("/source")
@access.for_those(permissions.may_deploy)
def source() -> ResponseReturnValue:
    """Return a file as it is kept now, for the editor's script, and the token to send it back with."""
    file = request.args.get("file", "")
    draft, deployed = _both(file)
    return jsonify({**_model(file, _editor(file), draft, deployed), "token": generate_csrf()})


@blueprint.post("/save")
@access.for_those(permissions.may_deploy)
def save() -> ResponseReturnValue:
    """Save the draft for the editor's script; one that somebody else saved since is answered with who and when."""
    sent = _json()
    file, content, based_on = str(sent.get("file", "")), str(sent.get("content", "")), sent.get("based_on")
    try:
        saved = model_drafts.save(
            engine(), actor=actor(), file=file, content=content.encode(), expected=_whole(sent.get("expected")),
            based_on=UUID(str(based_on)) if based_on else None, drawn=True,
        )  # fmt: skip
    except DraftChanged as changed:
        return jsonify(_changed(changed)), 409
    findings = [told(each) for each in saved.findings]
    return jsonify(version=saved.version, saved=clock_time(saved.saved_at), findings=findings)


@blueprint.post("/text")
@access.for_those(permissions.may_deploy)
def keep_text() -> ResponseReturnValue:
    """Save a text that was typed on a page without a script."""
    file = request.form.get("file", "")
    return _kept(file, request.form.get("content", "").replace("\r\n", "\n").encode())


@blueprint.post("/import")
@access.for_those(permissions.may_deploy)
@security.for_editors
def import_file() -> ResponseReturnValue:
    """Put a file from this computer in the draft's place; one that cannot be read is refused, and nothing changes."""
    file, sent = request.form.get("file", ""), request.files.get("import")
    content = sent.read() if sent else b""
    if not content:
        return _page(file, errors={"import": "Choose the file to put in its place"})
    if wrong := _unfit(file, content) or _misplaced(file, content):
        return _page(file, errors={"import": wrong})
    return _kept(file, content)


def _kept(file: str, content: bytes) -> ResponseReturnValue:
    try:
        model_drafts.save(
            engine(), actor=actor(), file=file, content=content, expected=_whole(request.form.get("expected") or None),
            based_on=_based_on(file),
        )  # fmt: skip
    except Conflict as conflict:
        wrong = f"{conflict.message}. Nothing was saved: look at theirs first"
        return _page(file, errors={"content": wrong}, typed=content)
    flash("Saved as a draft. It is not in force.")
    return redirect(url_for("studio_editing.page", file=file), 303)


def _based_on(file: str) -> UUID | None:
    deployed = drafts.in_force(engine(), actor=actor(), file=file)
    return deployed.id if deployed else None


@blueprint.get("/file")
@access.for_those(permissions.may_deploy)
def export() -> ResponseReturnValue:
    """Return the draft, or what is in force, as a plain file."""
    file = request.args.get("file", "")
    content = _text(*_both(file))
    kind = next((kind for ending, kind in TYPES.items() if file.endswith(ending)), "application/octet-stream")
    name = quote(PurePosixPath(file).name)
    return Response(content, mimetype=kind, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"})


@blueprint.get("/picks")
@access.for_those(permissions.may_deploy)
def choose_from() -> ResponseReturnValue:
    """Return what the properties of a model may name, for the editor's script."""
    return jsonify(asdict(picks(engine(), actor=actor(), file=request.args.get("file", ""))))


@blueprint.post("/presence")
@access.for_those(permissions.may_deploy)
def presence() -> ResponseReturnValue:
    """Mark that the person has the file open; return who else has."""
    others = model_drafts.open_on(engine(), actor=actor(), file=str(_json().get("file", "")))
    return jsonify(others=[{"name": each.name, "seen": clock_time(each.seen_at)} for each in others])


def _editor(file: str) -> str:
    kind = next((kind for ending, kind in EDITORS.items() if file.lower().endswith(ending)), "")
    if not kind:
        raise NotFound("There is no editor for such a file", file=file)
    return kind


def _both(file: str) -> tuple[Draft | None, InForce | None]:
    return drafts.draft(engine(), actor=actor(), file=file), drafts.in_force(engine(), actor=actor(), file=file)


def _text(draft: Draft | None, deployed: InForce | None) -> bytes:
    if draft is None and deployed is None:
        raise NotFound("There is no such file, and no draft of one")
    return draft.content if draft is not None else deployed.content if deployed is not None else b""


def _as_text(content: bytes) -> str:
    return in_utf8(content).decode("utf-8", "replace")


def _unfit(file: str, content: bytes, *, as_text: bool = False) -> str:
    """Return why an editor is not to open a text, empty when it may; `as_text` lets any text in a text editor pass."""
    if as_text and _editor(file) == "text":
        return ""
    try:
        require_legible(file, content)
    except Invalid as error:
        return error.message
    drawn = _drawn(file, content)
    if drawn > MOST_DRAWN:
        return f"It draws {drawn:,} shapes and lines, and {MOST_DRAWN:,} is the most: split it with call activities"
    return ""


def _drawn(file: str, content: bytes) -> int:
    if not file.lower().endswith((".bpmn", ".dmn")):
        return 0
    root = parse_untrusted(content, PurePosixPath(file).name)
    return sum(1 for each in root.iter("*") if str(each.tag).rpartition("}")[2] in _DRAWN)


def _misplaced(file: str, content: bytes) -> str:
    """Return that a text belongs in another file, empty when it does not."""
    found = model_checks.belongs_elsewhere(engine(), actor=actor(), file=file, content=content)
    return found[:1].upper() + found[1:]


def _model(file: str, kind: str, draft: Draft | None, deployed: InForce | None) -> dict[str, Any]:
    """Return a file as the editor's script takes it."""
    based_on = draft.based_on if draft is not None else deployed.id if deployed is not None else None
    return {
        "file": file,
        "kind": kind,
        "content": _as_text(_text(draft, deployed)),
        "version": draft.version if draft else None,
        "based_on": str(based_on) if based_on else None,
        "saved": clock_time(draft.saved_at) if draft else None,
        "saved_by": draft.saved_by if draft else None,
        "in_force": deployed.version if deployed else None,
    }


def _changed(changed: DraftChanged) -> dict[str, Any]:
    at = changed.details.get("saved_at")
    return {
        "message": changed.message,
        "version": changed.details.get("version"),
        "saved_by": changed.details.get("saved_by"),
        "saved": clock_time(at) if at else None,
    }


def _json() -> dict[str, Any]:
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise Invalid("That is no JSON object")
    return sent


def _whole(value: object) -> int | None:
    """Return a version as it was sent. Raises `Invalid` for what is none."""
    if value is None:
        return None
    try:
        return int(str(value))
    except ValueError as error:
        raise Invalid("expected is no version of a draft", field="expected") from error
