"""The colours of an authority, as a small style sheet that its pages load after the service's own."""

from __future__ import annotations

import re
from typing import Final, cast

from flask import Blueprint, Response, abort, g, url_for
from flask.typing import ResponseReturnValue

from engine.casework.looks import Look, shades
from engine.queries import authorities
from web import access
from web.current import engine

blueprint = Blueprint("looks", __name__)

_NAMED: Final = re.compile(r"([0-9a-f]{6}|own)-([0-9a-f]{6}|own)")
_PROPERTIES: Final = (
    ("brand", "--govuk-brand-colour"),
    ("link", "--govuk-link-colour"),
    ("link_hover", "--govuk-link-hover-colour"),
    ("surface", "--govuk-surface-background-colour"),
    ("surface", "--govuk-template-background-colour"),
    ("surface_border", "--govuk-surface-border-colour"),
)


@blueprint.get("/look/<named>.css")
@access.anyone
def sheet(named: str) -> ResponseReturnValue:
    """Send the colours that the address itself names: nothing of any authority is told by it."""
    found = _NAMED.fullmatch(named)
    if found is None:
        abort(404)
    brand, link = ("" if each == "own" else f"#{each}" for each in found.groups())
    made = shades(Look(brand=brand, link=link))
    lines = "".join(f"{name}:{value};" for part, name in _PROPERTIES if (value := getattr(made, part)))
    return Response(f":root{{{lines}}}", mimetype="text/css")


def of_page() -> Look:
    """Return how the page looks: as the authority of who is signed in, else as the one authority there is."""
    found = g.get("authority")
    if found is not None:
        return cast(Look, found.look)
    if "look" not in g:
        g.look = authorities.look_for_anybody(engine())
    return cast(Look, g.look)


def address(look: Look) -> str:
    """Return the address of the style sheet of a look; nothing when the service's own colours are kept."""
    if not (look.brand or look.link):
        return ""
    brand, link = (each.removeprefix("#") or "own" for each in (look.brand, look.link))
    return url_for("looks.sheet", named=f"{brand}-{link}")
