"""What waits for the multi-agency groups, for how long, and who sits on which group."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.commands import mag_seats
from engine.errors import Invalid
from engine.queries import mag_queue
from web import access
from web.current import actor, engine

blueprint = Blueprint("mag", __name__)


@blueprint.get("/mag")
@access.for_those(permissions.may_see_mag_queue)
def queue() -> ResponseReturnValue:
    """Show the plans that wait for the person's own groups, the longest first; a coordinator sees all."""
    waiting = mag_queue.waiting(engine(), actor=actor())
    return render_template("mag.html", waiting=waiting, may_seat=permissions.may_keep_mag_seats(actor()))


@blueprint.get("/mag/members")
@access.for_those(permissions.may_keep_mag_seats)
def members() -> ResponseReturnValue:
    """Show who sits on which group."""
    return _members()


@blueprint.post("/mag/members/<uuid:practitioner_id>")
@access.for_those(permissions.may_keep_mag_seats)
def seat(practitioner_id: UUID) -> ResponseReturnValue:
    """Let a member sit on exactly the groups that were ticked."""
    chosen = request.form.getlist("mags")
    try:
        mag_seats.set_seats(engine(), actor=actor(), practitioner_id=practitioner_id, mags=chosen)
    except Invalid as wrong:
        return _members({f"mags-{practitioner_id}": wrong.message}), 422
    flash("Kept. It counts from the next page that person opens.")
    return redirect(url_for("mag.members"), 303)


def _members(errors: dict[str, str] | None = None) -> str:
    return render_template("mag_members.html", seats=mag_queue.seats(engine(), actor=actor()), errors=errors or {})
