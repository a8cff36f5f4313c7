"""Sign in and out with a token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

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
    code = fields.String(
        load_default="",
        load_only=True,
        validate=validate.Length(max=50),
        metadata={"description": "The code of the second factor, for who has one"},
    )


class Token(Sent):
    """What to send as `Authorization: Bearer TOKEN`."""

    token = fields.String(required=True)


@routes.route("POST", "", takes=SignIn, gives=Token, public=True)
@access.anyone
def sign_in(sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """Open a session and return its token."""
    signed = sessions.sign_in(engine(), **sent, address=auth.address())
    if signed.code_due:
        sessions.sign_out(engine(), token=signed.token)
        raise sessions.CodeNeeded("Send the code of your second factor too, as `code`")
    return {"token": signed.token}


@routes.route("DELETE", "", status=204)
@access.signed_in
def sign_out() -> None:
    """End the session of the token sent."""
    sessions.sign_out(engine(), token=auth.token_sent() or "")
