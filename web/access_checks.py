"""Records opened in an emergency, cases that are restricted, and what coordinators and managers check of both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.commands import emergency_openings, restrictions
from engine.errors import Conflict, Invalid, NotFound
from engine.queries import access_checks, case_file
from web import access, words
from web.current import actor, engine

blueprint = Blueprint("access_checks", __name__)
Act = Callable[..., None]


@blueprint.get("/access")
@access.for_those(permissions.may_check_access)
def page() -> ResponseReturnValue:
    """Show what there is to check."""
    return _page({})


@blueprint.post("/access/openings/<uuid:opening_id>")
@access.for_those(permissions.may_restrict)
def look_at(opening_id: UUID) -> ResponseReturnValue:
    """Keep what was found about a record opened in an emergency."""
    found = request.form.get("found", "")
    try:
        emergency_openings.look_at(engine(), actor=actor(), opening_id=opening_id, found=found)
    except (Invalid, Conflict) as wrong:
        return _page({f"found-{opening_id}": wrong.message}), 422 if isinstance(wrong, Invalid) else 409
    flash("Kept, with the record and here.")
    return redirect(url_for("access_checks.page"), 303)


@blueprint.get("/cases/<uuid:case_id>/emergency")
@access.for_those(permissions.may_ask_index)
def emergency_page(case_id: UUID) -> ResponseReturnValue:
    """Ask why a record has to be opened now."""
    return _emergency_page(case_id, {}, {})


@blueprint.post("/cases/<uuid:case_id>/emergency")
@access.for_those(permissions.may_ask_index)
def open_record(case_id: UUID) -> ResponseReturnValue:
    """Open a record in an emergency, for an hour."""
    reason = request.form.get("reason", "")
    try:
        until = emergency_openings.open_record(engine(), actor=actor(), case_id=case_id, reason=reason)
    except Invalid as wrong:
        return _emergency_page(case_id, request.form, {"reason": wrong.message}), 422
    except Conflict:
        return redirect(url_for("cases.page", case_id=case_id), 303)
    flash(f"You may read this record until {words.clock_time(until)}. Your line manager and the coordinators are told.")
    return redirect(url_for("cases.page", case_id=case_id), 303)


@blueprint.post("/cases/<uuid:case_id>/emergency/end")
@access.signed_in
def close_record(case_id: UUID) -> ResponseReturnValue:
    """End an emergency before its hour is over."""
    if not emergency_openings.close_record(engine(), actor=actor(), case_id=case_id):
        raise NotFound("There is no such case", case_id=case_id)
    flash("The record is closed to you again.")
    return redirect(url_for("cases.index"), 303)


@blueprint.get("/cases/<uuid:case_id>/restriction")
@access.for_those(permissions.may_restrict)
def restriction_page(case_id: UUID) -> ResponseReturnValue:
    """Ask why a case is to be restricted, or show why it is."""
    return _restriction_page(case_id, {}, {})


@blueprint.post("/cases/<uuid:case_id>/restriction")
@access.for_those(permissions.may_restrict)
def restrict(case_id: UUID) -> ResponseReturnValue:
    """Restrict a case."""
    return _changed(case_id, restrictions.restrict, "Only those who work on this case themselves see it now.")


@blueprint.post("/cases/<uuid:case_id>/restriction/keep")
@access.for_those(permissions.may_restrict)
def keep_restricted(case_id: UUID) -> ResponseReturnValue:
    """Agree again that a case stays restricted."""
    return _changed(case_id, restrictions.keep_restricted, "The case stays restricted for another 90 days.")


@blueprint.post("/cases/<uuid:case_id>/restriction/lift")
@access.for_those(permissions.may_restrict)
def lift_restriction(case_id: UUID) -> ResponseReturnValue:
    """Lift a restriction."""
    return _changed(case_id, restrictions.lift, "The case is open again to those who usually see it.")


def _changed(case_id: UUID, act: Act, said: str) -> ResponseReturnValue:
    try:
        act(engine(), actor=actor(), case_id=case_id, reason=request.form.get("reason", ""))
    except (Invalid, Conflict) as wrong:
        status = 422 if isinstance(wrong, Invalid) else 409
        return _restriction_page(case_id, request.form, {"reason": wrong.message}), status
    flash(said)
    return redirect(url_for("cases.page", case_id=case_id), 303)


def _page(errors: Mapping[str, str]) -> str:
    checks = access_checks.read(engine(), actor=actor())
    return render_template("access_checks/page.html", checks=checks, errors=errors, values=request.form)


def _emergency_page(case_id: UUID, values: Mapping[str, str], errors: Mapping[str, str]) -> str:
    door = access_checks.door(engine(), actor=actor(), case_id=case_id)
    is_open = case_file.may_open(engine(), actor=actor(), case_id=case_id)
    return render_template("access_checks/emergency.html", door=door, values=values, errors=errors, is_open=is_open)


def _restriction_page(case_id: UUID, values: Mapping[str, str], errors: Mapping[str, str]) -> str:
    return render_template(
        "access_checks/restriction.html",
        case_id=case_id,
        restriction=access_checks.restriction(engine(), actor=actor(), case_id=case_id),
        values=values,
        errors=errors,
    )
