"""Diagrams, rules and forms: what is in force, each version's file, and deploying a change."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import PurePath
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.commands import deployments
from engine.commands.deployments import ApprovalMissing, DeploymentRefused, ExamplesNotKept
from engine.queries import definitions, rule_approvals
from web import access
from web.current import actor, engine

blueprint = Blueprint("definitions", __name__)

TYPES: Final = {
    ".bpmn": "application/xml", ".dmn": "application/xml", ".form": "application/json",
    ".tests.yaml": "application/yaml",
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


def wrong_kind(files: Mapping[str, bytes]) -> str:
    """Return what is wrong with the names of `files`, empty when nothing is."""
    strange = [name for name in files if not name.endswith(tuple(TYPES))]
    return f"{strange[0]} is not a .bpmn, .dmn, .form or .tests.yaml file" if strange else ""


def deploy_files(files: Mapping[str, bytes], *, note: str) -> ResponseReturnValue:
    """Deploy files and answer with the page that says what came of it; refused ones can be kept from there."""
    who = actor()
    try:
        done = deployments.deploy(engine(), authority_id=who.authority_id, files=files, actor=who, note=note)
    except DeploymentRefused as refused:
        wrong = "Nothing was deployed. Put right what is listed, then choose the files again"
        if isinstance(refused, ApprovalMissing):
            wrong = "Nothing was deployed, because somebody has to approve it first. Keep it as a draft for them"
        if isinstance(refused, ExamplesNotKept):
            wrong = (
                "Nothing was deployed, because examples come to something else. Put right the rules or the examples, "
                "or keep it as a draft: somebody else can let the examples be"
            )
        return index_page(
            errors={"files": wrong}, findings=refused.findings, note=note, status=422, refused_files=files
        )
    flash(f"Deployed: {', '.join(sorted(files))}." if done.added else "Nothing has changed: it is in force already.")
    return index_page(findings=done.notices) if done.notices else redirect(url_for("definitions.index"), 303)


@blueprint.get("/definitions/<uuid:definition_id>")
@access.for_those(permissions.may_deploy)
def page(definition_id: UUID) -> ResponseReturnValue:
    """Show one version of a diagram, rules file or form, and the other versions there were."""
    found = definitions.read(engine(), actor=actor(), definition_id=definition_id)
    versions = definitions.versions(engine(), actor=actor(), definition_id=definition_id)
    return render_template("definitions/definition.html", definition=found, versions=versions)


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


def index_page(
    *,
    errors: Mapping[str, str] | None = None,
    findings: Sequence[Any] = (),
    note: str = "",
    status: int = 200,
    refused_files: Mapping[str, bytes] | None = None,
) -> ResponseReturnValue:
    """Answer with what is in force, the drafts, and what was just found; `refused_files` can be kept as drafts."""
    page = render_template(
        "definitions/index.html",
        deployed=definitions.deployed(engine(), actor=actor()),
        drafts=definitions.drafts(engine(), actor=actor()),
        approvals={each.file: each for each in rule_approvals.drafts(engine(), actor=actor())},
        errors=errors or {},
        findings=findings,
        refused=bool(errors),
        # A browser does not send chosen files a second time, so the page holds them.
        refused_files={name: b64encode(content).decode() for name, content in (refused_files or {}).items()},
        values={"note": note},
    )
    return page, status
