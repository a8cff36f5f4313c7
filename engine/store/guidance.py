"""The rows of an authority's own guides."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.store.tables.guidance import guide_texts


def newest(connection: sa.Connection, authority_id: UUID) -> dict[str, sa.Row[Any]]:
    """Return the newest version of each guide by key, withdrawn ones too, by title."""
    rows = connection.execute(
        sa.select(guide_texts)
        .where(guide_texts.c.authority_id == authority_id)
        .order_by(guide_texts.c.title, guide_texts.c.key, guide_texts.c.version)
    )
    found = {row.key: row for row in sorted(rows, key=lambda row: row.version)}
    return dict(sorted(found.items(), key=lambda item: item[1].title.casefold()))


def versions(connection: sa.Connection, authority_id: UUID, key: str) -> list[sa.Row[Any]]:
    """Return every version of a guide, the newest first."""
    own = (guide_texts.c.authority_id == authority_id) & (guide_texts.c.key == key)
    return list(connection.execute(sa.select(guide_texts).where(own).order_by(guide_texts.c.version.desc())))
