"""Which page of a long list is asked for."""

from __future__ import annotations

from typing import Final

from flask import request

FARTHEST: Final = 10_000


def page_asked() -> int:
    """Return the number of the page that an address asks for, the first where it is no number; the list checks it."""
    given = request.args.get("page", "1")
    return min(int(given), FARTHEST) if given.isascii() and given.isdigit() and len(given) < 6 else 1
