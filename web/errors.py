"""Each family of engine error becomes one status, in one place: a page for people, problem details for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

import orjson
from flask import Flask, Response, g, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, HTTPException, UnprocessableEntity

from engine.casework.looks import OWN
from engine.commands.outside_identities import NotKnown, NotVouchedFor
from engine.commands.sessions import CodeNeeded, TooManyTries, WrongCode, WrongSignIn
from engine.errors import ChildKnown, Conflict, EngineError, Invalid, KeyUsed, NotFound, NotPermitted, Unavailable
from web import logs

API_PREFIX = "/api/"
PROBLEM_TYPE = "application/problem+json"

CHALLENGE = {"WWW-Authenticate": "Bearer"}
"""What HTTP asks of every 401."""

# The first that fits counts: a fact before its family.
_STATUS: Mapping[type[EngineError], int] = {
    WrongSignIn: 401,
    WrongCode: 401,
    CodeNeeded: 401,
    NotFound: 404,
    NotPermitted: 403,
    Conflict: 409,
    Invalid: 422,
    TooManyTries: 429,
    Unavailable: 503,
}
_TITLES = {
    400: "We could not read that",
    401: "You need to sign in",
    403: "You cannot do this",
    404: "Page not found",
    405: "That cannot be done here",
    409: "Somebody else got there first",
    413: "That is too big to send",
    415: "That kind of content cannot be read",
    422: "Something needs changing",
    429: "Too many tries",
    500: "Something went wrong on our side",
    503: "Not available just now",
}
_SENTENCES = {
    400: "Go back, check what you entered, and send it again.",
    401: "Send a bearer token from POST /api/session.",
    404: "If you typed the address, check it. If you followed a link, the record may have been closed to you.",
    405: "Go back and use the buttons on the page.",
    413: "The file is too large, or there are too many at once. Nothing was sent. Go back and send fewer or smaller "
    "files; your browser may not have kept what else you typed there.",
    500: "Nothing you entered before has been lost. Go back and try again. If it happens again, "
    "tell your administrator the reference below.",
}


SENT_BEFORE = "You sent this page before, and it says something else now. Nothing was sent this time."
NOT_DONE = "This could not be done"
_TITLES_FOR_PROGRAMS = {401: "A token is needed", 404: "There is no such thing", 405: "Not by this method"}
_HEADINGS: Mapping[type[EngineError], str] = {
    KeyUsed: "Sent before",
    ChildKnown: "This child is known",
    WrongSignIn: "That sign-in is not right",
    NotKnown: "There is no account for you here",
    NotVouchedFor: "You are not signed in",
    CodeNeeded: "A code is needed",
}
_SENTENCES_FOR_PROGRAMS = {
    400: "Send JSON that can be read (RFC 8259) in UTF-8, with Content-Type: application/json.",
    404: "There is nothing at this address. GET /api/openapi.json describes every address there is.",
    405: "This address does not take this method; Allow names those that it takes.",
    422: "What was sent does not fit; `errors` says what is wrong with which field.",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong, as both kinds of answer need it.

    `errors` maps a field to what is wrong with it; `findings` are those of files that were refused. `known` tells that
    a child has an open case already, and that the same may be sent again saying that this was seen. `back` is the
    address of the page to go on from, empty when that is not known.
    """

    status: int
    sentence: str
    errors: Mapping[str, Any] = field(default_factory=dict)
    findings: Sequence[Mapping[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    heading: str = ""
    known: bool = False
    back: str = ""

    @property
    def title(self) -> str:
        """Return the heading: its own, or that for this status."""
        return self.heading or _TITLES.get(self.status, "That did not work")


def status_of(error: EngineError) -> int:
    """Return the HTTP status of the family `error` belongs to; 500 for one of no family."""
    return next((status for family, status in _STATUS.items() if isinstance(error, family)), 500)


def install(app: Flask) -> None:
    """Answer every error of `app` in our words, never with a stack trace."""
    app.register_error_handler(EngineError, _engine_error)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Exception, _unexpected)


def answer(problem: Problem) -> ResponseReturnValue:
    """Answer with `problem` as the asker can read it: a page, or problem details (RFC 9457) under /api/."""
    if request.path.startswith(API_PREFIX):
        return _problem_details(problem)
    # A page that says what went wrong asks the database for nothing: it may be what is away.
    g.setdefault("look", OWN)
    page = render_template("errors/problem.html", problem=problem, reference=g.get("request_id", "-"))
    return page, problem.status, dict(problem.headers)


def http_error(error: HTTPException) -> ResponseReturnValue:
    """Answer an error that Flask, Werkzeug or webargs raised."""
    if error.code is None or error.code < 400:
        return error.get_response()
    headers = {"Allow": error.get_response().headers["Allow"]} if error.code == 405 else {}
    sentence = _SENTENCES.get(error.code, error.description or "")
    if request.path.startswith(API_PREFIX):
        sentence = _SENTENCES_FOR_PROGRAMS.get(error.code, sentence)
    return answer(Problem(error.code, sentence, errors=_messages(error), headers=headers))


def _engine_error(error: EngineError) -> ResponseReturnValue:
    status = status_of(error)
    if status == 500:
        logs.failure()
    return answer(
        Problem(
            status,
            _used(error) if isinstance(error, KeyUsed) else error.message,
            errors=_field_errors(error),
            findings=_findings(error),
            headers=CHALLENGE if status == 401 else {},
            heading=_heading(error),
            known=isinstance(error, ChildKnown),
        )
    )


def _heading(error: EngineError) -> str:
    """Return the heading of an error's own, or of what was sent to a page that is not there; else empty."""
    is_sent = isinstance(error, NotFound) and request.method == "POST" and not request.path.startswith(API_PREFIX)
    return _HEADINGS.get(type(error), NOT_DONE if is_sent else "")


def _used(error: KeyUsed) -> str:
    """Say it to a program; or to a person, who knows nothing of keys."""
    return error.message if request.path.startswith(API_PREFIX) else f"{SENT_BEFORE} Open the page again to send it."


def stale_form() -> ResponseReturnValue:
    """Answer a form without a token that is good."""
    sentence = (
        "You had it open for a long time, or signed out and in again meanwhile, so it could not be sent safely. "
        "Nothing was sent and nothing was changed. Press Back in your browser: what you typed may still be there, and "
        "can be copied into the page when you open it again."
    )
    return answer(Problem(400, sentence, heading="This page was open too long", back=_page_before()))


def _page_before() -> str:
    """Return the address of our own page that a form was sent from; empty when that is not known."""
    came = urlsplit(request.referrer or "")
    return came.path if came.netloc == request.host and came.path.startswith("/") else ""


def _unexpected(error: Exception) -> ResponseReturnValue:
    if isinstance(error, HTTPException):
        return http_error(error)
    logs.failure()
    return answer(Problem(500, _SENTENCES[500]))


def _messages(error: HTTPException) -> Mapping[str, Any]:
    data = getattr(error, "data", None) or {}
    found = data.get("messages") or data.get("errors") or {}
    if isinstance(error, UnprocessableEntity | BadRequest) and isinstance(found, Mapping):
        # webargs nests the fields under where they were found: json, query, files.
        return {name: text for place in found.values() if isinstance(place, Mapping) for name, text in place.items()}
    return {}


def _field_errors(error: EngineError) -> Mapping[str, Any]:
    errors = getattr(error, "errors", None) or error.details.get("errors")
    if isinstance(errors, Mapping):
        return dict(errors)
    # A page says the sentence itself; a program looks for the field.
    field = error.details.get("field") if request.path.startswith(API_PREFIX) else None
    return {str(field): error.message} if field else {}


def _findings(error: EngineError) -> list[dict[str, str]]:
    return [asdict(finding) for finding in getattr(error, "findings", ())]


def _problem_details(problem: Problem) -> Response:
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": problem.heading or _TITLES_FOR_PROGRAMS.get(problem.status, problem.title),
        "status": problem.status,
        "detail": problem.sentence,
        "reference": g.get("request_id", "-"),
    }
    if problem.errors:
        body["errors"] = dict(_by_path(problem.errors, ""))
    if problem.findings:
        body["findings"] = problem.findings
    if problem.known:
        body["known"] = True
    response = Response(status=problem.status, mimetype=PROBLEM_TYPE, headers=dict(problem.headers))
    response.set_data(_json(body))
    return response


def _json(body: Mapping[str, Any]) -> bytes:
    return orjson.dumps(body, default=str, option=orjson.OPT_NON_STR_KEYS)


def _by_path(messages: Any, path: str) -> Iterator[tuple[str, str]]:
    """Give the first sentence on each field, by its path: `family[0].name`."""
    if isinstance(messages, Mapping):
        for key, inside in messages.items():
            deeper = f"{path}[{key}]" if str(key).isdecimal() else f"{path}.{key}" if path else str(key)
            yield from _by_path(inside, path if key == "_schema" else deeper)
    elif isinstance(messages, list):
        yield path, str(messages[0]) if messages else "This cannot be accepted"
    else:
        yield path, str(messages)
