"""Finds the private page on which somebody says whether a plan helped, by its token, which is nowhere kept."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from engine.casework.reply_tokens import link_of
from engine.store.tables.access import case_restrictions
from engine.store.tables.guidance import closing_links

_RESTRICTED: Final = sa.exists().where(
    case_restrictions.c.case_id == closing_links.c.case_id, case_restrictions.c.lifted_at.is_(None)
)
_FIND: Final = sa.select(closing_links).where(closing_links.c.id == sa.bindparam("id_"), ~_RESTRICTED)


def find(connection: sa.Connection, token: str, *, secret: str) -> Any:
    """Return the link of a token, or None, as of a restricted case; whether it has ended is not asked.

    `secret` is the installation's.
    """
    link_id = link_of(secret, token)
    return None if link_id is None else connection.execute(_FIND, {"id_": link_id}).first()
