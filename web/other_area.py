"""The paper for another area that a family moves to: a cover, and the parts of the case that were ticked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import other_area as commands
from engine.errors import Conflict, Invalid
from engine.queries import other_area
from web import access, documents
from web.current import actor, engine

blueprint = Blueprint("other_area", __name__)


@blueprint.get("/cases/<uuid:case_id>/for-the-other-area")
@access.signed_in
def page(case_id: UUID) -> ResponseReturnValue:
    """Show the paper with the parts that were ticked (`part`), all of them at first; why there is none on refusal."""
    try:
        return _page(**_read(case_id))
    except Conflict as refused:
        return render_template("cases/other_area.html", case_id=case_id, refused=refused.message), 409


@blueprint.post("/cases/<uuid:case_id>/for-the-other-area")
@access.signed_in
def overrule(case_id: UUID) -> ResponseReturnValue:
    """Keep why the paper does not give away the address that its warning speaks of."""
    try:
        paper = _read(case_id)["paper"]
        commands.overrule_warning(
            engine(), actor=actor(), case_id=case_id, move_id=paper.move_id, warned=paper.warned,
            overruled=paper.overruled, why=request.form.get("why", ""),
        )  # fmt: skip
    except Conflict as refused:
        return render_template("cases/other_area.html", case_id=case_id, refused=refused.message), 409
    except Invalid as wrong:
        return _page(**_read(case_id), errors={"why": wrong.message}), 422
    flash("Kept, with your reason. The paper can go with these parts.")
    return redirect(url_for("other_area.page", case_id=case_id, part=paper.parts), 303)


@blueprint.get("/cases/<uuid:case_id>/for-the-other-area.pdf")
@access.signed_in
def as_pdf(case_id: UUID) -> ResponseReturnValue:
    """Give the paper as a tagged PDF, with the parts that were ticked."""
    try:
        found = _read(case_id)
        if found["paper"].held:
            return _page(**found), 422
        made = documents.pdf("cases/other_area_paper.html", **found)
    except Conflict as refused:
        return render_template("cases/other_area.html", case_id=case_id, refused=refused.message), 409
    except documents.NoPdf as missing:
        return _page(**found, problem=missing), 503
    return documents.download(made, documents.PDF_TYPE, "for-the-other-area.pdf")


def _read(case_id: UUID) -> dict[str, Any]:
    ticked = request.values.getlist("part")
    chosen = [name for name in other_area.PARTS if not ticked or name in ticked]
    return {"paper": other_area.read(engine(), actor=actor(), case_id=case_id, parts=chosen), "chosen": chosen}


def _page(**values: Any) -> str:
    case_id = values["paper"].case.case_id
    shown = {"parts": other_area.PARTS, "refused": "", "typed": request.form, "errors": {}, **values}
    return render_template("cases/other_area.html", case_id=case_id, **shown)
