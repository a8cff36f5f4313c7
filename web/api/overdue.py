"""What is overdue, child by child, with the reasons."""

from __future__ import annotations

from typing import Any

from engine.casework import permissions
from engine.queries import managed_actions, overdue
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


@routes.route("GET", "/managed-actions", gives=schema_of(managed_actions.ManagedAction)(many=True))
@access.for_those(permissions.may_see_overdue)
def list_managed_actions() -> Any:
    """List late actions of whom you manage, on plans that are not open to you: the action, and no more."""
    return list(managed_actions.late(engine(), actor=actor()))
