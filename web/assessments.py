"""The common assessment as a document, to be read, printed and compared with the one before."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from engine.queries import assessment_document
from web import access
from web.current import actor, engine

blueprint = Blueprint("assessments", __name__)


@blueprint.get("/cases/<uuid:case_id>/assessment")
@access.signed_in
def page(case_id: UUID) -> ResponseReturnValue:
    """Show the latest assessment whole, or another version (`version`), or two side by side (`beside` the earlier)."""
    found = assessment_document.read(engine(), actor=actor(), case_id=case_id)
    shown = found.version(request.args.get("version", type=int))
    beside = request.args.get("beside", type=int)
    before = found.version(beside) if beside is not None else None
    return render_template(
        "cases/assessment.html",
        document=found,
        version=shown,
        before=before,
        compared=assessment_document.side_by_side(before, shown) if before and shown else (),
    )
