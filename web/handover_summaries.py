"""What a successor reads before they agree to lead: looked at, changed, printed, found again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from engine.casework.handover_summaries import SECTIONS
from engine.commands import handover_summaries as commands
from engine.errors import Conflict, Invalid
from engine.queries import handover_summaries
from engine.queries.handover_summaries import HandoverSummary
from web import access
from web.current import actor, engine
from web.schemas import version_seen
from web.words import clock_time

blueprint = Blueprint("handover_summaries", __name__, url_prefix="/cases/<uuid:case_id>/handover-summaries")


@blueprint.get("")
@access.signed_in
def index(case_id: UUID) -> ResponseReturnValue:
    """Show the only summary of a case, else the list of them."""
    found = handover_summaries.of_case(engine(), actor=actor(), case_id=case_id)
    if len(found) == 1:
        return redirect(url_for("handover_summaries.page", case_id=case_id, handover_id=found[0].handover_id), 303)
    return render_template("handover_summaries/list.html", case_id=case_id, found=found)


@blueprint.get("/<uuid:handover_id>")
@access.signed_in
def page(case_id: UUID, handover_id: UUID) -> ResponseReturnValue:
    """Show a summary as it is printed."""
    found = _read(case_id, handover_id)
    return render_template("handover_summaries/page.html", case_id=case_id, found=found)


@blueprint.get("/<uuid:handover_id>/change")
@access.signed_in
def change_page(case_id: UUID, handover_id: UUID) -> ResponseReturnValue:
    """Show a summary to be changed."""
    found = _read(case_id, handover_id)
    if not found.may_change:
        return redirect(url_for("handover_summaries.page", case_id=case_id, handover_id=handover_id), 303)
    return _form(case_id, found, {name: text for name, _, text in found.sections}, {})


@blueprint.post("/<uuid:handover_id>/change")
@access.signed_in
def change(case_id: UUID, handover_id: UUID) -> ResponseReturnValue:
    """Keep a summary as it was worded, or put it together anew."""
    try:
        _keep(case_id)  # what was typed stays among the versions, and the note in what is made anew
        if request.form.get("act") == "renew":
            commands.renew(engine(), actor=actor(), case_id=case_id)
            flash("The summary is as the record has it now. What to know first is as you wrote it.")
        else:
            flash("The summary is saved. The successor reads it as it is now.")
    except (Invalid, Conflict) as wrong:
        errors = {str(wrong.details.get("field") or "note"): wrong.message}
        status = 422 if isinstance(wrong, Invalid) else 409
        return _form(case_id, _read(case_id, handover_id), request.form, errors), status
    return redirect(url_for("handover_summaries.page", case_id=case_id, handover_id=handover_id), 303)


@blueprint.get("/<uuid:handover_id>/draft")
@access.signed_in
def draft_state(case_id: UUID, handover_id: UUID) -> ResponseReturnValue:
    """Return, for the script of the page, the token to send forms with; who is signed out is sent to sign in."""
    _read(case_id, handover_id)
    return jsonify(token=generate_csrf())


@blueprint.post("/<uuid:handover_id>/draft")
@access.signed_in
def keep_draft(case_id: UUID, handover_id: UUID) -> ResponseReturnValue:
    """Keep what is typed, for the script of the page."""
    try:
        version = _keep(case_id, by_itself=True)
    except Invalid as wrong:
        return jsonify(wrong=wrong.message), 422
    except Conflict as conflict:
        return jsonify(closed=conflict.message), 409
    return jsonify(saved=clock_time(g.now), base=str(version), merge="", hidden=[])


def _keep(case_id: UUID, *, by_itself: bool = False) -> int:
    said = {name: request.form[name] for name in SECTIONS if name in request.form}
    seen = version_seen(request.form, "draft_base") or 0
    how: dict[str, Any] = {"expected_version": seen, "by_itself": by_itself}
    return commands.change(engine(), actor=actor(), case_id=case_id, sections=said, **how)


def _read(case_id: UUID, handover_id: UUID) -> HandoverSummary:
    return handover_summaries.read(engine(), actor=actor(), case_id=case_id, handover_id=handover_id)


def _form(case_id: UUID, found: HandoverSummary, values: Mapping[str, str], errors: Mapping[str, str]) -> str:
    return render_template(
        "handover_summaries/change.html", case_id=case_id, found=found, sections=SECTIONS, values=values,
        errors=errors,
    )  # fmt: skip
