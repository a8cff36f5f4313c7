"""The common assessment as a document, to be read, printed and compared with the one before."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.queries import assessment_document
from engine.queries.assessment_document import AssessmentDocument, AssessmentVersion
from web import access, documents
from web.current import actor, engine

blueprint = Blueprint("assessments", __name__)


@blueprint.get("/cases/<uuid:case_id>/assessment")
@access.signed_in
def page(case_id: UUID) -> ResponseReturnValue:
    """Show the latest assessment whole, or another version (`version`), or two side by side (`beside` the earlier)."""
    found = assessment_document.read(engine(), actor=actor(), case_id=case_id)
    return _page(found, found.version(request.args.get("version", type=int)))


@blueprint.get("/cases/<uuid:case_id>/assessment.pdf")
@access.signed_in
def as_pdf(case_id: UUID) -> ResponseReturnValue:
    """Give the latest assessment, or another version (`version`), as a tagged PDF; the page while there is none."""
    found = assessment_document.read(engine(), actor=actor(), case_id=case_id)
    version = found.version(request.args.get("version", type=int))
    if version is None:
        return redirect(url_for("assessments.page", case_id=case_id), 303)
    try:
        made = documents.pdf("cases/assessment_paper.html", document=found, version=version)
    except documents.NoPdf as missing:
        return _page(found, version, problem=missing), 503
    return documents.download(made, documents.PDF_TYPE, "assessment.pdf")


def _page(
    found: AssessmentDocument, shown: AssessmentVersion | None, *, problem: documents.NoPdf | None = None
) -> str:
    beside = request.args.get("beside", type=int)
    before = found.version(beside) if beside is not None else None
    return render_template(
        "cases/assessment.html",
        document=found,
        version=shown,
        before=before,
        compared=assessment_document.side_by_side(before, shown) if before and shown else (),
        problem=problem,
    )
