"""Who is asking: the session of each request, and signing in and out.

A session is a random token kept by the engine; the browser holds it in a cookie that scripts cannot read, a program
sends it as a bearer token. The JSON API never looks at cookies, so no other site can make a browser act there.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Flask, current_app, g, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response

from engine.commands import sessions as session_acts
from engine.queries import sessions, sign_in_settings
from web import access, carried, current, errors, single_sign_on, times

COOKIE = "caf_session"
REHEARSAL_COOKIE = "caf_rehearsal_session"
"""A browser shares cookies between the ports of a machine, and nobody is to be signed out by a rehearsal beside."""
BEARER = "Bearer "

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
        _look_up(token_sent())
        return _refuse_anothers_page() or access.admit(app, _ask_to_sign_in) or _ask_for_what_is_due()


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
    kept = request.form.get("carried")
    if carried.unlocked(kept):
        _look_up(token)
    response = make_response(with_what_was_kept(onward, kept) or redirect(onward, 303))
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
    """End the session, here and on the server; what another person typed there goes on waiting for them."""
    token = token_sent()
    outside = False
    if token and current.actor_or_none() is not None:
        outside = sign_in_settings.is_outside(current.engine(), token=token)
        session_acts.sign_out(current.engine(), token=token)
    session.clear()
    g.actor = None
    elsewhere = single_sign_on.way_out() if outside else None
    page: ResponseReturnValue = redirect(url_for("session.sign_in_page"), 303)
    if carried.unlocked(request.form.get("carried")):
        page = _form(onward=_local(request.form.get("next")), handed_back=True)
    elif elsewhere:
        page = render_template("session/signed_out.html", elsewhere=elsewhere)
    response = make_response(page)
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
    return _form(onward=request.path, kept=carried.locked(carried.made_for()), status=401)


def _keep_what_was_typed(_: CSRFError) -> ResponseReturnValue:
    """Keep what a page of ours sends after somebody signed out, or in again, in another tab: its token has gone.

    Only a page of ours: another site's form must not wait behind the sign-in page for a click.
    """
    carries_on = request.endpoint == "session.carry_on"
    if request.endpoint in ("session.sign_in", "session.give_code"):
        return _form(onward=_local(request.form.get("next")), wrong=_OPEN_TOO_LONG, status=400)
    if not carried.sent_by_our_page() or (request.blueprint == blueprint.name and not carries_on):
        return errors.stale_form()
    _look_up(token_sent())
    if carries_on:
        return _carried_on()
    if g.actor is None:
        return _ask_to_sign_in()
    if carried.made_for() is None:
        return errors.stale_form()
    return _refuse_anothers_page() or (_carry_on(request.path, carried.typed()), 400)


_OPEN_TOO_LONG = "This page had been open too long. Enter your user name and your password again"


def _look_up(token: str | None) -> None:
    """Keep who is asking for this request; the forms of its page are theirs."""
    found = sessions.signed_in(current.engine(), token) if token else None
    g.actor = None
    if found is not None:
        g.actor = found.reader if request.method in ("GET", "HEAD") else found.actor
        times.begin(found.authority)
        g.to_judge = found.to_judge
    if g.actor is not None and not request.path.startswith(errors.API_PREFIX):
        carried.make_forms_theirs(g.actor)


def _refuse_anothers_page() -> ResponseReturnValue | None:
    """Turn away the form of a page that was made for somebody else: their words would be sent under this name."""
    person = current.actor_or_none()
    sends = request.method == "POST" and not request.path.startswith(errors.API_PREFIX)
    if person is None or not sends or request.blueprint == blueprint.name:
        return None
    whose = carried.made_for()
    return None if whose in (None, person.account_id) else (_anothers(request.path, carried.locked(whose)), 403)


def _carried_on() -> ResponseReturnValue:
    onward = _local(request.form.get("next"))
    if current.actor_or_none() is None:
        return _form(onward=onward, wrong="You are not signed in yet", status=401)
    return with_what_was_kept(onward, request.form.get("carried")) or redirect(onward, 303)


def with_what_was_kept(onward: str, kept: str | None) -> str | None:
    """Return the page that goes on with what was kept, for who typed it; None when nothing was."""
    found = carried.unlocked(kept)
    if found is None:
        return None
    whose, fields = found
    return _carry_on(onward, fields) if whose == current.actor().account_id else _anothers(onward, str(kept))


def _carry_on(onward: str, fields: carried.Fields) -> str:
    return render_template("session/carry_on.html", onward=onward, fields=fields)


def _anothers(onward: str, kept: str) -> str:
    return render_template("session/anothers.html", onward=onward, carried=kept)


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
    kept = request.form.get("carried", "")
    return render_template("session/code.html", onward=onward, carried=kept, errors={"code": wrong} if wrong else {})


def _form(
    *,
    onward: str,
    username: str = "",
    wrong: str = "",
    kept: str = "",
    handed_back: bool = False,
    status: int | None = None,
) -> ResponseReturnValue:
    page = render_template(
        "session/sign_in.html",
        onward=onward,
        username=username,
        wrong=wrong,
        carried=kept or request.form.get("carried", ""),
        handed_back=handed_back,
        organisation=single_sign_on.called(),
    )
    return page, status or (422 if wrong else 200)


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
