"""What an installation decides: read once from the environment, then passed down frozen."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from engine.errors import Invalid

SHORTEST_SECRET = 32


@dataclass(frozen=True, slots=True)
class SingleSignOn:
    """How people sign in with the organisation they work for (OpenID Connect).

    `issuer` is its address, `called` what the button calls it. `makes_accounts`: somebody who is not known gets an
    account without a role, in the authority whose key is `authority` (empty: there is only one).
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    called: str = "your organisation"
    makes_accounts: bool = False
    authority: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one engine.

    `database_url` is an SQLAlchemy URL; `variable_folder` holds the outbox's files, the secret and
    lock files; `secret_key` (at least 32 characters) signs forms; `smtp_url` is `smtp://host:port`
    or None for `.eml` files in `variable_folder/outbox`; `largest_attachment` is in bytes. `proxies` is how many
    proxies stand before the service, whose word on who asks is believed. `metrics_token` is what a monitoring system
    sends to read the service's figures; without one there are none.
    """

    database_url: str
    variable_folder: Path
    secret_key: str = field(repr=False)
    smtp_url: str | None = field(default=None, repr=False)
    mail_from: str = "coordinate-support@localhost"
    secure_cookies: bool = False
    largest_attachment: int = 10 * 1024 * 1024
    proxies: int = 0
    single_sign_on: SingleSignOn | None = None
    metrics_token: str = field(default="", repr=False)

    @classmethod
    def from_environment(cls, *, database: str | None = None) -> Settings:
        """Read `CAF_DATABASE_URL`, `CAF_FOLDER`, `CAF_SECRET_KEY`, `CAF_SMTP_URL`, `CAF_MAIL_FROM`,
        `CAF_SECURE_COOKIES`, `CAF_LARGEST_FILE_MB`, `CAF_PROXIES`, `CAF_METRICS_TOKEN`, and for single
        sign-on `CAF_OIDC_ISSUER`, `CAF_OIDC_CLIENT_ID`, `CAF_OIDC_CLIENT_SECRET`, `CAF_OIDC_NAME`,
        `CAF_OIDC_NEW_ACCOUNTS` and `CAF_OIDC_AUTHORITY`; `database` (a URL) wins over the environment.

        Raises `Invalid` naming the setting: the secret is too short, a number is none, single sign-on is half set.
        """
        folder = _folder()
        secret = os.environ.get("CAF_SECRET_KEY") or _kept_secret(folder)
        if len(secret) < SHORTEST_SECRET:
            raise Invalid(f"CAF_SECRET_KEY must be at least {SHORTEST_SECRET} characters", field="CAF_SECRET_KEY")
        return cls(
            database_url=database_address(database),
            variable_folder=folder,
            secret_key=secret,
            smtp_url=os.environ.get("CAF_SMTP_URL") or None,
            mail_from=os.environ.get("CAF_MAIL_FROM", "coordinate-support@localhost"),
            secure_cookies=os.environ.get("CAF_SECURE_COOKIES") == "1",
            largest_attachment=_megabytes("CAF_LARGEST_FILE_MB", 10),
            proxies=_proxies(),
            single_sign_on=_single_sign_on(),
            metrics_token=_metrics_token(),
        )


def _metrics_token() -> str:
    token = os.environ.get("CAF_METRICS_TOKEN", "")
    if token and len(token) < SHORTEST_SECRET:
        raise Invalid(f"CAF_METRICS_TOKEN must be at least {SHORTEST_SECRET} characters", field="CAF_METRICS_TOKEN")
    return token


def _proxies() -> int:
    text = os.environ.get("CAF_PROXIES") or "0"
    if text not in ("0", "1", "2", "3", "4", "5"):
        raise Invalid("CAF_PROXIES must be the number of proxies before the service, 0 to 5", field="CAF_PROXIES")
    return int(text)


def _single_sign_on() -> SingleSignOn | None:
    issuer = os.environ.get("CAF_OIDC_ISSUER", "").rstrip("/")
    if not issuer:
        return None
    parts = urlsplit(issuer)
    if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise Invalid("CAF_OIDC_ISSUER must begin with https://", field="CAF_OIDC_ISSUER")
    for name in ("CAF_OIDC_CLIENT_ID", "CAF_OIDC_CLIENT_SECRET"):
        if not os.environ.get(name):
            raise Invalid(f"{name} is needed with CAF_OIDC_ISSUER", field=name)
    return SingleSignOn(
        issuer=issuer,
        client_id=os.environ["CAF_OIDC_CLIENT_ID"],
        client_secret=os.environ["CAF_OIDC_CLIENT_SECRET"],
        called=os.environ.get("CAF_OIDC_NAME") or "your organisation",
        makes_accounts=os.environ.get("CAF_OIDC_NEW_ACCOUNTS") == "1",
        authority=os.environ.get("CAF_OIDC_AUTHORITY", ""),
    )


def _megabytes(name: str, otherwise: int) -> int:
    """Return a size in bytes from a setting in megabytes. Raises `Invalid` unless it is a whole number, 1 to 1000."""
    text = os.environ.get(name) or str(otherwise)
    if not text.isdecimal() or not 1 <= int(text) <= 1000:
        raise Invalid(f"{name} must be a whole number from 1 to 1000", field=name)
    return int(text) * 1024 * 1024


def database_address(named: str | None = None) -> str:
    """Return the SQLAlchemy URL of the database: `named`, else `CAF_DATABASE_URL`, else a file in the folder."""
    return named or os.environ.get("CAF_DATABASE_URL") or f"sqlite:///{_folder() / 'caf.db'}"


def _folder() -> Path:
    return Path(os.environ.get("CAF_FOLDER", "var")).resolve()


def _kept_secret(folder: Path) -> str:
    """Return the secret of this installation, made on first use and readable by its owner only."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "secret"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        secret = secrets.token_urlsafe(48)
        file.write(secret)
    return secret
