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
from engine.queries import sessions, sign_in_settings
from web import access, current, errors, single_sign_on, times

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
        return access.admit(app, _ask_to_sign_in) or _ask_for_what_is_due()


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
        signed = session_acts.sign_in(current.engine(), username=username, password=password, address=address())
    except (session_acts.WrongSignIn, session_acts.TooManyTries) as error:
        return _form(onward=onward, username=username, wrong=error.message)
    session.clear()
    if signed.code_due:
        response = make_response(_code_form(onward))
        _set_cookie(response, signed.token, name=_code_cookie(), path=url_for("session.give_code"))
        return response
    return go_on(signed.token, onward)


@blueprint.post("/sign-in/code")
@access.anyone
def give_code() -> ResponseReturnValue:
    """Open the session that a right password waits for, with the code of the second factor."""
    onward, code = _local(request.form.get("next")), request.form.get("code", "").strip()
    if not code:
        return _code_form(onward, wrong="Enter the code that your phone shows, or a recovery code"), 422
    token = request.cookies.get(_code_cookie(), "")
    try:
        signed = session_acts.give_code(current.engine(), token=token, code=code[:50], address=address())
    except session_acts.WrongCode as error:
        return _code_form(onward, wrong=error.message), 422
    except (session_acts.WrongSignIn, session_acts.TooManyTries) as error:
        return _form(onward=onward, wrong=error.message)
    session.clear()
    response = go_on(signed.token, onward)
    response.delete_cookie(_code_cookie(), path=url_for("session.give_code"))
    return response


@blueprint.post("/sign-in/carry-on")
@access.anyone
def carry_on() -> ResponseReturnValue:
    """Go on with what was typed, for who has signed in with their organisation in another tab."""
    return _carried_on()


def go_on(token: str, onward: str) -> Response:
    """Give the browser its session, and go on to `onward`; with what had been typed there, when something was."""
    kept = _kept(request.form.get("carried"))
    page = render_template("session/carry_on.html", onward=onward, fields=kept) if kept else None
    response = make_response(page) if page else make_response(redirect(onward, 303))
    _set_cookie(response, token)
    return response


def address() -> str:
    """Return the network address of who asks; empty when only the proxy before us is known, which all come through."""
    settings, found = current.engine().settings, request.remote_addr or ""
    return "" if not settings.proxies and found in ("127.0.0.1", "::1") else found


def local_address(wanted: str | None) -> str:
    """Return `wanted` when it stays on this site, else the first page."""
    return _local(wanted)


@blueprint.post("/sign-out")
@access.anyone
def sign_out() -> ResponseReturnValue:
    """End the session, here and on the server."""
    token = token_sent()
    outside = False
    if token and current.actor_or_none() is not None:
        outside = sign_in_settings.is_outside(current.engine(), token=token)
        session_acts.sign_out(current.engine(), token=token)
    session.clear()
    g.actor = None
    elsewhere = single_sign_on.way_out() if outside else None
    page = render_template("session/signed_out.html", elsewhere=elsewhere) if elsewhere else None
    response = make_response(page) if page else make_response(redirect(url_for("session.sign_in_page"), 303))
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
    carries_on = request.endpoint == "session.carry_on"
    if not _sent_by_our_page() or (request.blueprint == blueprint.name and not carries_on):
        return errors.stale_form()
    token = token_sent()
    g.actor = sessions.actor_of(current.engine(), token) if token else None
    times.begin()
    if carries_on:
        return _carried_on()
    if g.actor is None:
        return _ask_to_sign_in()
    return render_template("session/carry_on.html", onward=request.path, fields=_typed()), 400


def _sent_by_our_page() -> bool:
    """Tell whether the browser says so: no other site can make it. Our pages send no address of theirs along."""
    site = request.headers.get("Sec-Fetch-Site")
    return urlsplit(request.headers.get("Origin", "")).netloc == request.host if site is None else site == "same-origin"


def _typed() -> list[tuple[str, str]]:
    return [(name, value) for name, value in request.form.items(multi=True) if name not in _NOT_CARRIED]


def _carried_on() -> ResponseReturnValue:
    onward, kept = _local(request.form.get("next")), _kept(request.form.get("carried"))
    if current.actor_or_none() is None:
        return _form(onward=onward, wrong="You are not signed in yet", status=401)
    if not kept:
        return redirect(onward, 303)
    return render_template("session/carry_on.html", onward=onward, fields=kept)


def _ask_for_what_is_due() -> ResponseReturnValue | None:
    """Send who has a password somebody gave them, or no second factor though their role needs one, to put that right.

    An alarm needs neither.
    """
    person = current.actor_or_none()
    if person is None or request.blueprint in _OPEN_BEFORE or request.endpoint is None:
        return None
    if person.password_once:
        said, page = "Choose your own password on your account's page first.", "account.page"
    elif person.factor_due:
        said, page = "Set up your second factor on your account's page first.", "account.second_factor"
    else:
        return None
    if request.path.startswith(errors.API_PREFIX):
        return errors.answer(errors.Problem(403, said))
    return redirect(url_for(page), 303)


_OPEN_BEFORE = frozenset({"account", "session", "single_sign_on", "concerns", "help", "health"})


def _code_form(onward: str, *, wrong: str = "") -> str:
    carried = request.form.get("carried", "")
    return render_template("session/code.html", onward=onward, carried=carried, errors={"code": wrong} if wrong else {})


def _form(
    *,
    onward: str,
    username: str = "",
    wrong: str = "",
    carried: Sequence[tuple[str, str]] = (),
    status: int | None = None,
) -> ResponseReturnValue:
    text = orjson.dumps(carried).decode() if carried else request.form.get("carried", "")
    page = render_template(
        "session/sign_in.html",
        onward=onward,
        username=username,
        wrong=wrong,
        carried=text,
        organisation=single_sign_on.called(),
    )
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


def _code_cookie() -> str:
    return f"{current_app.config['CAF_SESSION_COOKIE']}_code"


def _set_cookie(response: Response, token: str, *, name: str = "", path: str = "/") -> None:
    secure = bool(current_app.config["CAF_SECURE_COOKIES"])
    called = name or current_app.config["CAF_SESSION_COOKIE"]
    response.set_cookie(called, token, httponly=True, samesite="Lax", secure=secure, path=path)
