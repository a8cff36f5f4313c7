"""Whether the service is alive and has work to be looked after, for whoever watches over it."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint
from flask.typing import ResponseReturnValue

from engine.queries import health
from engine.queries.health import Health
from web import access
from web.current import engine

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
@access.anyone
def check() -> ResponseReturnValue:
    """Answer 200 when the database answers and timers are looked after, 503 when they are not."""
    found = health.check(engine())
    said = {
        "status": _status(found),
        "timers_seen_at": _at(found.poller_at),
        "timers_wait_since": _at(found.waits_since),
    }
    return said, 200 if found.well else 503


@blueprint.get("/ready")
@access.anyone
def ready() -> ResponseReturnValue:
    """Answer 200 when pages can be served: the database answers. It raises, and is answered 500, when it does not."""
    health.check(engine())
    return {"status": "ready"}, 200


def _status(found: Health) -> str:
    if found.poller_is_quiet:
        return "timers are not looked after"
    return "timers are behind" if found.is_behind else "well"


def _at(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
