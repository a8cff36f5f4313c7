"""Headers on every answer: what a browser may load, frame, guess, keep or tell others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from flask import Flask, Response, request

View = TypeVar("View", bound=Callable[..., Any])

# `data:` images are the small marks inside the style sheets; nothing else leaves our own files.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

# The editors of diagrams, tables and forms place what they draw by style attributes; they set none from a file's text.
EDITORS_POLICY: Final = f"{CONTENT_SECURITY_POLICY}; style-src-attr 'unsafe-inline'"
_EDITOR = "__caf_editor__"

_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
ASSET_SECONDS = 3600
_KEPT = ("static", "looks.sheet")
"""Routes whose answers hold nothing of anybody: a browser may keep them."""


def for_editors(view: View) -> View:
    """Let the page of a route set style attributes; every other rule stays as it is everywhere."""
    setattr(view, _EDITOR, True)
    return view


def protect(app: Flask, *, secure: bool) -> None:
    """Set the headers on every answer of `app`; `secure` adds HTTPS-only for a year."""

    @app.after_request
    def set_headers(response: Response) -> Response:
        if getattr(app.view_functions.get(request.endpoint or ""), _EDITOR, False):
            response.headers.setdefault("Content-Security-Policy", EDITORS_POLICY)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        if secure:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if request.endpoint in _KEPT:
            response.cache_control.no_cache = None
            response.cache_control.max_age = ASSET_SECONDS
        else:
            # Pages hold children's records: no copy stays on a shared computer.
            response.headers["Cache-Control"] = "no-store"
        return response
