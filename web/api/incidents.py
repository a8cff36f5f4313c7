"""Incidents: what stopped and needs an operator."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from engine.casework import permissions
from engine.commands import incidents as incident_acts
from engine.queries import incidents
from web import access
from web.api.described import schema_of
from web.api.routes import Routes
from web.current import actor, engine

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
