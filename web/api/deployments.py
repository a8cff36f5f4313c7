"""Diagrams, rules and forms: what is in force, deploying a change, asking a decision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint
from marshmallow import fields, validate

from engine.casework import permissions
from engine.commands import deployments
from engine.queries import definitions
from web import access
from web.current import actor, engine
from web.schemas import LONGEST_TEXT, Sent

blueprint = Blueprint("api-definitions", __name__, url_prefix="/api", description="Diagrams, rules and forms")


class File(Sent):
    """A file to deploy, as text."""

    name = fields.String(required=True, validate=validate.Length(min=1, max=200))
    content = fields.String(required=True)


class Deployment(Sent):
    """Files that belong together: all are taken, or none."""

    files = fields.List(fields.Nested(File), required=True, validate=validate.Length(min=1))
    note = fields.String(load_default="", validate=validate.Length(max=LONGEST_TEXT))


class Finding(Sent):
    """Something a designer should know about an element of a file."""

    file = fields.String()
    element_id = fields.String()
    what = fields.String()
    advice = fields.String()
    severity = fields.String()


class Version(Sent):
    """A definition that a deployment added."""

    id = fields.UUID()
    kind = fields.String()
    key = fields.String()
    version = fields.Integer()


class Deployed(Sent):
    """What a deployment added: nothing for files that had not changed."""

    deployment_id = fields.UUID(allow_none=True)
    added = fields.List(fields.Nested(Version))
    notices = fields.List(fields.Nested(Finding))


class Definition(Sent):
    """A definition in force."""

    definition_id = fields.UUID()
    kind = fields.String()
    key = fields.String()
    name = fields.String()
    version = fields.Integer()


@blueprint.route("/definitions", methods=["GET"])
@access.for_those(permissions.may_deploy)
@blueprint.response(200, Definition(many=True))
def in_force() -> Any:
    """List the diagrams, rules and forms in force."""
    return definitions.deployed(engine(), actor=actor())


@blueprint.route("/definitions/<uuid:definition_id>/diagram", methods=["GET"])
@access.signed_in
@blueprint.response(200, content_type="application/xml")
def diagram(definition_id: UUID) -> Response:
    """Return a diagram as its designer drew it."""
    xml = definitions.diagram_xml(engine(), actor=actor(), definition_id=definition_id)
    return Response(xml, mimetype="application/xml", headers={"Content-Disposition": "attachment"})


@blueprint.route("/deployments", methods=["POST"])
@access.for_those(permissions.may_deploy)
@blueprint.arguments(Deployment)
@blueprint.response(201, Deployed)
def deploy(sent: Mapping[str, Any]) -> Any:
    """Deploy files together; 422 lists every finding, and then nothing was deployed."""
    files = {file["name"]: file["content"].encode() for file in sent["files"]}
    who = actor()
    return deployments.deploy(engine(), authority_id=who.authority_id, files=files, actor=who, note=sent["note"])
