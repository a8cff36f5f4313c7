"""What is overdue, child by child, with the reasons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from engine.casework import permissions
from engine.casework.severity import STATES
from engine.queries import managed_actions, overdue, supervision
from engine.queries.choice import Choice
from web import access
from web.api.described import schema_of
from web.api.routes import Routes
from web.current import actor, engine
from web.schemas import Sent

routes = Routes("overdue", under="/api/overdue", about="What is overdue")


class WhichChildren(Sent):
    """Which children the board is to hold, and which page of them."""

    team = fields.UUID(metadata={"description": "Of those who lead or assess in this team"})
    agency = fields.UUID(metadata={"description": "Of those who lead or assess in this agency"})
    worker = fields.String(metadata={"description": "Led or assessed by this practitioner, or `nobody`"})
    stage = fields.String(metadata={"description": "At this stage of the episode"})
    state = fields.String(validate=validate.OneOf(STATES), metadata={"description": "In this group"})
    step = fields.String(metadata={"description": "With an open task at this element of a diagram"})
    unsupervised = fields.String(
        validate=validate.OneOf(supervision.WEEKS), metadata={"description": "Without supervision for as many weeks"}
    )
    page = fields.Integer(load_default=1, validate=validate.Range(1, overdue.FARTHEST_PAGE))
    limit = fields.Integer(load_default=overdue.PAGE, validate=validate.Range(1, overdue.LONGEST_PAGE))


@routes.route("GET", "", takes=WhichChildren, place="query", gives=schema_of(overdue.Board, name="OverdueBoard"))
@access.for_those(permissions.may_see_overdue)
def list_overdue(which: Mapping[str, Any]) -> Any:
    """List the children one may see, those who need somebody most first; `groups` count them, `more` come after."""
    chosen = {name: str(value) for name, value in which.items() if name not in ("page", "limit")}
    pages = {name: which[name] for name in ("page", "limit")}
    return overdue.board(engine(), actor=actor(), choice=Choice(**chosen), **pages)


@routes.route("GET", "/managed-actions", gives=schema_of(managed_actions.ManagedAction)(many=True))
@access.for_those(permissions.may_see_overdue)
def list_managed_actions() -> Any:
    """List late actions of whom you manage, on plans that are not open to you: the action, and no more."""
    return list(managed_actions.late(engine(), actor=actor()))
