"""Tokens of the private links by which somebody without an account answers an invitation. Pure.

A token is made from the installation's secret and the link's id whenever a letter is printed or sent, so that no
database, and no backup of one, ever holds it: only its hash is kept.
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
    """Return the token of a link: 32 characters that nobody can guess without the installation's `secret`."""
    made = hmac.digest(hashlib.sha256(b"caf-reply-link" + secret.encode()).digest(), link_id.bytes, "sha256")
    return base64.urlsafe_b64encode(made[:24]).decode()


def token_hash(given: str) -> str:
    """Return the hash under which a link is found."""
    return hashlib.sha256(given.encode()).hexdigest()


def queued(text: str, link_id: UUID, pages: str) -> str:
    """Return a letter for the outbox: its link is named by id, below the address `pages`, until it is sent."""
    return text.replace(MARK, f"{pages.rstrip('/')}/[private page {link_id.hex}]")


def told(text: str, secret: str) -> str:
    """Return a queued letter as it leaves: with the token of each link that it names."""
    return _QUEUED.sub(lambda found: token(secret, UUID(found[1])), text)
