"""What is overdue, child by child, with the reasons."""

from __future__ import annotations

from typing import Any

from engine.casework import permissions
from engine.queries import overdue
from web import access
from web.api.described import schema_of
from web.api.routes import Routes
from web.current import actor, engine

routes = Routes("overdue", under="/api/overdue", about="What is overdue")


@routes.route("GET", "", gives=schema_of(overdue.Board, name="OverdueBoard"))
@access.for_those(permissions.may_see_overdue)
def list_overdue() -> Any:
    """List the children whose plans are late or escalated, the worst first; `more` counts those past the list."""
    return overdue.board(engine(), actor=actor())
