"""Tokens of the private links by which somebody without an account answers an invitation. Pure.

A token is made from the installation's secret and the link's id whenever a letter is printed or sent, and is told by
the same secret: no database, and no backup of one, ever holds it, not even its hash.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import Final
from uuid import UUID

MARK: Final = "[your private page]"
"""Stands in a letter as it is kept where the address of its private page will be."""
_QUEUED: Final = re.compile(r"\[private page ([0-9a-f]{32})\]")


def token(secret: str, link_id: UUID) -> str:
    """Return the token of a link: 48 characters that nobody can guess without the installation's `secret`."""
    return base64.urlsafe_b64encode(link_id.bytes + _proof(secret, link_id)).decode()


def link_of(secret: str, given: str) -> UUID | None:
    """Return the link that a token is of; None for one that was not made with this `secret`."""
    try:
        raw = base64.b64decode(given.encode(), altchars=b"-_", validate=True)
    except ValueError:
        return None
    if len(raw) != _LINK + _PROOF:
        return None
    link_id = UUID(bytes=raw[:_LINK])
    return link_id if hmac.compare_digest(raw[_LINK:], _proof(secret, link_id)) else None


_LINK: Final = 16
_PROOF: Final = 20
"""Bytes of the link's id, and of what proves that the token was made here: 160 bits."""


def _proof(secret: str, link_id: UUID) -> bytes:
    key = hashlib.sha256(b"caf-reply-link" + secret.encode()).digest()
    return hmac.digest(key, link_id.bytes, "sha256")[:_PROOF]


def queued(text: str, link_id: UUID, pages: str) -> str:
    """Return a letter for the outbox: its link is named by id, below the address `pages`, until it is sent."""
    return text.replace(MARK, f"{pages.rstrip('/')}/[private page {link_id.hex}]")


def told(text: str, secret: str) -> str:
    """Return a queued letter as it leaves: with the token of each link that it names."""
    return _QUEUED.sub(lambda found: token(secret, UUID(found[1])), text)
