"""The common assessment as a document, with its versions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from engine.queries import assessment_document
from engine.queries.assessment_document import AssessmentDocument
from web import access
from web.api.described import schema_of
from web.api.routes import Routes
from web.current import actor, engine

routes = Routes("assessments", under="/api/cases", about="The common assessment, every version whole")


@routes.route("GET", "/<uuid:case_id>/assessment", gives=schema_of(AssessmentDocument))
@access.signed_in
def read_assessment(case_id: UUID) -> Any:
    """Read every version of a case's assessment, the latest first, each with the consent it rested on."""
    return assessment_document.read(engine(), actor=actor(), case_id=case_id)
