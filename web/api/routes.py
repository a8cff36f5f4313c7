"""Routes of the API: flask-smorest's decorators behind one with types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import request
from flask_smorest import Blueprint  # type: ignore[import-untyped]
from marshmallow import RAISE, Schema

View = TypeVar("View", bound=Callable[..., Any])
Described = Schema | type[Schema]


class Routes:
    """The routes under one address. `blueprint` is what the application registers."""

    def __init__(self, name: str, *, under: str, about: str) -> None:
        self.blueprint: Any = Blueprint(f"api-{name}", __name__, url_prefix=under, description=about)

    def route(
        self,
        method: str,
        path: str,
        *,
        takes: Described | None = None,
        place: str = "json",
        gives: Described | None = None,
        status: int = 200,
        public: bool = False,
    ) -> Callable[[View], View]:
        """Register a view: it is given what `takes` loaded from `place`, and answers with what `gives` dumps.

        Goes above the decorator that says who may use the route. `public` only describes it as open.
        """

        def register(view: View) -> View:
            wrapped: Any = view
            if takes is not None:
                wrapped = self.blueprint.arguments(takes, location=place, unknown=RAISE)(wrapped)
            wrapped = self.blueprint.response(status, gives)(wrapped)
            if public:
                wrapped = self.blueprint.doc(security=[])(wrapped)
            self.blueprint.route(path, methods=[method])(wrapped)
            return view

        return register


def with_link(page: Any) -> tuple[Any, Mapping[str, str]]:
    """Return a page of a list with the address of the page after, as RFC 8288 links it; none at the end."""
    if page.next is None:
        return page, {}
    onward = {**request.args.to_dict(), "after": str(page.next)}
    return page, {"Link": f'<{request.path}?{urlencode(onward)}>; rel="next"'}
