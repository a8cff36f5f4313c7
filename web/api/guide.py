"""The page that explains the JSON API and lets it be tried out. A page like others: it is under /help, not /api."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from web import access

blueprint = Blueprint("api_guide", __name__)


@blueprint.get("/help/api")
@access.signed_in
def page() -> ResponseReturnValue:
    """Show how to ask the API, and all that it takes and gives."""
    return render_template("api.html")
