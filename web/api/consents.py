"""Consent: what the family agreed to, and that it was taken back.

The family is asked by a task, so its answer comes as that task's answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marshmallow import fields, validate

from engine.casework.consent_cover import WHOSE
from engine.commands import consents
from engine.queries import case_file
from engine.queries.case_record import Consent
from web import access
from web.api.described import schema_of
from web.api.routes import Routes
from web.current import actor, engine
from web.schemas import LONGEST_TEXT, Sent, request_key

routes = Routes("consents", under="/api/cases/<uuid:case_id>/consents", about="What the family agreed to")


class TakenBack(Sent):
    """That the family took its consent back: who said it, and how."""

    why = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_TEXT))
    request_key = request_key()


class SharingTakenBack(TakenBack):
    """The same of sharing: a young person's own consent is taken back by nobody but them, which is said."""

    taken_back_by = fields.String(validate=validate.OneOf(WHOSE))


class Withdrawn(Sent):
    """The process that stops sharing and asks whether the child may come to harm; null while it waits to be started."""

    instance_id = fields.UUID(allow_none=True)


@routes.route("GET", "", gives=schema_of(Consent)(many=True))
@access.signed_in
def list_consents(case_id: UUID) -> Any:
    """List what the family was asked and answered, with those in force; that you read it is kept."""
    return list(case_file.read(engine(), actor=actor(), case_id=case_id).consents)


@routes.route("POST", "/withdraw", takes=SharingTakenBack, gives=Withdrawn, status=201)
@access.signed_in
def withdraw_consent(sent: Mapping[str, Any], case_id: UUID) -> Mapping[str, Any]:
    """Stop sharing at once, and ask the line manager whether the child may come to harm."""
    return {"instance_id": consents.withdraw(engine(), actor=actor(), case_id=case_id, **sent)}


@routes.route("POST", "/mag/withdraw", takes=TakenBack, status=204)
@access.signed_in
def withdraw_mag_consent(sent: Mapping[str, Any], case_id: UUID) -> None:
    """End what the family agreed to about the multi-agency group, and nothing else."""
    consents.withdraw_mag(engine(), actor=actor(), case_id=case_id, **sent)
