"""Who has looked at a case's record, and when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marshmallow import fields, validate

from engine.queries import access_log
from web import access
from web.api.described import schema_of
from web.api.routes import Routes, with_link
from web.current import actor, engine
from web.schemas import Sent

routes = Routes("readers", under="/api/cases/<uuid:case_id>/readers", about="Who has looked at a record")


class WhichReadings(Sent):
    """Which page of the readings."""

    after = fields.UUID(load_default=None, allow_none=True, metadata={"description": "`next` of the page before"})
    limit = fields.Integer(load_default=access_log.USUAL, validate=validate.Range(min=1, max=access_log.LONGEST))
    who = fields.UUID(load_default=None, metadata={"description": "The id of one practitioner"})
    from_on = fields.Date(load_default=None, metadata={"description": "The first local day"})
    to_on = fields.Date(load_default=None, metadata={"description": "The last local day"})
    emergencies = fields.Boolean(load_default=False, metadata={"description": "Only what was read in an emergency"})


@routes.route("GET", "", takes=WhichReadings, place="query", gives=schema_of(access_log.Readings))
@access.signed_in
def list_case_readers(which: Mapping[str, Any], case_id: UUID) -> Any:
    """List who read the record, newest first; for the line manager, coordinators and administrators."""
    return with_link(access_log.of_case(engine(), actor=actor(), case_id=case_id, **which))
