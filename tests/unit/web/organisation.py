"""A small organisation that people sign in with: an OpenID Connect provider on this machine, for tests.

It checks what a provider has to check (client, redirect address, PKCE) and can be told to lie in ways that a client
has to notice.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT = ("caf", "a client's secret that is long enough")
_KEY = RSAKey.generate_key(2048, {"kid": "first"})
_OTHER_KEY = RSAKey.generate_key(2048, {"kid": "first"})


@dataclass(slots=True)
class Organisation:
    """The provider. `says` are claims of the next identity token, over the true ones; `person` who signs in.

    `signed` is how it signs: properly, with a key of its own that it never showed, with the client's secret, or not.
    `refuses` is the error that its own page sends back in place of a code, as when somebody presses Cancel there.
    """

    issuer: str = ""
    person: dict[str, Any] = field(default_factory=dict)
    says: dict[str, Any] = field(default_factory=dict)
    signed: Literal["properly", "forged", "shared", "not"] = "properly"
    asked: dict[str, str] = field(default_factory=dict)
    refuses: str = ""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    def authorise(self, address: str) -> str:
        """Sign `person` in, as the organisation's own page would, and return where the browser is sent back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["client_id"] == CLIENT[0] and asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256" and asked["code_challenge"]
        assert asked["state"] and asked["nonce"] and "openid" in asked["scope"].split()
        self.asked = asked
        if self.refuses:
            return f"{asked['redirect_uri']}?{urlencode({'error': self.refuses, 'state': asked['state']})}"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, form: dict[str, str], client: tuple[str, str]) -> dict[str, Any] | None:
        """Give an identity token for a code, once; None for whatever does not fit."""
        asked = self.codes.pop(form.get("code", ""), None)
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
        if client != CLIENT or asked is None or form.get("redirect_uri") != asked["redirect_uri"]:
            return None
        if challenge != asked["code_challenge"]:
            return None
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT[0], "iat": now, "exp": now + 60, "nonce": asked["nonce"],
            **self.person, **self.says,
        }  # fmt: skip
        return {"access_token": "nothing", "token_type": "Bearer", "expires_in": 60, "id_token": self._sign(claims)}

    def _sign(self, claims: dict[str, Any]) -> str:
        if self.signed == "not":
            parts = ({"alg": "none"}, claims)
            encoded = (base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=").decode() for each in parts)
            return f"{'.'.join(encoded)}."
        if self.signed == "shared":
            return jwt.encode({"alg": "HS256", "kid": "first"}, claims, OctKey.import_key(CLIENT[1]))
        key = _KEY if self.signed == "properly" else _OTHER_KEY
        return jwt.encode({"alg": "RS256", "kid": "first"}, claims, key)

    def metadata(self) -> dict[str, Any]:
        """Describe the provider. It offers unsigned tokens too, as some do: a client must not take them."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorise",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/leave",
            "id_token_signing_alg_values_supported": ["RS256", "none", "HS256"],
        }


@contextmanager
def running() -> Iterator[Organisation]:
    """Give a provider that answers on this machine."""
    organisation = Organisation()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/.well-known/openid-configuration":
                self._answer(organisation.metadata())
            elif self.path == "/keys":
                self._answer({"keys": [_KEY.as_dict(private=False)]})
            elif self.path.startswith("/authorise?"):
                self._send_to(organisation.authorise(self.path))
            elif self.path.startswith("/leave?"):
                self._send_to(parse_qs(urlsplit(self.path).query)["post_logout_redirect_uri"][0])
            else:
                self._answer({}, status=404)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            sent = base64.b64decode(self.headers.get("Authorization", "").removeprefix("Basic ")).decode()
            given = organisation.token(form, tuple(sent.split(":", 1)) if ":" in sent else ("", ""))
            if given is None:
                organisation.refused.append(form.get("code", ""))
            self._answer(given or {"error": "invalid_grant"}, status=200 if given else 400)

        def _send_to(self, address: str) -> None:
            self.send_response(302)
            self.send_header("Location", address)
            self.end_headers()

        def _answer(self, said: dict[str, Any], *, status: int = 200) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(said).encode())

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    organisation.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield organisation
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
