"""Who stands in while a plan has no lead professional, or theirs is away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import lead_professionals
from engine.errors import Conflict, Invalid
from engine.queries import case_file, declines, people
from web import access, words
from web.current import actor, engine
from web.day_fields import day_typed

blueprint = Blueprint("leads", __name__)


@blueprint.get("/cases/<uuid:case_id>/interim-lead")
@access.signed_in
def interim_page(case_id: UUID) -> ResponseReturnValue:
    """Ask who stands in; on a closed case say that nobody does any more."""
    return _page(case_id, {}, {})


@blueprint.post("/cases/<uuid:case_id>/interim-lead")
@access.signed_in
def appoint_interim(case_id: UUID) -> ResponseReturnValue:
    """Appoint an interim lead, who gets the lead's tasks."""
    try:
        moved = lead_professionals.appoint_interim(
            engine(),
            actor=actor(),
            case_id=case_id,
            practitioner_id=_chosen(),
            reasons=request.form.get("reasons", "").strip(),
            planned_end_on=day_typed(request.form, "planned_end_on"),
        )
    except (Invalid, Conflict) as wrong:
        field = str(wrong.details.get("field") or "practitioner_id")
        page = make_response(_page(case_id, request.form, {field: wrong.message}))
        page.status_code = 422 if isinstance(wrong, Invalid) else 409
        return page
    flash(f"The interim lead is appointed and has {words.counted(moved, 'task')} of the one before, due as promised.")
    return redirect(url_for("cases.page", case_id=case_id), 303)


def _chosen() -> UUID:
    try:
        return UUID(request.form.get("practitioner_id", ""))
    except ValueError as error:
        raise Invalid("Choose who stands in", field="practitioner_id") from error


def _page(case_id: UUID, values: Mapping[str, Any], errors: Mapping[str, str]) -> ResponseReturnValue:
    found = case_file.read(engine(), actor=actor(), case_id=case_id)
    if found.closed_on is not None:
        return render_template("cases/interim_lead.html", case=found, errors=errors), 409
    found_people = people.to_lead_between(engine(), actor=actor(), case_id=case_id)
    declined = declines.read(engine(), actor=actor(), case_id=case_id)
    offered = {"choices": found_people.people, "kept_out": found_people.kept_out, "led": found_people.led}
    return render_template(
        "cases/interim_lead.html", case=found, values=values, errors=errors, declined=declined, **offered
    )
