"""Where a meeting is, as whoever is told of it may know: its place may be an address that is kept secret since."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.store.letter_warnings import addresses
from engine.store.relatives import Relative, whose_secret

ASK: Final = "ask where it is, as it is not written here"
"""What stands in the place's stead in every mail, letter, calendar and page."""


def as_told(place: str, known: Sequence[Relative], *, reader: str = "") -> str:
    """Return a meeting's place, or that one asks where it is when it gives away a secret address.

    `known` and `reader` are as in `relatives.secret_in`, with the brothers and sisters who live at a secret address.
    """
    return ASK if whose_secret(place, known, reader=reader) else place


def told(connection: sa.Connection, case_id: UUID, place: str, *, reader: str = "") -> str:
    """Return the same for a meeting of a case, as its addresses are kept now."""
    return as_told(place, addresses(connection, case_id), reader=reader) if place else ""
