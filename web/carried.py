"""Whose form it is, and what somebody typed into it that waits for them to sign in again.

The token of every form names the account that its page was made for. What waits travels in the browser's page, locked:
whoever signs in there meanwhile can neither read nor send it.
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

import orjson
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app, request, session
from itsdangerous import BadData, URLSafeTimedSerializer
from markupsafe import escape
from werkzeug.exceptions import HTTPException

from engine.casework.permissions import Actor
from web import current

KEPT: Final = timedelta(hours=12)
"""How long what was typed waits for who typed it: a working day, and nobody's next."""
_TOKEN: Final = "csrf_token"  # noqa: S105 - the name of a field
# A field that belongs to the page, not to what the person typed.
_NOT_CARRIED: Final = frozenset({_TOKEN})
_SALT: Final = "wtf-csrf-token"

Fields = list[tuple[str, str]]


def make_forms_theirs(actor: Actor) -> None:
    """Let the tokens of forms of this browser name `actor` from now on."""
    if _named(session.get(_TOKEN)) != actor.account_id:
        session[_TOKEN] = f"{actor.account_id}.{secrets.token_hex(20)}"


def made_for() -> UUID | None:
    """Return the account that the page which sent this form was made for; None when it does not say so provably."""
    try:
        said = URLSafeTimedSerializer(current_app.secret_key or "", salt=_SALT).loads(request.form.get(_TOKEN, ""))
    except BadData:
        return None
    return _named(said)


def typed() -> Fields:
    """Return what the form of this request says."""
    return [(name, value) for name, value in request.form.items(multi=True) if name not in _NOT_CARRIED]


def unshown(page: str) -> Fields:
    """Return what was typed into the form of this request, in more than one word, and stands nowhere on `page` (HTML).

    Nothing of a form that was made for somebody else, that is not ours, or that asks for a password.
    """
    person = current.actor_or_none()
    with suppress(HTTPException):  # one that is too large cannot be read
        theirs = made_for() == person.account_id if person else sent_by_our_page()
        if theirs and request.blueprint not in _SECRET:
            return [(_ID.sub("", name), text) for name, text in typed() if _is_said(text) and not _stands(text, page)]
    return []


def _is_said(text: str) -> bool:
    return len(text.split()) > 1 and not text.startswith("<?xml")


def _stands(text: str, page: str) -> bool:
    return str(escape(" ".join(text.split()))) in " ".join(page.split())


_SECRET: Final = frozenset({"session", "single_sign_on", "account"})
_ID: Final = re.compile(r"[-_][0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def sent_by_our_page() -> bool:
    """Tell whether the browser says so: no other site can make it. Our pages send no address of theirs along."""
    site = request.headers.get("Sec-Fetch-Site")
    return urlsplit(request.headers.get("Origin", "")).netloc == request.host if site is None else site == "same-origin"


def locked(account_id: UUID | None) -> str:
    """Return what the form of this request says, kept for `account_id` alone; empty when it is not known."""
    said = typed()
    if account_id is None or not said:
        return ""
    return _box().encrypt_at_time(orjson.dumps([str(account_id), said]), _second()).decode()


def unlocked(text: str | None) -> tuple[UUID, Fields] | None:
    """Return whose the words that `locked` keeps are, and the words; None when they are too old or not ours."""
    try:
        said = _box().decrypt_at_time((text or "").encode(), int(KEPT.total_seconds()), _second())
    except InvalidToken:
        return None
    account_id, fields = orjson.loads(said)
    return UUID(account_id), _pairs(fields)


def _pairs(fields: Sequence[Sequence[str]]) -> Fields:
    return [(name, value) for name, value in fields]


def _named(token: Any) -> UUID | None:
    try:
        return UUID(str(token).partition(".")[0])
    except ValueError:
        return None


def _box() -> Fernet:
    key = str(current_app.secret_key).encode()
    return Fernet(base64.urlsafe_b64encode(HKDF(hashes.SHA256(), 32, salt=None, info=b"caf carried").derive(key)))


def _second() -> int:
    return int(current.engine().clock.now().timestamp())
