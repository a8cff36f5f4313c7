"""Multi-agency groups: what waits for them, and who sits on which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marshmallow import fields, validate

from engine.casework import permissions
from engine.commands import mag_seats
from engine.queries import mag_queue
from web import access
from web.api.described import schema_of
from web.api.routes import Routes
from web.current import actor, engine
from web.schemas import LONGEST_NAME, Sent

routes = Routes("mag", under="/api/mag", about="Multi-agency groups")


class Groups(Sent):
    """The groups somebody sits on, all of them."""

    mags = fields.List(fields.String(validate=validate.Length(max=LONGEST_NAME)), required=True)


@routes.route("GET", "/queue", gives=schema_of(mag_queue.Waiting)(many=True))
@access.for_those(permissions.may_see_mag_queue)
def list_mag_queue() -> Any:
    """List the plans that wait for your own groups, the longest first; a coordinator sees all."""
    return list(mag_queue.waiting(engine(), actor=actor()))


@routes.route("GET", "/members", gives=schema_of(mag_queue.Seats))
@access.for_those(permissions.may_keep_mag_seats)
def list_mag_members() -> Any:
    """List the groups and their members."""
    return mag_queue.seats(engine(), actor=actor())


@routes.route("PUT", "/members/<uuid:practitioner_id>", takes=Groups, status=204)
@access.for_those(permissions.may_keep_mag_seats)
def seat_mag_member(sent: Mapping[str, Any], practitioner_id: UUID) -> None:
    """Let a member sit on exactly these groups from today."""
    mag_seats.set_seats(engine(), actor=actor(), practitioner_id=practitioner_id, **sent)
