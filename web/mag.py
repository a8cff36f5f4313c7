"""What waits for the multi-agency groups, and for how long."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.queries import mag_queue
from web import access
from web.current import actor, engine

blueprint = Blueprint("mag", __name__)


@blueprint.get("/mag")
@access.for_those(permissions.may_see_mag_queue)
def queue() -> ResponseReturnValue:
    """Show the plans that wait, the longest first."""
    return render_template("mag.html", waiting=mag_queue.waiting(engine(), actor=actor()))
