"""Incidents: what stopped and needs an operator."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import fields

from engine.casework import permissions
from engine.commands import incidents as incident_acts
from engine.queries import incidents
from web import access
from web.current import actor, engine
from web.schemas import Sent

blueprint = Blueprint("api-incidents", __name__, url_prefix="/api/incidents", description="What needs an operator")


class Incident(Sent):
    """Something that stopped."""

    incident_id = fields.UUID()
    kind = fields.String()
    message = fields.String()
    element_id = fields.String(allow_none=True)
    case_id = fields.UUID(allow_none=True)
    opened_at = fields.AwareDateTime()


@blueprint.route("", methods=["GET"])
@access.for_those(permissions.may_operate)
@blueprint.response(200, Incident(many=True))
def list_incidents() -> Any:
    """List the incidents that are open."""
    return incidents.open_incidents(engine(), actor=actor())


@blueprint.route("/<uuid:incident_id>/retry", methods=["POST"])
@access.for_those(permissions.may_operate)
@blueprint.response(204)
def retry(incident_id: UUID) -> None:
    """Try again what stopped, at the next tick."""
    incident_acts.retry(engine(), actor=actor(), incident_id=incident_id)
