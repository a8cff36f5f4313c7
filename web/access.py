"""Who may use a route: said beside the route by a decorator, and denied when nothing is said.

The engine checks every act and read again; this is the outer door.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, request
from flask.typing import ResponseReturnValue

from engine.casework.permissions import Actor
from engine.errors import NotPermitted
from web import current

View = TypeVar("View", bound=Callable[..., Any])
May = Callable[[Actor], bool]

_MARK = "__caf_access__"
# Routes that libraries add: files without personal data.
_FRAMEWORK_ENDPOINTS = frozenset({"static", "api-docs.openapi_json"})


@dataclass(frozen=True, slots=True)
class Access:
    """Who a route is for: anyone at all, or people signed in whom `may` accepts (one of `casework.permissions`)."""

    public: bool = False
    may: May | None = None


class UnmarkedRoute(Exception):
    """A route that does not say who may use it; stops the application from starting."""


def anyone(view: View) -> View:
    """Mark a route as open to people who are not signed in."""
    return _mark(view, Access(public=True))


def signed_in(view: View) -> View:
    """Mark a route as open to everyone signed in."""
    return _mark(view, Access())


def for_those(may: May) -> Callable[[View], View]:
    """Mark a route as open to the people signed in whom `may` accepts."""
    return lambda view: _mark(view, Access(may=may))


def require_marks(app: Flask) -> None:
    """Check that every route of `app` says who may use it.

    Raises `UnmarkedRoute` naming those that do not.
    """
    unmarked = sorted(rule.endpoint for rule in app.url_map.iter_rules() if access_of(app, rule.endpoint) is None)
    if unmarked:
        raise UnmarkedRoute(f"Routes that do not say who may use them: {', '.join(unmarked)}")


def access_of(app: Flask, endpoint: str) -> Access | None:
    """Return who may use `endpoint`, or None when its view does not say."""
    if endpoint in _FRAMEWORK_ENDPOINTS:
        return Access(public=True)
    view = app.view_functions[endpoint]
    return getattr(view, _MARK, None) or getattr(getattr(view, "view_class", None), _MARK, None)


def admit(app: Flask, when_signed_out: Callable[[], ResponseReturnValue]) -> ResponseReturnValue | None:
    """Let the current request through (None), or answer it with `when_signed_out()`.

    Raises `NotPermitted` when the route is not for the person signed in.
    """
    if request.endpoint is None:  # no such address: the 404 page needs nobody
        return None
    access = access_of(app, request.endpoint)
    if access is None:
        raise NotPermitted("This is not open to anybody")
    if access.public:
        return None
    person = current.actor_or_none()
    if person is None:
        return when_signed_out()
    if access.may is not None and not access.may(person):
        raise NotPermitted("Your role does not include this. Ask your administrator if you need it.")
    return None


def _mark(view: View, access: Access) -> View:
    setattr(view, _MARK, access)
    return view
