"""Who is asking: the session of each request, and signing in and out.

A session is a random token kept by the engine; the browser holds it in a cookie that scripts cannot read, a program
sends it as a bearer token. The JSON API never looks at cookies, so no other site can make a browser act there.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

import orjson
from flask import Blueprint, Flask, current_app, g, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response

from engine.commands import sessions as session_acts
from engine.queries import sessions
from web import access, current, errors, times

COOKIE = "caf_session"
REHEARSAL_COOKIE = "caf_rehearsal_session"
"""A browser shares cookies between the ports of a machine, and nobody is to be signed out by a rehearsal beside."""
BEARER = "Bearer "
# A field that belongs to the page, not to what the person typed.
_NOT_CARRIED = frozenset({"csrf_token"})

blueprint = Blueprint("session", __name__)


def install(app: Flask, *, secure: bool, rehearsal: bool) -> None:
    """Look up who is asking before every request of `app`, and turn away who may not enter."""
    app.config["CAF_SECURE_COOKIES"] = secure
    app.config["CAF_SESSION_COOKIE"] = REHEARSAL_COOKIE if rehearsal else COOKIE
    app.register_blueprint(blueprint)
    app.register_error_handler(CSRFError, _keep_what_was_typed)

    @app.before_request
    def identify() -> ResponseReturnValue | None:
        g.actor = None
        if request.endpoint == "static":
            return None
        token = token_sent()
        g.actor = sessions.actor_of(current.engine(), token) if token else None
        times.begin()
        return access.admit(app, _ask_to_sign_in) or _ask_for_own_password()


def token_sent() -> str | None:
    """Return the session token of this request: the header's under /api/, the cookie's on pages."""
    if request.path.startswith(errors.API_PREFIX):
        header = request.headers.get("Authorization", "")
        return header.removeprefix(BEARER) if header.startswith(BEARER) else None
    return request.cookies.get(current_app.config["CAF_SESSION_COOKIE"])


@blueprint.get("/sign-in")
@access.anyone
def sign_in_page() -> ResponseReturnValue:
    """Ask for a user name and password."""
    onward = _local(request.args.get("next"))
    return redirect(onward, 303) if current.actor_or_none() else _form(onward=onward)


@blueprint.post("/sign-in")
@access.anyone
def sign_in() -> ResponseReturnValue:
    """Open a session, then go on to what was asked for, with what had been typed there."""
    username, password = request.form.get("username", "").strip(), request.form.get("password", "")
    onward = _local(request.form.get("next"))
    if not username or not password:
        return _form(onward=onward, username=username, wrong="Enter your user name and your password")
    try:
        token = session_acts.sign_in(current.engine(), username=username, password=password).token
    except (session_acts.WrongSignIn, session_acts.TooManyTries) as error:
        return _form(onward=onward, username=username, wrong=error.message)
    session.clear()
    kept = _kept(request.form.get("carried"))
    page = render_template("session/carry_on.html", onward=onward, fields=kept) if kept else None
    response = make_response(page) if page else redirect(onward, 303)
    _set_cookie(response, token)
    return response


@blueprint.post("/sign-out")
@access.anyone
def sign_out() -> ResponseReturnValue:
    """End the session, here and on the server."""
    token = token_sent()
    if token and current.actor_or_none() is not None:
        session_acts.sign_out(current.engine(), token=token)
    session.clear()
    response = redirect(url_for("session.sign_in_page"), 303)
    response.delete_cookie(current_app.config["CAF_SESSION_COOKIE"])
    return response


def _ask_to_sign_in() -> ResponseReturnValue:
    """Send to the sign-in page; what was being sent when the session ended goes along, so that nothing is lost."""
    if request.path.startswith(errors.API_PREFIX):
        sentence = "Send a bearer token from POST /api/session."
        return errors.answer(errors.Problem(401, sentence, headers=errors.CHALLENGE))
    if request.method in ("GET", "HEAD"):
        wanted = request.full_path.rstrip("?")
        return redirect(url_for("session.sign_in_page", next=wanted if wanted != "/" else None), 303)
    return _form(onward=request.path, carried=_typed(), status=401)


def _keep_what_was_typed(_: CSRFError) -> ResponseReturnValue:
    """Keep what a page of ours sends after somebody signed out, or in again, in another tab: its token has gone.

    Only a page of ours: another site's form must not wait behind the sign-in page for a click.
    """
    if not _sent_by_our_page() or request.blueprint == blueprint.name:
        return errors.stale_form()
    token = token_sent()
    g.actor = sessions.actor_of(current.engine(), token) if token else None
    times.begin()
    if g.actor is None:
        return _ask_to_sign_in()
    return render_template("session/carry_on.html", onward=request.path, fields=_typed()), 400


def _sent_by_our_page() -> bool:
    """Tell whether the browser says so: no other site can make it. Our pages send no address of theirs along."""
    site = request.headers.get("Sec-Fetch-Site")
    return urlsplit(request.headers.get("Origin", "")).netloc == request.host if site is None else site == "same-origin"


def _typed() -> list[tuple[str, str]]:
    return [(name, value) for name, value in request.form.items(multi=True) if name not in _NOT_CARRIED]


def _ask_for_own_password() -> ResponseReturnValue | None:
    """Send who signed in with a password somebody gave them to choose their own; an alarm needs no password."""
    person = current.actor_or_none()
    if person is None or not person.password_once or request.blueprint in _OPEN_BEFORE or request.endpoint is None:
        return None
    if request.path.startswith(errors.API_PREFIX):
        return errors.answer(errors.Problem(403, "Choose your own password on your account's page first."))
    return redirect(url_for("account.page"), 303)


_OPEN_BEFORE = frozenset({"account", "session", "concerns", "help", "health"})

def _form(
    *,
    onward: str,
    username: str = "",
    wrong: str = "",
    carried: Sequence[tuple[str, str]] = (),
    status: int | None = None,
) -> ResponseReturnValue:
    text = orjson.dumps(carried).decode() if carried else request.form.get("carried", "")
    page = render_template("session/sign_in.html", onward=onward, username=username, wrong=wrong, carried=text)
    return page, status or (422 if wrong else 200)


def _kept(text: str | None) -> list[tuple[str, str]]:
    if not text:
        return []
    try:
        pairs = orjson.loads(text)
        return [(name, value) for name, value in pairs if isinstance(name, str) and isinstance(value, str)]
    except (ValueError, TypeError):
        return []


def _local(address: str | None) -> str:
    """Return `address` when it stays on this site, else the first page."""
    parts = urlsplit(address or "")
    local = not parts.scheme and not parts.netloc and parts.path.startswith("/") and "\\" not in parts.path
    return str(address) if local and not parts.path.startswith("//") else "/"


def _set_cookie(response: Response, token: str) -> None:
    secure = bool(current_app.config["CAF_SECURE_COOKIES"])
    name = current_app.config["CAF_SESSION_COOKIE"]
    response.set_cookie(name, token, httponly=True, samesite="Lax", secure=secure, path="/")
