"""Cases: list, find, start, read, act on the plan, raise a concern."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import fields, validate

from engine.casework import permissions
from engine.commands import concerns, plan_actions
from engine.queries import case_file
from web import access
from web.cases import start_case
from web.current import actor, engine
from web.schemas import LONGEST_NAME, Sent, StartCase, request_key, words

blueprint = Blueprint("api-cases", __name__, url_prefix="/api/cases", description="Cases")


class Search(Sent):
    """What to look for: a child's name, or a case reference."""

    words = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_NAME))


class CaseRow(Sent):
    """One case of a list."""

    case_id = fields.UUID()
    reference = fields.String()
    child_name = fields.String()
    lead_name = fields.String(allow_none=True)
    closed_on = fields.Date(allow_none=True)


class CaseStarted(Sent):
    """A case that is now open."""

    case_id = fields.UUID()
    reference = fields.String()


class Progress(Sent):
    """How an action of the plan is going."""

    progress = words(load_default="")
    done = fields.Boolean(load_default=False)
    request_key = request_key()


class Concern(Sent):
    """A safeguarding concern; nothing in it is required."""

    harm = words(load_default="")
    immediate_danger = fields.Boolean(load_default=None, allow_none=True)
    what_happened = words(load_default="")
    told_family = words(load_default="")
    request_key = request_key()


class ConcernRaised(Sent):
    """The concern as kept."""

    concern_id = fields.UUID()


@blueprint.route("", methods=["GET"])
@access.signed_in
@blueprint.response(200, CaseRow(many=True))
def list_cases() -> Any:
    """List the cases you work on."""
    return case_file.cases(engine(), actor=actor())


@blueprint.route("/search", methods=["POST"])
@access.signed_in
@blueprint.arguments(Search)
@blueprint.response(200, CaseRow(many=True))
def search(sent: Mapping[str, Any]) -> Any:
    """Find cases you may see. A POST, so that a child's name never stands in an address or a log."""
    return case_file.cases(engine(), actor=actor(), search=sent["words"])


@blueprint.route("", methods=["POST"])
@access.for_those(permissions.may_start_case)
@blueprint.arguments(StartCase)
@blueprint.response(201, CaseStarted)
def start(sent: Mapping[str, Any]) -> Any:
    """Start a case for a child."""
    return start_case(sent)


@blueprint.route("/<uuid:case_id>/actions/<uuid:action_id>", methods=["PATCH"])
@access.signed_in
@blueprint.arguments(Progress)
@blueprint.response(204)
def report(sent: Mapping[str, Any], case_id: UUID, action_id: UUID) -> None:
    """Say how an action of the plan is going."""
    plan_actions.report(engine(), actor=actor(), action_id=action_id, **sent)


@blueprint.route("/<uuid:case_id>/concerns", methods=["POST"])
@access.for_those(permissions.may_raise_concern)
@blueprint.arguments(Concern)
@blueprint.response(201, ConcernRaised)
def raise_concern(sent: Mapping[str, Any], case_id: UUID) -> Mapping[str, Any]:
    """Record a safeguarding concern. Ring social care first: this page does not."""
    answers = {name: value for name, value in sent.items() if name != "request_key"}
    concern_id = concerns.raise_concern(
        engine(), actor=actor(), case_id=case_id, answers=answers, request_key=sent["request_key"]
    )
    return {"concern_id": concern_id}
