"""Incidents: what stopped and needs an operator, and trying it again."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.commands import incidents as incident_acts
from engine.queries import incidents
from web import access
from web.current import actor, engine

blueprint = Blueprint("incidents", __name__, url_prefix="/incidents")


@blueprint.get("")
@access.for_those(permissions.may_operate)
def index() -> ResponseReturnValue:
    """List the incidents that are open."""
    return render_template("incidents.html", incidents=incidents.open_incidents(engine(), actor=actor()))


@blueprint.post("/<uuid:incident_id>/retry")
@access.for_those(permissions.may_operate)
def retry(incident_id: UUID) -> ResponseReturnValue:
    """Try again what stopped."""
    incident_acts.retry(engine(), actor=actor(), incident_id=incident_id)
    flash("It is being tried again. If it stops again, it comes back here.")
    return redirect(url_for("incidents.index"), 303)
