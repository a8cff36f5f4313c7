"""A child's chronology: chosen by kind, person and period, printed whole, and what counted most marked."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import significant_events
from engine.errors import Conflict, Invalid
from engine.forms.parsing import DATE_PARTS
from engine.queries import chronology
from web import access
from web.current import actor, engine
from web.day_fields import day_typed

blueprint = Blueprint("chronologies", __name__)
_CHOSEN: Final = ("kind", "who", "marked", *(f"{name}-{part}" for name in ("from_on", "to_on") for part in DATE_PARTS))
"""What stands in the address of what was chosen: no name of a child is among it."""


@blueprint.get("/cases/<uuid:case_id>/chronology")
@access.signed_in
def page(case_id: UUID) -> ResponseReturnValue:
    """Show the story of a case, as far as was chosen; whole with `whole`, to be printed."""
    return _page(case_id, request.args, {})


@blueprint.post("/cases/<uuid:case_id>/chronology/<uuid:event_id>")
@access.signed_in
def mark(case_id: UUID, event_id: UUID) -> ResponseReturnValue:
    """Mark an entry as having counted, or take the mark back."""
    chosen: dict[str, Any] = {name: request.form[name] for name in _CHOSEN if request.form.get(name)}
    try:
        if request.form.get("act") == "unmark":
            significant_events.unmark(engine(), actor=actor(), case_id=case_id, event_id=event_id)
        else:
            reason, key = request.form.get("reason", ""), request.form.get("request_key") or None
            significant_events.mark(
                engine(), actor=actor(), case_id=case_id, event_id=event_id, reason=reason, request_key=key
            )
    except (Invalid, Conflict) as wrong:
        status = 422 if isinstance(wrong, Invalid) else 409
        chosen["reason"] = request.form.get("reason", "")
        return _page(case_id, chosen, {f"reason-{event_id}": wrong.message}, status=status)
    flash("Kept in the chronology.")
    return redirect(url_for("chronologies.page", case_id=case_id, _anchor=f"event-{event_id}", **chosen), 303)


def _page(
    case_id: UUID, typed: Mapping[str, Any], errors: Mapping[str, str], *, status: int = 200
) -> ResponseReturnValue:
    try:
        asked = asked_for(typed)
    except Invalid as wrong:
        asked, status = chronology.Asked(), 422
        errors = {**errors, str(wrong.details["field"]): wrong.message}
    whole = "whole" in typed
    found = chronology.read(
        engine(),
        actor=actor(),
        case_id=case_id,
        asked=asked,
        before=request.args.get("before", type=int),
        limit=chronology.WHOLE if whole else chronology.USUAL,
    )
    chosen = {name: typed[name] for name in _CHOSEN if typed.get(name)}
    page = render_template(
        "cases/chronology.html",
        found=found,
        asked=asked,
        typed=typed,
        chosen=chosen,
        kinds=chronology.KINDS,
        errors=errors,
        whole=whole,
        request_key=secrets.token_urlsafe(16),
    )
    return page, status


def asked_for(typed: Mapping[str, Any]) -> chronology.Asked:
    """Return what was chosen on the page. Raises `Invalid` naming the field."""
    try:
        who = UUID(typed["who"]) if typed.get("who") else None
    except ValueError:
        raise Invalid("Choose somebody from the list", field="who") from None
    return chronology.Asked(
        kind=typed.get("kind") or "story",
        who=who,
        from_on=day_typed(typed, "from_on"),
        to_on=day_typed(typed, "to_on"),
        marked=typed.get("marked") == "yes",
    )
