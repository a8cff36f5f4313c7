"""Diagrams, rules and forms: what is in force, deploying a change, asking a decision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import fields, validate

from engine.casework import permissions
from engine.commands import deployments, publishing
from engine.queries import decisions, definitions
from web import access
from web.api.described import schema_of
from web.api.routes import Routes
from web.current import actor, engine
from web.schemas import LONGEST_TEXT, Sent
from web.taking_back import ReleaseTakenBack, take_back

routes = Routes("definitions", under="/api", about="Diagrams, rules and forms")


class File(Sent):
    """A file to deploy, as text."""

    name = fields.String(required=True, validate=validate.Length(min=1, max=200))
    content = fields.String(required=True)


class Deployment(Sent):
    """Files that belong together: all are taken, or none."""

    files = fields.List(fields.Nested(File), required=True, validate=validate.Length(min=1))
    note = fields.String(
        load_default="",
        validate=validate.Length(max=LONGEST_TEXT),
        metadata={"description": "What changed and why; needed when rules that are in force change"},
    )


class Reverting(Sent):
    """Why an earlier version is to be in force again."""

    reason = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_TEXT))


class Question(Sent):
    """What to ask a decision: its inputs by name; text like 2026-06-04 is a date."""

    inputs = fields.Dict(keys=fields.String(), load_default=dict)


class DecisionAnswer(Sent):
    """What a decision answers, and the rows that matched and why."""

    decision = fields.String()
    result = fields.Raw(allow_none=True)
    matched = fields.List(fields.Dict())
    decisions = fields.Dict()
    warnings = fields.List(fields.Dict())
    missing = fields.List(fields.String())
    explained = fields.List(fields.String(), metadata={"description": "A sentence for each row that matched"})
    file = fields.String()
    version = fields.Integer(metadata={"description": "That of the rules file that answered"})


@routes.route("POST", "/decisions/<decision>", takes=Question, gives=DecisionAnswer)
@access.for_those(permissions.may_deploy)
def ask_decision(sent: Mapping[str, Any], decision: str) -> Mapping[str, Any]:
    """Try out a decision as deployed; nothing is kept."""
    tried = decisions.evaluate(engine(), actor=actor(), decision=decision, inputs=sent["inputs"])
    more = {"explained": list(tried.explained), "file": tried.file, "version": tried.version}
    return {**tried.result.as_json(), **more}


@routes.route("GET", "/definitions", gives=schema_of(definitions.Deployed, name="InForce")(many=True))
@access.for_those(permissions.may_deploy)
def list_definitions() -> Any:
    """List the diagrams, rules and forms in force."""
    return list(definitions.deployed(engine(), actor=actor()))


@routes.route("GET", "/definitions/<uuid:definition_id>/diagram")
@access.signed_in
def read_diagram(definition_id: UUID) -> Response:
    """Return a diagram as its designer drew it."""
    xml = definitions.diagram_xml(engine(), actor=actor(), definition_id=definition_id)
    return Response(xml, mimetype="application/xml", headers={"Content-Disposition": "attachment"})


@routes.route("POST", "/deployments", takes=Deployment, gives=schema_of(deployments.Deployed), status=201)
@access.for_those(permissions.may_deploy)
def deploy(sent: Mapping[str, Any]) -> Any:
    """Deploy files together; 422 lists every finding, and then nothing was deployed.

    403 where a second person approves changes: propose them instead.
    """
    files = {file["name"]: file["content"].encode() for file in sent["files"]}
    who = actor()
    return deployments.deploy(engine(), authority_id=who.authority_id, files=files, actor=who, note=sent["note"])


@routes.route("POST", "/proposals", takes=Deployment, gives=schema_of(publishing.Proposing), status=201)
@access.for_those(permissions.may_deploy)
def propose_change(sent: Mapping[str, Any]) -> Any:
    """Propose files for publishing: they become drafts, and come into force when a second person approves them.

    The note says what changes and why, and is needed. Where no second person is asked they are in force at once.
    """
    files = {file["name"]: file["content"].encode() for file in sent["files"]}
    return publishing.propose(engine(), actor=actor(), files=files, why=sent["note"])


_REVERT = "/definitions/<uuid:definition_id>/revert"


@routes.route("POST", _REVERT, takes=Reverting, gives=schema_of(deployments.Deployed), status=201)
@access.for_those(permissions.may_deploy)
def revert_definition(sent: Mapping[str, Any], definition_id: UUID) -> Any:
    """Put this earlier version in force again, as a new version; refused for what any deployment is refused for."""
    who = actor()
    found = definitions.read(engine(), actor=who, definition_id=definition_id)
    return deployments.revert(
        engine(), authority_id=who.authority_id, kind=found.kind, key=found.key, version=found.version,
        reason=sent["reason"], actor=who,
    )  # fmt: skip


_TAKE_BACK = "/definitions/<uuid:definition_id>/take-back"


@routes.route("POST", _TAKE_BACK, takes=Reverting, gives=schema_of(ReleaseTakenBack), status=201)
@access.for_those(permissions.may_deploy)
def take_back_release(sent: Mapping[str, Any], definition_id: UUID) -> Any:
    """Take back the whole release that brought this definition: all its files in one act, and the cases that moved.

    `rehearsal_id` is by what the cases go back, one after the other; null where none had moved.
    """
    found = definitions.read(engine(), actor=actor(), definition_id=definition_id)
    return take_back(engine(), actor=actor(), name=(found.kind, found.key), reason=sent["reason"])
