"""A date of the record was wrong: corrected here, after showing which deadlines move with it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import date_corrections
from engine.commands.date_corrections import Correction
from engine.errors import Invalid
from engine.queries import case_file
from engine.queries import date_corrections as dates
from web import access
from web.current import actor, engine
from web.day_fields import day_needed

blueprint = Blueprint("dates", __name__)


@blueprint.get("/cases/<uuid:case_id>/dates")
@access.signed_in
def page(case_id: UUID) -> ResponseReturnValue:
    """Ask which date is wrong, and what it should be."""
    return _page(case_id, {"request_key": secrets.token_urlsafe(16)}, {})


@blueprint.post("/cases/<uuid:case_id>/dates")
@access.signed_in
def correct(case_id: UUID) -> ResponseReturnValue:
    """Show what would move; when that is confirmed, correct the date."""
    typed = request.form
    try:
        kind, recorded_id = _chosen(typed.get("which", ""))
        asked: dict[str, Any] = {"actor": actor(), "case_id": case_id, "kind": kind, "recorded_id": recorded_id}
        on = day_needed(typed, "on", "Enter the day on which it really was")
        if not typed.get("why", "").strip():
            raise Invalid("Say why the date is corrected", field="why")
        if typed.get("act") != "correct":
            return _page(case_id, typed, {}, date_corrections.preview(engine(), **asked, on=on))
        done = date_corrections.correct(
            engine(), **asked, on=on, why=typed.get("why", ""), request_key=typed.get("request_key", "")
        )
    except Invalid as wrong:
        return _page(case_id, typed, {str(wrong.details.get("field") or "which"): wrong.message}), 422
    moved = sum(not each.held for each in done.moves if each.is_task)
    flash("The date is corrected." + (f" {moved} task{'' if moved == 1 else 's'} moved with it." if moved else ""))
    return redirect(url_for("cases.page", case_id=case_id), 303)


def _chosen(which: str) -> tuple[str, UUID]:
    kind, _, id_ = which.partition(":")
    try:
        return kind, UUID(id_)
    except ValueError as error:
        raise Invalid("Choose the date that is wrong", field="which") from error


def _page(
    case_id: UUID, values: Mapping[str, Any], errors: Mapping[str, str], correction: Correction | None = None
) -> str:
    return render_template(
        "cases/dates.html",
        case=case_file.read(engine(), actor=actor(), case_id=case_id),
        dates=dates.correctable(engine(), actor=actor(), case_id=case_id),
        correction=correction,
        values=values,
        errors=errors,
    )
