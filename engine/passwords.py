"""Passwords: only their Argon2id hashes are ever kept."""

from __future__ import annotations

import secrets
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError


def hash_password(password: str) -> str:
    """Return the Argon2id hash of a password."""
    return PasswordHasher().hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Tell whether `password` is the one whose hash was kept; it takes as long when there is none."""
    try:
        PasswordHasher().verify(kept or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


@lru_cache(maxsize=1)
def _nobody() -> str:
    return hash_password(secrets.token_urlsafe(16))


_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without characters that are mistaken for each other when a password is read out."""


def one_time() -> str:
    """Return a password to be given to somebody and changed by them, as `k7mq-x2vd-9hpt-c4nw` (79 bits)."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))
    return "-".join(groups)
