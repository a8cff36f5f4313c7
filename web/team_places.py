"""Somebody who is part of the team around a child no longer."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import team_places
from engine.errors import Conflict, Invalid
from web import access
from web.cases import case_page
from web.current import actor, engine

blueprint = Blueprint("team_places", __name__)


@blueprint.post("/cases/<uuid:case_id>/team/<uuid:practitioner_id>/end")
@access.signed_in
def end(case_id: UUID, practitioner_id: UUID) -> ResponseReturnValue:
    """End somebody's place in the team, with a reason."""
    why = f"leaves-{practitioner_id}"
    typed, key = request.form.get(why, ""), request.form.get("request_key") or None
    people = {"case_id": case_id, "practitioner_id": practitioner_id}
    try:
        team_places.end_place(engine(), actor=actor(), **people, why=typed, request_key=key)
    except Invalid as wrong:
        return case_page(case_id, values={why: typed}, errors={why: wrong.message}), 422
    except Conflict as wrong:
        flash(wrong.message, "problem")
    else:
        flash("They are no longer part of the team, and are told. What they had to do is with who leads.")
    return redirect(url_for("cases.page", case_id=case_id), 303)
