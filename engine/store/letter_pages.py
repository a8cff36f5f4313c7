"""Finds the private page of a letter by its token, which is nowhere kept."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import sqlalchemy as sa

from engine.casework.reply_tokens import link_of
from engine.store.letter_warnings import reader_of, secrets, why_held
from engine.store.tables.meetings import letter_pages, letters

_FIND: Final = (
    sa.select(letter_pages, letters.c.member_id, letters.c.subject, letters.c.body, letters.c.written_on)
    .join(letters, letters.c.id == letter_pages.c.letter_id)
    .where(
        letter_pages.c.id == sa.bindparam("id_"),
        letter_pages.c.revoked_at.is_(None),
    )
)

_LETTER: Final = sa.select(letters).where(letters.c.id == sa.bindparam("id_"))


def find(connection: sa.Connection, token: str, *, secret: str) -> Any:
    """Return the page of a token with its letter, or None; whether it has ended is not asked.

    There is none for somebody who by now is to be told nothing, nor for a letter that tells what they are not to know.
    `secret` is the installation's.
    """
    page_id = link_of(secret, token)
    page = None if page_id is None else connection.execute(_FIND, {"id_": page_id}).first()
    if page is None:
        return None
    kept = secrets(connection, page.case_id)
    letter = connection.execute(_LETTER, {"id_": page.letter_id}).one()
    if reader_of(letter, kept.known) is None:
        return None
    return None if why_held(connection, letter, kept) else page


def of_letters(connection: sa.Connection, case_id: Any) -> dict[Any, Any]:
    """Return the newest page of each letter of a case that has one, by the letter's id."""
    own = sa.select(letter_pages).where(letter_pages.c.case_id == case_id).order_by(letter_pages.c.id)
    return {row.letter_id: row for row in connection.execute(own)}


def state_of(page: Any, today: date) -> str:
    """Return "open", "ended" or "revoked"; "" for no page."""
    if page is None:
        return ""
    if page.revoked_at is not None:
        return "revoked"
    return "ended" if page.ends_on < today else "open"
