"""Until when cases are paused: a column for whatever lists them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from engine.store.tables.changes import case_pauses
from engine.store.tables.record import cases


def paused_until() -> sa.ColumnElement[Any]:
    """Return the day until which the case of a row of `cases` is paused, as `paused_until`; null when it is not."""
    current = sa.select(case_pauses.c.until_on).where(
        case_pauses.c.case_id == cases.c.id, case_pauses.c.ended_on.is_(None), cases.c.closed_on.is_(None)
    )
    return current.correlate(cases).scalar_subquery().label("paused_until")
