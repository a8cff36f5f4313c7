"""Printed copies of guidance, asked for and taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marshmallow import fields

from engine.commands import guidance as acts
from engine.queries import guidance
from web import access
from web.api.described import schema_of
from web.api.routes import Routes
from web.current import actor, engine
from web.schemas import Sent, words

routes = Routes("guidance", under="/api/guidance", about="Printed copies of guidance")


class WantedCopies(Sent):
    """How many copies of a guide, and where they are to be sent."""

    copies = fields.Integer(required=True)
    send_to = words(required=True)


class CopiesAsked(Sent):
    """The request, as kept."""

    copies_id = fields.UUID()


@routes.route("GET", "/<key>/copies", gives=schema_of(guidance.Copies)(many=True))
@access.signed_in
def list_own_copies(key: str) -> Any:
    """List the printed copies of a guide that you asked for last, and when they were sent."""
    return list(guidance.own_copies(engine(), actor=actor(), key=key))


@routes.route("POST", "/<key>/copies", takes=WantedCopies, gives=CopiesAsked, status=201)
@access.signed_in
def ask_for_copies(sent: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Ask for printed copies of a guide; the coordinators are told."""
    return {"copies_id": acts.ask_for_copies(engine(), actor=actor(), key=key, **sent)}


@routes.route("DELETE", "/copies/<uuid:copies_id>", status=204)
@access.signed_in
def withdraw_copies(copies_id: UUID) -> None:
    """Take your own request for printed copies back, until they are sent."""
    acts.withdraw_copies(engine(), actor=actor(), copies_id=copies_id)
