"""One's meetings and reviews in one's own calendar, by a private address that can be taken back."""

from __future__ import annotations

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import calendar_feeds as acts
from engine.errors import NotFound
from engine.queries import calendar_feeds
from web import access, auth
from web.current import actor, engine

blueprint = Blueprint("calendar_feeds", __name__)


@blueprint.get("/account/calendar")
@access.signed_in
def page() -> ResponseReturnValue:
    """Show whether there is an address, when it was last read, and what it holds."""
    return _page("")


@blueprint.post("/account/calendar")
@access.signed_in
def make() -> ResponseReturnValue:
    """Make a new address and show it, this once."""
    token = acts.make(engine(), actor=actor())
    root = (g.authority.service_address or request.url_root).rstrip("/")
    response = Response(_page(f"{root}{url_for('calendar_feeds.feed', token=token)}"))
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/account/calendar/revoke")
@access.signed_in
def revoke() -> ResponseReturnValue:
    """Take the address back."""
    ended = acts.revoke(engine(), actor=actor())
    flash("The address is taken back. Calendars that used it read nothing more." if ended else "There is no address.")
    return redirect(url_for("calendar_feeds.page"), 303)


@blueprint.get("/calendar/<token>.ics")
@access.anyone
def feed(token: str) -> ResponseReturnValue:
    """Give the calendar of whose address it is, to whichever program reads it."""
    try:
        owner = acts.open_feed(engine(), token=token, address=auth.address())
    except NotFound as none:
        return Response(none.message, 404, mimetype="text/plain")
    answer = Response(calendar_feeds.written(engine(), actor=owner), mimetype="text/calendar")
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return answer


def _page(address: str) -> str:
    found = calendar_feeds.of_oneself(engine(), actor=actor())
    return render_template("account/calendar.html", found=found, address=address)
