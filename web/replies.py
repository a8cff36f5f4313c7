"""Private pages of somebody without an account: answers an invitation, reads a letter, says whether a plan helped."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from engine.casework.family_letters import moment
from engine.commands import closing_words, replies
from engine.errors import Invalid, NotFound
from engine.queries import closing_words as closing_pages
from engine.queries import reply_pages
from web import access, auth
from web.closing_words import HELPED
from web.current import engine

blueprint = Blueprint("replies", __name__, url_prefix="/reply")

FAMILY = (("coming", "Yes, I will come"), ("not_coming", "No, I cannot come"))
PRACTITIONER = (
    ("attending", "Yes, I will come"),
    ("apologies", "No, and I send my apologies"),
    ("substitute", "No, but somebody comes in my place"),
)


@blueprint.get("/<token>")
@access.anyone
def page(token: str) -> ResponseReturnValue:
    """Show when and where the meeting is, and the answers there are to choose from."""
    try:
        replies.open_page(engine(), token=token, address=auth.address())
        return _page(token, {}, {})
    except NotFound:
        return _unseen(render_template("replies/none.html"), 404)


@blueprint.post("/<token>")
@access.anyone
def answer(token: str) -> ResponseReturnValue:
    """Keep an answer."""
    try:
        day = replies.answer(engine(), token=token, answers=request.form, address=auth.address())
    except Invalid as wrong:
        return _page(token, request.form, {str(wrong.details.get("field") or "reply"): wrong.message}, 422)
    except NotFound:
        return _unseen(render_template("replies/none.html"), 404)
    coming = request.form.get("reply") in ("coming", "attending")
    return _unseen(render_template("replies/thanks.html", coming=coming, day=day))


@blueprint.get("/letter/<token>")
@access.anyone
def letter_page(token: str) -> ResponseReturnValue:
    """Offer to show a letter: mail scanners open every address, and must not count as its reader."""
    return _unseen(render_template("replies/letter_first.html", token=token))


@blueprint.post("/letter/<token>")
@access.anyone
def letter(token: str) -> ResponseReturnValue:
    """Show a letter."""
    try:
        found = replies.read_letter(engine(), token=token, address=auth.address())
    except NotFound:
        return _unseen(render_template("replies/none.html"), 404)
    return _unseen(render_template("replies/letter.html", letter=found))


@blueprint.get("/helped/<token>")
@access.anyone
def helped_page(token: str) -> ResponseReturnValue:
    """Ask somebody without an account whether a plan that has ended helped."""
    try:
        replies.open_page(engine(), token=token, address=auth.address())
        return _helped(token, {}, {})
    except NotFound:
        return _unseen(render_template("replies/none.html"), 404)


@blueprint.post("/helped/<token>")
@access.anyone
def helped(token: str) -> ResponseReturnValue:
    """Keep what they answer."""
    said = {name: request.form.get(name, "") for name in ("helped", "said")}
    try:
        closing_words.say_on_page(engine(), token=token, address=auth.address(), **said)
    except Invalid as wrong:
        return _helped(token, request.form, {str(wrong.details.get("field") or "helped"): wrong.message}, 422)
    except NotFound:
        return _unseen(render_template("replies/none.html"), 404)
    return _unseen(render_template("replies/helped_thanks.html"))


def _helped(token: str, values: Mapping[str, str], errors: Mapping[str, str], status: int = 200) -> Response:
    found = closing_pages.page(engine(), token=token)
    page = render_template(
        "replies/helped.html", token=token, found=found, choices=HELPED.items(), values=values, errors=errors
    )
    return _unseen(page, status)


def _page(token: str, values: Mapping[str, str], errors: Mapping[str, str], status: int = 200) -> Response:
    found = reply_pages.read(engine(), token=token)
    known = {"reply": "" if found.reply == "none" else found.reply}
    return _unseen(
        render_template(
            "replies/page.html",
            token=token,
            found=found,
            when=moment(found.on, found.at),
            choices=FAMILY if found.family else PRACTITIONER,
            values={**known, **values},
            errors=errors,
        ),
        status,
    )


def _unseen(html: str, status: int = 200) -> Response:
    """Return a page that no search engine keeps."""
    response = make_response(html, status)
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response
