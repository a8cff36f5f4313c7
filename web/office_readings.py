"""What a coordinator says that they read a record for, before a page of it opens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.casework.purposes import PURPOSES
from engine.commands import office_readings
from engine.errors import Invalid, PurposeNeeded
from engine.queries import access_checks
from web import access, auth, carried, errors
from web.current import actor, engine

blueprint = Blueprint("office_readings", __name__)


def install(app: Flask) -> None:
    """Lead a coordinator who opens a page of a record to the question what for, and from there to the page."""
    app.register_error_handler(PurposeNeeded, _ask)


@blueprint.get("/cases/<uuid:case_id>/look-into")
@access.for_those(permissions.sees_whole_authority)
def page(case_id: UUID) -> ResponseReturnValue:
    """Ask what the record is read for."""
    return _page(case_id, {"next": request.args.get("next", "")}, {})


@blueprint.post("/cases/<uuid:case_id>/look-into")
@access.for_those(permissions.sees_whole_authority)
def look_into(case_id: UUID) -> ResponseReturnValue:
    """Keep what the record is read for, and go on to the page that was asked for, or with what was being sent."""
    purpose, reason = request.form.get("purpose", ""), request.form.get("reason", "")
    try:
        office_readings.look_into(engine(), actor=actor(), case_id=case_id, purpose=purpose, reason=reason)
    except Invalid as wrong:
        return _page(case_id, request.form, {str(wrong.details.get("field")): wrong.message}), 422
    wanted, kept = request.form.get("next"), request.form.get("carried")
    if kept:
        page = auth.with_what_was_kept(auth.local_address(wanted), kept)
        return page or redirect(url_for("cases.page", case_id=case_id), 303)
    return redirect(auth.local_address(wanted) if wanted else url_for("cases.page", case_id=case_id), 303)


def _page(case_id: UUID, values: Mapping[str, str], wrong: Mapping[str, str]) -> str:
    door = access_checks.door(engine(), actor=actor(), case_id=case_id)
    return render_template(
        "access_checks/look_into.html", door=door, values=values, errors=wrong, purposes=list(PURPOSES.items())
    )


def _ask(error: PurposeNeeded) -> ResponseReturnValue:
    case_id: Any = error.details["case_id"]
    if request.path.startswith(errors.API_PREFIX):
        return errors.answer(errors.Problem(403, f"{error.message}: POST /api/cases/{case_id}/look-into"))
    if request.method == "POST":
        kept = {"next": request.path, "carried": carried.locked(actor().account_id)}
        return _page(case_id, kept, {}), 403
    wanted = request.full_path.rstrip("?")
    return redirect(url_for("office_readings.page", case_id=case_id, next=wanted or None), 303)
