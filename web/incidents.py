"""Incidents: what stopped and needs an operator, and trying it again."""

from __future__ import annotations

from collections import Counter
from typing import Final
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.commands import incidents as incident_acts
from engine.errors import Invalid
from engine.queries import incidents
from web import access, words
from web.current import actor, engine

KIND_WORDS: Final = {
    "timer": "Timers that could not fire",
    "step": "Steps that could not be taken",
    "start": "Diagrams that could not start",
    "rule": "Rules that could not be asked",
    "outbox": "Messages that could not be sent",
    "effect": "Plans that could not be judged",
    "service": "The service’s own work",
    "publish": "Changes that could not come into force",
}
"""Kinds of incidents in words."""

blueprint = Blueprint("incidents", __name__, url_prefix="/incidents")


@blueprint.get("")
@access.for_those(permissions.may_operate)
def index() -> ResponseReturnValue:
    """List the incidents that are open."""
    found = incidents.open_incidents(engine(), actor=actor())
    numbers = Counter(each.kind for each in found)
    kinds = [(kind, KIND_WORDS[kind], number) for kind, number in sorted(numbers.items()) if number > 1]
    coming = incidents.messages_on_their_way(engine(), actor=actor())
    return render_template("incidents.html", incidents=found, kinds=kinds, kind_words=KIND_WORDS, coming=coming)


@blueprint.post("/<uuid:incident_id>/retry")
@access.for_those(permissions.may_operate)
def retry(incident_id: UUID) -> ResponseReturnValue:
    """Try again what stopped."""
    incident_acts.retry(engine(), actor=actor(), incident_id=incident_id)
    flash("It is being tried again. If it stops again, it comes back here.")
    return redirect(url_for("incidents.index"), 303)


@blueprint.post("/retry")
@access.for_those(permissions.may_operate)
def retry_kind() -> ResponseReturnValue:
    """Try again everything of one kind."""
    try:
        number = incident_acts.retry_kind(engine(), actor=actor(), kind=request.form.get("kind", ""))
    except Invalid as wrong:
        flash(f"{wrong.message}.", "problem")
    else:
        tried = f"{words.counted(number, 'incident')} {'is' if number == 1 else 'are'} being tried again"
        flash(f"{tried}. What stops again comes back here." if number else "Nothing of this kind is open any more.")
    return redirect(url_for("incidents.index"), 303)
