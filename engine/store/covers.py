"""Who covers for somebody who is away, and whether they are here themselves: joined to rows of `absences`."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from engine.casework.standing import Cover
from engine.store.tables.people import absences, practitioners

_TODAY: Final = sa.bindparam("today", type_=sa.Date)
_DAY: Final = sa.case((absences.c.from_on > _TODAY, absences.c.from_on), else_=_TODAY)
"""Today, or for an absence to come its first day."""
_cover, _theirs = practitioners.alias("cover"), absences.alias("cover_away")

COVER: Final = (
    _cover.c.id.label("cover_id"),
    _cover.c.name.label("cover_name"),
    _theirs.c.id.label("cover_absence"),
    _theirs.c.expected_to_on.label("cover_away_to"),
)
"""What `cover_of` reads of a row."""


def with_cover(rows: sa.FromClause) -> sa.Join:
    """Join to absences, of which there may be none in a row, who covers; asked with `today`."""
    is_away = (
        (_theirs.c.practitioner_id == _cover.c.id)
        & _theirs.c.to_on.is_(None)
        & (_theirs.c.from_on <= _DAY)
        & (sa.func.coalesce(_theirs.c.expected_to_on, _DAY) >= _DAY)
    )
    return rows.outerjoin(_cover, _cover.c.id == absences.c.covered_by).outerjoin(_theirs, is_away)


def cover_of(row: Any) -> Cover:
    """Return who covers, as a row says that has the columns of `COVER`."""
    return Cover(row.cover_id, row.cover_name or "", row.cover_absence is not None, row.cover_away_to)
