"""Diagrams, rules and forms: what is in force, deploying a change, and the file of one diagram."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.commands import deployments
from engine.commands.deployments import DeploymentRefused
from engine.queries import definitions
from web import access
from web.current import actor, engine

blueprint = Blueprint("definitions", __name__)

KINDS = (".bpmn", ".dmn", ".form")


@blueprint.get("/definitions")
@access.for_those(permissions.may_deploy)
def index() -> ResponseReturnValue:
    """List what is in force, and offer to deploy a change."""
    return _index()


@blueprint.post("/definitions")
@access.for_those(permissions.may_deploy)
def deploy() -> ResponseReturnValue:
    """Deploy the files sent, all or none; what is wrong is listed with the element and what to draw instead."""
    files = {file.filename: file.read() for file in request.files.getlist("files") if file.filename}
    note = request.form.get("note", "")
    if not files:
        return _index(errors={"files": "Choose the files to deploy"}, note=note, status=422)
    strange = [name for name in files if not name.endswith(KINDS)]
    if strange:
        wrong = f"{strange[0]} is not a .bpmn, .dmn or .form file"
        return _index(errors={"files": wrong}, note=note, status=422)
    try:
        who = actor()
        done = deployments.deploy(engine(), authority_id=who.authority_id, files=files, actor=who, note=note)
    except DeploymentRefused as refused:
        wrong = "Nothing was deployed. Put right what is listed, then choose the files again"
        return _index(errors={"files": wrong}, findings=refused.findings, note=note, status=422)
    flash(f"Deployed: {', '.join(sorted(files))}." if done.added else "Nothing has changed: it is in force already.")
    return _index(findings=done.notices) if done.notices else redirect(url_for("definitions.index"), 303)


@blueprint.get("/definitions/<uuid:definition_id>")
@access.for_those(permissions.may_deploy)
def diagram(definition_id: UUID) -> ResponseReturnValue:
    """Show one diagram, and its steps as a list."""
    found = definitions.read(engine(), actor=actor(), definition_id=definition_id)
    return render_template("definitions/diagram.html", definition=found)


@blueprint.get("/definitions/<uuid:definition_id>/diagram.bpmn")
@access.signed_in
def diagram_file(definition_id: UUID) -> ResponseReturnValue:
    """Return a diagram as its designer drew it, for the viewer; never shown as a page of its own."""
    xml = definitions.diagram_xml(engine(), actor=actor(), definition_id=definition_id)
    headers = {"Content-Disposition": 'attachment; filename="diagram.bpmn"'}
    return Response(xml, mimetype="application/xml", headers=headers)


def _index(
    *,
    errors: Mapping[str, str] | None = None,
    findings: Sequence[Any] = (),
    note: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    page = render_template(
        "definitions/index.html",
        deployed=definitions.deployed(engine(), actor=actor()),
        errors=errors or {},
        findings=findings,
        refused=bool(errors),
        values={"note": note},
    )
    return page, status
