"""What is kept of a session's token: only the person's browser holds the token itself."""

from __future__ import annotations

import hashlib


def token_hash(token: str) -> str:
    """Return the hexadecimal SHA-256 under which a session is kept; tokens are random, so no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()
