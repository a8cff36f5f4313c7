"""How the service works, in words."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from web import access

blueprint = Blueprint("help", __name__)


@blueprint.get("/help")
@access.signed_in
def page() -> ResponseReturnValue:
    """Show the help."""
    return render_template("help.html")
