"""Sign in and out with a token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields

from engine.commands import sessions
from web import access, auth
from web.current import engine
from web.schemas import Sent

blueprint = Blueprint("api-session", __name__, url_prefix="/api/session", description="Sign in and out")


class SignIn(Sent):
    """Who signs in."""

    username = fields.String(required=True)
    password = fields.String(required=True, load_only=True)


class Token(Sent):
    """What to send as `Authorization: Bearer TOKEN`."""

    token = fields.String(required=True)


@blueprint.route("", methods=["POST"])
@access.anyone
@blueprint.arguments(SignIn)
@blueprint.response(200, Token)
@blueprint.doc(security=[])
def sign_in(sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """Open a session and return its token."""
    return {"token": sessions.sign_in(engine(), username=sent["username"], password=sent["password"]).token}


@blueprint.route("", methods=["DELETE"])
@access.signed_in
@blueprint.response(204)
def sign_out() -> None:
    """End the session of the token sent."""
    sessions.sign_out(engine(), token=auth.token_sent() or "")
