"""Sign in and out with a token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from engine.commands import sessions
from web import access, auth
from web.api.routes import Routes
from web.current import engine
from web.schemas import Sent

routes = Routes("session", under="/api/session", about="Sign in and out")


class SignIn(Sent):
    """Who signs in."""

    username = fields.String(required=True)
    password = fields.String(required=True, load_only=True)


class Token(Sent):
    """What to send as `Authorization: Bearer TOKEN`."""

    token = fields.String(required=True)


@routes.route("POST", "", takes=SignIn, gives=Token, public=True)
@access.anyone
def sign_in(sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """Open a session and return its token."""
    return {"token": sessions.sign_in(engine(), username=sent["username"], password=sent["password"]).token}


@routes.route("DELETE", "", status=204)
@access.signed_in
def sign_out() -> None:
    """End the session of the token sent."""
    sessions.sign_out(engine(), token=auth.token_sent() or "")
