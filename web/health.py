"""Whether the service is alive, for whoever watches over it."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from engine.queries import health
from web import access
from web.current import engine

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
@access.anyone
def check() -> ResponseReturnValue:
    """Answer 200 when the database answers and timers are looked after, 503 when they are not."""
    found = health.check(engine())
    seen = found.poller_at.isoformat() if found.poller_at else None
    status = "timers are not looked after" if found.poller_is_quiet else "well"
    return {"status": status, "timers_seen_at": seen}, 503 if found.poller_is_quiet else 200
