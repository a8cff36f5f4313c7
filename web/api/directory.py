"""The practitioner directory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from engine.queries import directory
from engine.queries.directory import Directory
from web import access
from web.api.described import schema_of
from web.api.routes import Routes
from web.current import actor, engine
from web.schemas import Sent, name

routes = Routes("directory", under="/api", about="Who works with children here, and how to reach them")


class WhichColleagues(Sent):
    """Whom to look for."""

    words = name(load_default="", metadata={"description": "A part of the name"})
    agency = name(load_default="")
    job_title = name(load_default="")
    page = fields.Integer(load_default=1, validate=validate.Range(min=1))
    limit = fields.Integer(load_default=100, validate=validate.Range(min=1, max=directory.LONGEST))


@routes.route("GET", "/directory", takes=WhichColleagues, place="query", gives=schema_of(Directory))
@access.signed_in
def read_directory(which: Mapping[str, Any]) -> Any:
    """List who works with children here, for which agency, how to reach them, and who is away."""
    return directory.read(engine(), actor=actor(), **which)
