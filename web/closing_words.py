"""Did the plan help? One question when a plan has ended, and what managers are told of the answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.commands import closing_words as commands
from engine.errors import Invalid
from engine.queries import closing_words
from web import access
from web.current import actor, engine, private_pages

blueprint = Blueprint("closing_words", __name__, url_prefix="/did-it-help")
HELPED: Final = {
    "a_lot": "Yes, a lot", "a_little": "Yes, a little", "not": "No, it made no difference",
    "worse": "No, it made things worse",
}  # fmt: skip


@blueprint.get("")
@access.signed_in
def page() -> ResponseReturnValue:
    """Ask about the plans that one worked on and that ended lately."""
    return _page({})


@blueprint.post("/<uuid:case_id>")
@access.signed_in
def say(case_id: UUID) -> ResponseReturnValue:
    """Keep an answer about one plan."""
    whose = request.form.get("from_whom", "")
    at = f"{case_id}-{whose}"
    typed = {"helped": request.form.get(f"helped-{at}", ""), "said": request.form.get(f"said-{at}", "")}
    try:
        commands.say(engine(), actor=actor(), case_id=case_id, from_whom=whose, **typed)
    except Invalid as wrong:
        return _page({f"{wrong.details['field']}-{at}": wrong.message}), 422
    flash("Thank you. Managers see how many said what, and the words without a name.")
    return redirect(url_for("closing_words.page"), 303)


@blueprint.get("/answers")
@access.for_those(permissions.may_read_closing_words)
def answers() -> ResponseReturnValue:
    """Show what was said, in counts and words."""
    heard = closing_words.heard(engine(), actor=actor())
    return render_template("closing_words/answers.html", heard=heard, helped=HELPED)


def _page(errors: Mapping[str, str]) -> str:
    return render_template(
        "closing_words/page.html",
        asked=closing_words.asked(engine(), actor=actor()),
        helped=HELPED,
        values=request.form,
        errors=errors,
        pages=private_pages(),
        may_read=permissions.may_read_closing_words(actor()),
    )
