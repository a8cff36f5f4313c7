"""A child's chronology, chosen by kind, person and period."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marshmallow import fields, validate

from engine.commands import significant_events
from engine.queries import chronology
from engine.queries.chronology import KINDS, Asked, Chronology
from web import access
from web.api.described import schema_of
from web.api.routes import Routes
from web.current import actor, engine
from web.schemas import Sent, request_key, words

routes = Routes("chronologies", under="/api/cases", about="The story of a case, and what counted most in it")


class WhichEntries(Sent):
    """Which entries of a chronology."""

    kind = fields.String(load_default="story", validate=validate.OneOf(tuple(KINDS)))
    who = fields.UUID(load_default=None, metadata={"description": "Only what this practitioner did"})
    from_on = fields.Date(load_default=None)
    to_on = fields.Date(load_default=None)
    marked = fields.Boolean(load_default=False, metadata={"description": "Only what somebody marked as significant"})
    before = fields.Integer(load_default=None, metadata={"description": "`before` of the stretch after it"})
    limit = fields.Integer(load_default=100, validate=validate.Range(min=1, max=chronology.WHOLE))


class Significant(Sent):
    """Why an entry counted."""

    reason = words(required=True)
    request_key = request_key()


@routes.route(
    "GET", "/<uuid:case_id>/chronology", takes=WhichEntries, place="query", gives=schema_of(Chronology)
)
@access.signed_in
def read_chronology(which: Mapping[str, Any], case_id: UUID) -> Any:
    """Read a stretch of a case's story, the newest first; `before` goes on to what happened before it."""
    asked = Asked(**{name: value for name, value in which.items() if name not in ("before", "limit")})
    page = {name: which[name] for name in ("before", "limit")}
    return chronology.read(engine(), actor=actor(), case_id=case_id, asked=asked, **page)


@routes.route("PUT", "/<uuid:case_id>/chronology/<uuid:event_id>/mark", takes=Significant, status=204)
@access.signed_in
def mark_event(sent: Mapping[str, Any], case_id: UUID, event_id: UUID) -> None:
    """Mark an entry as significant, with the reason."""
    significant_events.mark(engine(), actor=actor(), case_id=case_id, event_id=event_id, **sent)


@routes.route("DELETE", "/<uuid:case_id>/chronology/<uuid:event_id>/mark", status=204)
@access.signed_in
def unmark_event(case_id: UUID, event_id: UUID) -> None:
    """Take the mark of an entry back."""
    significant_events.unmark(engine(), actor=actor(), case_id=case_id, event_id=event_id)
