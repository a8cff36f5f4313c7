"""Incidents: what stopped and needs an operator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marshmallow import fields

from engine.casework import permissions
from engine.commands import incidents as incident_acts
from engine.queries import incidents
from web import access
from web.api.described import schema_of
from web.api.routes import Routes
from web.current import actor, engine
from web.schemas import Sent

routes = Routes("incidents", under="/api/incidents", about="What needs an operator")


@routes.route("GET", "", gives=schema_of(incidents.Incident)(many=True))
@access.for_those(permissions.may_operate)
def list_incidents() -> Any:
    """List the incidents that are open."""
    return list(incidents.open_incidents(engine(), actor=actor()))


@routes.route("POST", "/<uuid:incident_id>/retry", status=204)
@access.for_those(permissions.may_operate)
def retry_incident(incident_id: UUID) -> None:
    """Try again what stopped, at the next tick."""
    incident_acts.retry(engine(), actor=actor(), incident_id=incident_id)


class KindOfIncident(Sent):
    """A kind of incident, as `list_incidents` names it."""

    kind = fields.String(required=True)


class Retried(Sent):
    """How many incidents are tried again."""

    number = fields.Integer()


@routes.route("POST", "/retry", takes=KindOfIncident, gives=Retried)
@access.for_those(permissions.may_operate)
def retry_incidents(sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """Try again everything of one kind that is open, at the next tick."""
    return {"number": incident_acts.retry_kind(engine(), actor=actor(), kind=sent["kind"])}
