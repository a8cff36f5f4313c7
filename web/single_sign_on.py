"""Sign in with the organisation one works for, by OpenID Connect: code flow with PKCE, state and nonce."""

from __future__ import annotations

import secrets
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth, OAuthError
from flask import Blueprint, Flask, current_app, request, session, url_for
from flask.typing import ResponseReturnValue
from joserfc.errors import JoseError

from engine.commands import outside_identities
from engine.commands.outside_identities import Identity, NotVouchedFor
from engine.errors import NotFound, Unavailable
from engine.settings import SingleSignOn
from web import access, auth, current

blueprint = Blueprint("single_sign_on", __name__, url_prefix="/sign-in/organisation")
SECONDS: Final = 10
"""How long an answer of the organisation is waited for."""
SIGNED_WITH: Final = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"}
)
"""How an organisation may sign who somebody is: with a key of its own, never with none and never with our secret."""
AWAY: Final = (
    "Your organisation's sign-in does not answer. Try again in a few minutes, or sign in another way if you have a "
    "password of this service."
)
CANCELLED: Final = "Signing in with your organisation was cancelled, or it did not let you in."
NOT_PROVED: Final = "Signing in with your organisation did not work, or took too long."
_CLIENT: Final = "caf_single_sign_on"
_ONWARD: Final = "organisation_onward"


def install(app: Flask) -> None:
    """Offer single sign-on when the settings name an organisation."""
    settings = app.extensions[current.ENGINE].settings.single_sign_on
    app.extensions[_CLIENT] = None if settings is None else _client(app, settings)


def called() -> str:
    """Return what the organisation is called, empty when there is no single sign-on."""
    settings = current.engine().settings.single_sign_on
    return settings.called if settings else ""


def way_out() -> str | None:
    """Return the address at which the organisation signs somebody out of everything else; None when it has none."""
    if (client := current_app.extensions[_CLIENT]) is None:
        return None
    try:
        ends = client.load_server_metadata().get("end_session_endpoint")
    except (requests.RequestException, ValueError):
        return None
    if not ends:
        return None
    back = {"client_id": client.client_id, "post_logout_redirect_uri": url_for("session.sign_in_page", _external=True)}
    return f"{ends}{'&' if urlsplit(ends).query else '?'}{urlencode(back)}"


@blueprint.get("")
@access.anyone
def begin() -> ResponseReturnValue:
    """Send to the organisation's own sign-in; `another` lets it ask which account of theirs is meant."""
    client, _ = _offered()
    back = url_for("single_sign_on.come_back", _external=True)
    try:
        asked = {"prompt": "select_account"} if request.args.get("another") else {}
        answer: ResponseReturnValue = client.authorize_redirect(back, nonce=secrets.token_urlsafe(24), **asked)
    except (requests.RequestException, AuthlibBaseError, ValueError) as error:
        raise Unavailable(AWAY) from error
    session[_ONWARD] = auth.local_address(request.args.get("next"))
    return answer


@blueprint.get("/return")
@access.anyone
def come_back() -> ResponseReturnValue:
    """Take what the organisation says of who has signed in there, and open a session."""
    client, settings = _offered()
    onward = auth.local_address(session.pop(_ONWARD, None))
    said = _said(client, settings)
    identity = Identity(
        issuer=settings.issuer,
        subject=said["sub"],
        email=str(said.get("email") or ""),
        email_verified=said.get("email_verified") is True,
        name=str(said.get("name") or ""),
    )
    signed = outside_identities.sign_in(current.engine(), identity=identity, settings=settings)
    session.clear()
    return auth.go_on(signed.token, onward)


def _said(client: Any, settings: SingleSignOn) -> dict[str, Any]:
    """Return the claims of the identity token, checked. Raises `NotVouchedFor` for what does not prove itself."""
    must_be = {
        "iss": {"essential": True, "value": settings.issuer},
        "aud": {"essential": True, "value": settings.client_id},
        "sub": {"essential": True},
        "nonce": {"essential": True},
    }
    try:
        metadata = client.load_server_metadata()
        offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        metadata["id_token_signing_alg_values_supported"] = [each for each in offered if each in SIGNED_WITH]
        token = client.authorize_access_token(claims_options=must_be, leeway=60)
        return dict(token["userinfo"])
    except requests.RequestException as error:
        raise Unavailable(AWAY) from error
    except OAuthError as error:
        # Its own word for what was pressed there, or for a page that was not this browser's to come back to.
        raise NotVouchedFor(CANCELLED if error.error == "access_denied" else NOT_PROVED) from error
    except (AuthlibBaseError, JoseError, KeyError, ValueError) as error:
        raise NotVouchedFor(NOT_PROVED) from error


def _offered() -> tuple[Any, SingleSignOn]:
    client, settings = current_app.extensions[_CLIENT], current.engine().settings.single_sign_on
    if client is None or settings is None:
        raise NotFound("Single sign-on is not set up here")
    return client, settings


def _client(app: Flask, settings: SingleSignOn) -> Any:
    return OAuth(app).register(
        "organisation",
        client_id=settings.client_id,
        client_secret=settings.client_secret,
        server_metadata_url=f"{settings.issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid email profile",
            "code_challenge_method": "S256",
            "default_timeout": SECONDS,
        },
    )
