"""Codes of a second factor (RFC 6238): made by an app from a secret that both know, six digits, every 30 seconds."""

from __future__ import annotations

import base64
import hashlib
import secrets
from datetime import datetime
from io import BytesIO
from typing import Final

import pyotp
import segno
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SECONDS: Final = 30
AROUND: Final = 1
"""How many steps a phone's clock may be off, either way."""
RECOVERY_CODES: Final = 10
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"


def new_secret() -> str:
    """Return a new secret of 160 bits in base 32, as apps take it."""
    return pyotp.random_base32(32)


def sealed(secret: str, installation_key: str) -> str:
    """Return a secret encrypted (AES-128-CBC with HMAC, as Fernet says) under the installation's own secret."""
    return _box(installation_key).encrypt(secret.encode()).decode()


def opened(kept: str, installation_key: str) -> str | None:
    """Return what `sealed` was given; None when it was sealed under another installation's secret or was changed."""
    try:
        return _box(installation_key).decrypt(kept.encode()).decode()
    except InvalidToken:
        return None


def step_of(secret: str, code: str, *, at: datetime, after: int) -> int | None:
    """Return the step that a code is of, when it is right at the instant `at` and of a later step than `after`.

    None when it is wrong, too old or too early, or of a step whose code, or one after it, was used before.
    """
    typed = "".join(code.split())
    now = int(at.timestamp()) // SECONDS
    right = pyotp.TOTP(secret, interval=SECONDS)
    steps = range(max(now - AROUND, after + 1), now + AROUND + 1)
    fitting = [step for step in steps if secrets.compare_digest(right.generate_otp(step).encode(), typed.encode())]
    return fitting[0] if fitting else None


def address(secret: str, *, username: str, issuer: str) -> str:
    """Return the address (otpauth://) that an app reads from the picture."""
    return pyotp.TOTP(secret, interval=SECONDS).provisioning_uri(name=username, issuer_name=issuer)


def picture(text: str) -> str:
    """Return a QR code as inline SVG without styles or scripts; what it says must be told in words beside it."""
    out = BytesIO()
    segno.make(text, error="m").save(
        out, kind="svg", scale=5, border=4, xmldecl=False, svgns=True, nl=False, dark="#000", light="#fff"
    )
    return out.getvalue().decode()


def new_recovery_codes() -> list[str]:
    """Return codes to be written down, each good once, as `k7mq-x2vd` (39 bits)."""
    return ["-".join(_four() for _ in range(2)) for _ in range(RECOVERY_CODES)]


def recovery_hash(code: str, installation_key: str) -> str:
    """Return the keyed hash under which a recovery code is kept, however it was spaced."""
    plain = "".join(each for each in code.lower() if each.isalnum())
    key = hashlib.sha256(installation_key.encode()).digest()
    return hashlib.blake2b(plain.encode(), key=key, person=b"caf-recovery").hexdigest()


def _four() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(4))


def _box(installation_key: str) -> Fernet:
    derived = HKDF(hashes.SHA256(), 32, salt=None, info=b"caf second factor").derive(installation_key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
