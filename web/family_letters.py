"""Letters to the family: which there are, one to print, and that it was posted or handed over."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import family_letters
from engine.errors import Invalid
from engine.queries import case_file, family_meetings
from web import access
from web.current import actor, engine

blueprint = Blueprint("family_letters", __name__)


@blueprint.get("/cases/<uuid:case_id>/letters")
@access.signed_in
def index(case_id: UUID) -> ResponseReturnValue:
    """Show a case's letters to the family, those that wait to be handed over first."""
    letters = family_meetings.read_letters(engine(), actor=actor(), case_id=case_id)
    found = case_file.read(engine(), actor=actor(), case_id=case_id)
    waiting = [each for each in letters if each.waits]
    others = [each for each in letters if not each.waits]
    return render_template("letters/index.html", case=found, waiting=waiting, others=others)


@blueprint.get("/cases/<uuid:case_id>/letters/<uuid:letter_id>")
@access.signed_in
def page(case_id: UUID, letter_id: UUID) -> ResponseReturnValue:
    """Show one letter as it is printed."""
    return _page(case_id, letter_id, {})


@blueprint.post("/cases/<uuid:case_id>/letters/<uuid:letter_id>/sent")
@access.signed_in
def sent(case_id: UUID, letter_id: UUID) -> ResponseReturnValue:
    """Record that a letter was posted or handed over."""
    try:
        how = request.form.get("how", "")
        family_letters.mark_sent(engine(), actor=actor(), case_id=case_id, letter_id=letter_id, how=how)
    except Invalid as wrong:
        return _page(case_id, letter_id, {"how": wrong.message}), 422
    flash("Kept: the letter is with the family.")
    return redirect(url_for("family_letters.index", case_id=case_id), 303)


def _page(case_id: UUID, letter_id: UUID, errors: dict[str, str]) -> str:
    letter = family_meetings.read_letter(engine(), actor=actor(), case_id=case_id, letter_id=letter_id)
    found = case_file.read(engine(), actor=actor(), case_id=case_id)
    return render_template("letters/letter.html", case=found, letter=letter, values=request.form, errors=errors)
