"""Routes of the API: flask-smorest's decorators behind one with types."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

from flask import request
from flask_smorest import Blueprint  # type: ignore[import-untyped]
from marshmallow import RAISE, Schema
from webargs import missing
from webargs.flaskparser import FlaskParser, abort, is_json_request
from werkzeug.exceptions import UnsupportedMediaType

from engine.errors import Invalid, shown
from engine.strict_json import NoNumber, read_unchecked

View = TypeVar("View", bound=Callable[..., Any])
DEEPEST: Final = 60
LONGEST_SHOWN: Final = 100
_FILES: Final = "multipart/form-data"
_TOO_DEEP: Final = f"What was sent is nested deeper than {DEEPEST} levels; nothing here needs that"
_HALF: Final = re.compile("[\ud800-\udfff]")
_HALF_SAID: Final = "This holds half of a surrogate pair, which is not a character; send the whole text again"
Described = Schema | type[Schema]


class _Parser(FlaskParser):
    """webargs' parser, but what nobody could keep or walk through, or can be read in two ways, is refused in words.

    So is content of another type than the route reads.
    """

    def load_json(self, req: Any, schema: Schema) -> Any:
        """Return the JSON that was sent.

        Raises `Invalid` when it is no object, is nested too deep or holds half a character or a number that cannot be
        kept, `BadRequest` when it is no JSON or names something twice, `UnsupportedMediaType` when it does not say
        that it is JSON.
        """
        if _sends_something(req) and not is_json_request(req):
            raise UnsupportedMediaType(f"Send JSON, with Content-Type: application/json{_not_as(req)}")
        try:
            sent = super().load_json(req, schema)
        except RecursionError as error:
            raise Invalid(_TOO_DEEP) from error
        _require_keepable(sent)  # first: Python 3.13 reads deeper before it gives up
        if sent is not missing and not schema.many and not isinstance(sent, dict):
            raise Invalid("The body must be an object")
        return sent

    def load_files(self, req: Any, schema: Schema) -> Any:
        """Return the files that were sent. Raises `UnsupportedMediaType` when they are sent as anything else."""
        if _sends_something(req) and req.mimetype != _FILES:
            raise UnsupportedMediaType(f"Send the file as a part named file, with Content-Type: {_FILES}{_not_as(req)}")
        return super().load_files(req, schema)

    def _raw_load_json(self, req: Any) -> Any:
        if not is_json_request(req):
            return missing
        return read_unchecked(req.get_data(cache=True).decode(), pairs=_each_once)


def _sends_something(req: Any) -> bool:
    return bool(req.mimetype or req.content_length)


def _not_as(req: Any) -> str:
    return f", not {shown(req.mimetype)}." if req.mimetype else "."


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object's values by name; which of two would be meant, nobody can say."""
    whole = dict(pairs)
    if len(whole) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        shown = twice.encode(errors="replace").decode()[:LONGEST_SHOWN]
        abort(400, messages={"json": {shown: ["This is given twice in one object"]}})
    return whole


def _require_keepable(sent: Any) -> None:
    """Walk through without recursion, as what was sent may be nested deeper than Python can follow."""
    waiting = [(sent, "", 0)]
    while waiting:
        value, path, depth = waiting.pop()
        if depth > DEEPEST:
            raise Invalid(_TOO_DEEP)
        if isinstance(value, str) and _HALF.search(value):
            raise Invalid(_HALF_SAID, errors={path or "text": _HALF_SAID})
        if isinstance(value, NoNumber):
            said = f"{shown(value)} is no number that can be kept"
            raise Invalid(said, errors={path or "number": said})
        if isinstance(value, dict):
            if _HALF.search("".join(value)):
                raise Invalid(_HALF_SAID, errors={path or "name": _HALF_SAID})
            waiting += [(each, f"{path}.{name}".lstrip("."), depth + 1) for name, each in value.items()]
        elif isinstance(value, list):
            waiting += [(each, f"{path}[{number}]", depth + 1) for number, each in enumerate(value)]


class _Blueprint(Blueprint):  # type: ignore[misc]
    ARGUMENTS_PARSER = _Parser()


class Routes:
    """The routes under one address. `blueprint` is what the application registers."""

    def __init__(self, name: str, *, under: str, about: str) -> None:
        self.blueprint: Any = _Blueprint(f"api-{name}", __name__, url_prefix=under, description=about)

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

        Goes above the decorator that says who may use the route. `public` only describes it as open. The view's name
        is the `operationId`, which programs that others generate call it by.
        """

        def register(view: View) -> View:
            wrapped: Any = view
            if takes is not None:
                wrapped = self.blueprint.arguments(takes, location=place, unknown=RAISE)(wrapped)
            wrapped = self.blueprint.response(status, gives)(wrapped)
            described: dict[str, Any] = {"operationId": view.__name__}
            if public:
                described["security"] = []
            wrapped = self.blueprint.doc(**described)(wrapped)
            self.blueprint.route(path, methods=[method])(wrapped)
            return view

        return register


def with_link(page: Any) -> tuple[Any, Mapping[str, str]]:
    """Return a page of a list with the address of the page after, as RFC 8288 links it; none at the end."""
    if page.next is None:
        return page, {}
    onward = {**request.args.to_dict(), "after": str(page.next)}
    return page, {"Link": f'<{request.path}?{urlencode(onward)}>; rel="next"'}
