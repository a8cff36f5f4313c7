"""What successors read of a case before they agree to lead: read, changed, put together anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marshmallow import fields, validate

from engine.casework.handover_summaries import LONGEST, SECTIONS
from engine.commands import handover_summaries as acts
from engine.queries import handover_summaries
from engine.queries.handover_summaries import HandoverSummary, KeptSummary
from web import access
from web.api.described import schema_of
from web.api.routes import Routes
from web.current import actor, engine
from web.schemas import Sent

routes = Routes("handover summaries", under="/api/cases", about="What a successor reads before they agree to lead")


class HandoverSummaries(Sent):
    """A case's summaries, the latest first."""

    items = fields.List(fields.Nested(schema_of(KeptSummary)))


class SummaryWords(Sent):
    """Parts of the summary under way; those left out stay. `version` is the one that was read."""

    sections = fields.Dict(
        keys=fields.String(validate=validate.OneOf(list(SECTIONS))),
        values=fields.String(validate=validate.Length(max=LONGEST)),
        load_default=dict,
    )
    version = fields.Integer(required=True, validate=validate.Range(min=1))


class SummaryVersion(Sent):
    """The version that is kept now."""

    version = fields.Integer()


@routes.route("GET", "/<uuid:case_id>/handover-summaries", gives=HandoverSummaries)
@access.signed_in
def list_handover_summaries(case_id: UUID) -> Mapping[str, Any]:
    """List what successors were told of a case, by proposal."""
    return {"items": handover_summaries.of_case(engine(), actor=actor(), case_id=case_id)}


@routes.route("GET", "/<uuid:case_id>/handover-summaries/<uuid:handover_id>", gives=schema_of(HandoverSummary))
@access.signed_in
def read_handover_summary(case_id: UUID, handover_id: UUID) -> Any:
    """Read one summary, as far as it is yours."""
    return handover_summaries.read(engine(), actor=actor(), case_id=case_id, handover_id=handover_id)


@routes.route("PUT", "/<uuid:case_id>/handover-summaries", takes=SummaryWords, gives=SummaryVersion)
@access.signed_in
def change_handover_summary(sent: Mapping[str, Any], case_id: UUID) -> Mapping[str, Any]:
    """Change the summary of the handover that is proposed now; 409 when somebody changed it since."""
    version = acts.change(
        engine(), actor=actor(), case_id=case_id, sections=sent["sections"], expected_version=sent["version"]
    )
    return {"version": version}


@routes.route("POST", "/<uuid:case_id>/handover-summaries/anew", gives=SummaryVersion)
@access.signed_in
def renew_handover_summary(case_id: UUID) -> Mapping[str, Any]:
    """Put the summary together from the record as it is now."""
    return {"version": acts.renew(engine(), actor=actor(), case_id=case_id)}
