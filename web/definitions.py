"""Diagrams, rules and forms: what is in force, each version's file, and deploying a change."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from io import BytesIO
from pathlib import PurePath
from typing import Final
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.commands import deployments, publishing
from engine.commands.deployments import ApprovalMissing, DeploymentRefused, ExamplesNotKept, ReasonMissing
from engine.errors import Conflict
from engine.queries import definitions, rule_tables
from engine.queries import publishing as proposed
from web import access
from web.current import actor, engine
from web.front_page import index_page

blueprint = Blueprint("definitions", __name__)

TYPES: Final = {
    ".bpmn": "application/xml", ".dmn": "application/xml", ".form": "application/json",
    ".tests.yaml": "application/yaml", ".scenario.yaml": "application/yaml",
}  # fmt: skip
"""What may be deployed, by the ending of the file's name."""


@blueprint.get("/definitions")
@access.for_those(permissions.may_deploy)
def index() -> ResponseReturnValue:
    """List what is in force, and offer to deploy a change."""
    return index_page()


@blueprint.post("/definitions")
@access.for_those(permissions.may_deploy)
def deploy() -> ResponseReturnValue:
    """Deploy the files sent, all or none; what is wrong is listed with the element and what to draw instead."""
    files = {file.filename: file.read() for file in request.files.getlist("files") if file.filename}
    note = request.form.get("note", "")
    if not files:
        return index_page(errors={"files": "Choose the files to deploy"}, note=note, status=422)
    if strange := wrong_kind(files):
        return index_page(errors={"files": strange}, note=note, status=422)
    return deploy_files(files, note=note)


@blueprint.post("/definitions/reason")
@access.for_those(permissions.may_deploy)
def deploy_with_reason() -> ResponseReturnValue:
    """Deploy the files that a page holds since they were sent, with the reason that was asked for."""
    files = files_held()
    wrong = wrong_kind(files) or ("" if files else NOT_WHOLE)
    if wrong:
        return index_page(errors={"files": wrong}, status=422)
    return deploy_files(files, note=request.form.get("why", ""))


WHY: Final = "Say why the rules change; it is kept with them, with your name"
WHY_CHANGE: Final = "Say what changes and why; whoever approves it reads that first"
NOT_WHOLE: Final = "Choose the files again: they did not arrive whole"


def files_held() -> dict[str, bytes]:
    """Return the files that a page held, as `refused_files` writes them there; empty when they did not arrive whole."""
    names, contents = request.form.getlist("name"), request.form.getlist("content")
    try:
        return {name: b64decode(content, validate=True) for name, content in zip(names, contents, strict=True)}
    except ValueError:
        return {}


def wrong_kind(files: Mapping[str, bytes]) -> str:
    """Return what is wrong with the names of `files`, empty when nothing is."""
    strange = [name for name in files if not name.endswith(tuple(TYPES))]
    return f"{strange[0]} is not a .bpmn, .dmn, .form, .tests.yaml or .scenario.yaml file" if strange else ""


def deploy_files(files: Mapping[str, bytes], *, note: str) -> ResponseReturnValue:
    """Deploy files and answer with the page that says what came of it; refused ones can be kept from there.

    Where changes need a second person they become drafts, and are proposed.
    """
    who = actor()
    if proposed.second_person(engine(), actor=who):
        return _propose(files, note)
    try:
        done = deployments.deploy(engine(), authority_id=who.authority_id, files=files, actor=who, note=note)
    except ReasonMissing:
        return index_page(errors={"why": WHY}, note=note, status=422, waiting_files=files)
    except DeploymentRefused as refused:
        return index_page(
            errors={"files": _wrong(refused)}, findings=refused.findings, note=note, status=422, refused_files=files
        )
    flash(f"Deployed: {', '.join(sorted(files))}." if done.added else "Nothing has changed: it is in force already.")
    return index_page(findings=done.notices) if done.notices else redirect(url_for("definitions.index"), 303)


def _propose(files: Mapping[str, bytes], note: str) -> ResponseReturnValue:
    if not note.strip():
        return index_page(errors={"why": WHY_CHANGE}, note=note, status=422, waiting_files=files)
    try:
        done = publishing.propose(engine(), actor=actor(), files=files, why=note)
    except DeploymentRefused as refused:
        return index_page(
            errors={"files": _wrong(refused)}, findings=refused.findings, note=note, status=422, refused_files=files
        )
    except Conflict as wrong:
        return index_page(errors={"files": wrong.message}, note=note, status=409)
    flash(f"Proposed: {', '.join(sorted(files))}. Nothing is in force yet: whoever may approve it has been told.")
    return redirect(url_for("studio_publishing.proposal", proposal_id=done.proposal_id), 303)


