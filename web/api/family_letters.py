"""Letters to the family: which there are, and that one was posted or handed over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marshmallow import fields, validate

from engine.commands import family_letters
from engine.queries import letters
from engine.queries.letters import CaseLetter
from web import access
from web.api.described import schema_of
from web.api.routes import Routes
from web.current import actor, engine
from web.schemas import Sent

routes = Routes("family letters", under="/api/cases", about="Letters to the child's family, each to one person")


class FamilyLetters(Sent):
    """A case's letters to the family, the latest first."""

    items = fields.List(fields.Nested(schema_of(CaseLetter)))


class LetterSent(Sent):
    """How a letter reached somebody."""

    how = fields.String(required=True, validate=validate.OneOf(["post", "hand", "email"]))


@routes.route("GET", "/<uuid:case_id>/letters", gives=FamilyLetters)
@access.signed_in
def list_family_letters(case_id: UUID) -> Mapping[str, Any]:
    """Read a case's letters to the family, as they were written."""
    return {"items": letters.read_letters(engine(), actor=actor(), case_id=case_id)}


@routes.route("POST", "/<uuid:case_id>/letters/<uuid:letter_id>/sent", takes=LetterSent, status=204)
@access.signed_in
def mark_family_letter_sent(sent: Mapping[str, Any], case_id: UUID, letter_id: UUID) -> None:
    """Record today that a letter was posted, handed over or e-mailed."""
    family_letters.mark_sent(engine(), actor=actor(), case_id=case_id, letter_id=letter_id, how=sent["how"])
