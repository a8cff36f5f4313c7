"""Names as a search compares them: without accents and capitals."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa


def folded(text: str) -> str:
    """Return `text` without accents and capitals: neither database can do this to the names of every language."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(each for each in plain if not unicodedata.combining(each)).casefold()


def folded_name() -> sa.Column[Any]:
    """Make the column that holds a child's names folded, the family's first: lists are in its order.

    It is filled in as a row is written; whoever changes one of the names has to change it too.
    """
    return sa.Column("folded_name", sa.Text, nullable=False, default=_from_names)


def _from_names(context: Any) -> str:
    return folded_from(context.get_current_parameters())


def folded_from(given: Mapping[str, Any]) -> str:
    """Return a child's names folded, from the row that holds them."""
    names = (given.get(name) or "" for name in ("family_name", "given_name", "known_as"))
    return folded(" ".join(name for name in names if name))