def _wrong(refused: DeploymentRefused) -> str:
    if isinstance(refused, ApprovalMissing):
        return "Nothing was deployed, because somebody has to approve it first. Keep it as a draft for them"
    if isinstance(refused, ExamplesNotKept):
        besides = ", and whoever has to approve the change is asked too" if refused.approvals else ""
        return (
            "Nothing was deployed, because examples come to something else. Put right the rules or the examples, "
            f"or keep it as a draft: somebody else can let the examples be{besides}"
        )
    return "Nothing was deployed. Put right what is listed, then choose the files again"


@blueprint.get("/definitions/<uuid:definition_id>")
@access.for_those(permissions.may_try_rules)
def page(definition_id: UUID) -> ResponseReturnValue:
    """Show one version of a diagram, rules file or form, and the other versions there were.

    Rules are shown to who gets escalations too: the query says who may see what.
    """
    found = definitions.read(engine(), actor=actor(), definition_id=definition_id)
    versions = definitions.versions(engine(), actor=actor(), definition_id=definition_id)
    rules = rule_tables.read(engine(), actor=actor(), definition_id=definition_id)
    return render_template(
        "definitions/definition.html",
        definition=found,
        versions=versions,
        rules=rules,
        may_deploy=permissions.may_deploy(actor()),
    )


@blueprint.get("/definitions/<uuid:definition_id>/back")
@access.for_those(permissions.may_deploy)
def back(definition_id: UUID) -> ResponseReturnValue:
    """Ask whether an earlier version is to be in force again, and why."""
    return _back_page(definition_id)


@blueprint.post("/definitions/<uuid:definition_id>/back")
@access.for_those(permissions.may_deploy)
def go_back(definition_id: UUID) -> ResponseReturnValue:
    """Put an earlier version in force again, as a new version; refused for what any deployment is refused for."""
    who, reason = actor(), request.form.get("reason", "")
    if not reason.strip():
        return _back_page(definition_id, errors={"reason": "Say why you go back to an earlier version"})
    found = definitions.read(engine(), actor=who, definition_id=definition_id)
    files = definitions.going_back(engine(), actor=who, definition_id=definition_id)
    try:
        deployments.revert(
            engine(), authority_id=who.authority_id, kind=found.kind, key=found.key, version=found.version,
            reason=reason, actor=who,
        )  # fmt: skip
    except DeploymentRefused as refused:
        return index_page(
            errors={"files": _wrong(refused)}, findings=refused.findings, status=422, refused_files=files
        )
    flash(f"Version {found.version} of {found.file} is in force again, as a new version.")
    return redirect(url_for("definitions.index"), 303)


def _back_page(definition_id: UUID, errors: Mapping[str, str] | None = None) -> ResponseReturnValue:
    found = definitions.read(engine(), actor=actor(), definition_id=definition_id)
    files = definitions.going_back(engine(), actor=actor(), definition_id=definition_id)
    page = render_template(
        "definitions/back.html", definition=found, files=sorted(files), errors=errors or {}, values=request.form
    )
    return page, 422 if errors else 200


@blueprint.get("/definitions/<uuid:definition_id>/file")
@access.for_those(permissions.may_deploy)
def download(definition_id: UUID) -> ResponseReturnValue:
    """Return the file that a version was deployed from."""
    found = definitions.read(engine(), actor=actor(), definition_id=definition_id)
    return as_file(found.file, definitions.source(engine(), actor=actor(), definition_id=definition_id))


@blueprint.get("/definitions/<uuid:definition_id>/diagram.bpmn")
@access.signed_in
def diagram_file(definition_id: UUID) -> ResponseReturnValue:
    """Return a diagram for the viewer, named in the authority's own words; never shown as a page of its own."""
    xml = definitions.drawing(engine(), actor=actor(), definition_id=definition_id)
    headers = {"Content-Disposition": 'attachment; filename="diagram.bpmn"'}
    return Response(xml, mimetype="application/xml", headers=headers)


def as_file(name: str, content: bytes) -> Response:
    """Return a model to be saved under its name, never shown as a page."""
    kind = next((kind for ending, kind in TYPES.items() if name.endswith(ending)), "application/octet-stream")
    return send_file(BytesIO(content), mimetype=kind, as_attachment=True, download_name=PurePath(name).name)
